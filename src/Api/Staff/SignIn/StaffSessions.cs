using Engagement.Api.Staff.Accounts;
using Engagement.Members.Staff;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Staff.SignIn;

/// <summary>One sign-in of one member of staff on one device.</summary>
internal sealed record StaffSession(long Id, StaffId StaffId, long SeenAt, long ExpiresAt, bool SecondFactor, bool Demo);

/// <summary>Sessions: rows that a cookie is worth. Instants are those of the system clock.</summary>
internal sealed class StaffSessions(Database database, IdGenerator ids, Clocks clocks, IOptions<StaffOptions> options)
{
    // A request a minute is written down; more would make every read a write.
    private static readonly TimeSpan s_seenStep = TimeSpan.FromMinutes(1);

    private const string Insert = """
        INSERT INTO staff_session (id, staff_id, created_at, seen_at, expires_at, second_factor_at, demo)
        VALUES (@id, @staff, @now, @now, @expires, @secondFactor, @demo)
        """;

    private const string Select = """
        SELECT id, staff_id AS StaffId, seen_at AS SeenAt, expires_at AS ExpiresAt, second_factor_at AS SecondFactorAt, demo
        FROM staff_session WHERE id = @id AND ended_at IS NULL
        """;

    private const string UpdateSeen = "UPDATE staff_session SET seen_at = @now WHERE id = @id";
    private const string EndOne = "UPDATE staff_session SET ended_at = @now, ended_why = @why WHERE id = @id AND ended_at IS NULL";
    private const string EndAll = "UPDATE staff_session SET ended_at = @now, ended_why = @why WHERE staff_id = @staff AND ended_at IS NULL AND id <> @except";

    /// <summary>Begins a session.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="staff">Whose.</param>
    /// <param name="secondFactor">Whether a code was given.</param>
    /// <param name="demo">Whether it is a one-click sign-in of the demo.</param>
    public async Task<StaffSession> BeginAsync(Tx tx, StaffId staff, bool secondFactor, bool demo)
    {
        var now = clocks.System.NowMs();
        var session = new StaffSession(ids.Next(), staff, now, now + (long)options.Value.Longest.TotalMilliseconds, secondFactor, demo);
        await tx.ExecuteAsync(Insert, new { id = session.Id, staff = staff.Value, now, expires = session.ExpiresAt, secondFactor = secondFactor ? now : (long?)null, demo = demo ? 1 : 0 });
        return session;
    }

    /// <summary>Whoever holds the cookie of this session, with their account as it is now; <c>null</c> when it has ended, expired or idled out.</summary>
    public async Task<StaffCaller?> FindAsync(long id, CancellationToken ct)
    {
        var now = clocks.System.NowMs();
        var found = await database.ReadAsync(async session =>
        {
            var row = await session.SingleOrDefaultAsync<Row>(Select, new { id });
            if (row is null || row.ExpiresAt <= now || row.SeenAt + options.Value.Idle.TotalMilliseconds <= now) return null;
            var account = await session.AccountAsync(new StaffId(row.StaffId));
            if (account is null or { Disabled: true }) return null;
            return new StaffCaller(account, row.ToSession(), await session.StoresAsync(account.Id), now);
        }, ct);
        if (found is not null && now - found.Session.SeenAt >= s_seenStep.TotalMilliseconds) await database.WriteAsync(tx => tx.ExecuteAsync(UpdateSeen, new { id, now }), ct);
        return found;
    }

    /// <summary>Ends one session.</summary>
    public Task EndAsync(Tx tx, long id, string why) => tx.ExecuteAsync(EndOne, new { id, why, now = clocks.System.NowMs() });

    /// <summary>Ends every session of an account, or every other one.</summary>
    public Task EndAllAsync(Tx tx, StaffId staff, string why, long except = 0) => tx.ExecuteAsync(EndAll, new { staff = staff.Value, why, except, now = clocks.System.NowMs() });

    private sealed class Row
    {
        public long Id { get; init; }
        public long StaffId { get; init; }
        public long SeenAt { get; init; }
        public long ExpiresAt { get; init; }
        public long? SecondFactorAt { get; init; }
        public long Demo { get; init; }

        public StaffSession ToSession() => new(Id, new StaffId(StaffId), SeenAt, ExpiresAt, SecondFactorAt is not null, Demo != 0);
    }
}
