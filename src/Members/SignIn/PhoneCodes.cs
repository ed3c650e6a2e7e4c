using System.Globalization;
using System.Security.Cryptography;
using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.SignIn;

/// <summary>What a code proves.</summary>
public enum PhoneCodePurpose
{
    /// <summary>That the phone is the caller's own.</summary>
    OwnPhone = 1,

    /// <summary>That the guardian of a member under fourteen agrees.</summary>
    Guardian = 2,
}

/// <summary>A code that is to be sent now, or why there is none.</summary>
/// <param name="Id">Its id; 0 when there is none.</param>
/// <param name="Code">The six digits; <c>null</c> when the limits say no.</param>
/// <param name="Wait">How long to wait then.</param>
public readonly record struct NewPhoneCode(long Id, string? Code, TimeSpan Wait)
{
    /// <summary>Masked.</summary>
    public override string ToString() => $"NewPhoneCode {{ Id = {Id} }}";
}

/// <summary>Codes that prove a phone number. Six digits, five minutes, five tries, one use; few to one number and few from one session.</summary>
public sealed class PhoneCodes(Database database, IdGenerator ids, BlindIndex index, Clocks clocks)
{
    private const int MostTries = 5;
    private const string CodeIndex = "phone_code";

    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_between = TimeSpan.FromMinutes(1);

    // Most in the time before now: to one number, and from one session.
    private static readonly (TimeSpan Span, int Phone, int Session)[] s_limits =
        [(s_between, 1, 1), (TimeSpan.FromHours(1), 5, 5), (TimeSpan.FromDays(1), 10, 10)];

    private const string Insert = """
        INSERT INTO phone_code (id, session_id, phone_index, purpose, code_index, tries, sent_at, expires_at)
        VALUES (@id, @session, @phone, @purpose, @code, 0, @now, @expires)
        """;

    private const string Count = """
        SELECT (SELECT COUNT(*) FROM phone_code WHERE phone_index IN @phones AND sent_at > @since) AS Phone,
               (SELECT COUNT(*) FROM phone_code WHERE session_id = @session AND sent_at > @since) AS Session
        """;

    private const string SelectLast = """
        SELECT id, code_index AS CodeIndex, tries, expires_at AS ExpiresAt, used_at AS UsedAt FROM phone_code
        WHERE  session_id = @session AND purpose = @purpose AND phone_index IN @phones
        ORDER BY sent_at DESC, id DESC LIMIT 1
        """;

    private const string UpdateTries = "UPDATE phone_code SET tries = tries + 1 WHERE id = @id";
    private const string Use = "UPDATE phone_code SET used_at = @now WHERE id = @id AND used_at IS NULL";
    private const string Sweep = "DELETE FROM phone_code WHERE sent_at < @before";

    /// <summary>Makes a code for a number, within the limits.</summary>
    public Task<NewPhoneCode> MakeAsync(long session, PhoneNumber phone, PhoneCodePurpose purpose, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var now = clocks.System.NowMs();
        var phones = index.Candidates(MemberColumns.PhoneIndex, phone.Digits);
        foreach (var (span, perPhone, perSession) in s_limits)
        {
            var count = (await tx.SingleOrDefaultAsync<Counts>(Count, new { phones, session, since = now - (long)span.TotalMilliseconds }).ConfigureAwait(false))!;
            if (count.Phone >= perPhone || count.Session >= perSession) return new NewPhoneCode(0, null, span);
        }

        var (id, code) = (ids.Next(), RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture));
        await tx.ExecuteAsync(Insert, new
        {
            id, session, phone = phones[0], purpose = (int)purpose, code = index.Of(CodeIndex, $"{id}:{code}"), now, expires = now + (long)s_life.TotalMilliseconds,
        }).ConfigureAwait(false);
        return new NewPhoneCode(id, code, default);
    }, ct);

    /// <summary>Whether this is the code that was sent to the number last, and uses it up. A wrong one counts as a try, also when the caller gives up.</summary>
    public async Task<bool> TakeAsync(long session, PhoneNumber phone, PhoneCodePurpose purpose, string code, CancellationToken ct) => await database.WriteAsync(async tx =>
    {
        var now = clocks.System.NowMs();
        var phones = index.Candidates(MemberColumns.PhoneIndex, phone.Digits);
        var row = await tx.SingleOrDefaultAsync<Row>($"{SelectLast} {tx.Dialect.ForUpdate}", new { session, purpose = (int)purpose, phones }).ConfigureAwait(false);
        if (row is null || row.UsedAt is not null || row.ExpiresAt <= now || row.Tries >= MostTries) return false;
        if (!index.Candidates(CodeIndex, $"{row.Id}:{code}").Contains(row.CodeIndex))
        {
            await tx.ExecuteAsync(UpdateTries, new { id = row.Id }).ConfigureAwait(false);
            return false;
        }

        return await tx.ExecuteAsync(Use, new { id = row.Id, now }).ConfigureAwait(false) == 1;
    }, ct).ConfigureAwait(false);

    /// <summary>Removes codes that count for no limit any more.</summary>
    public Task<int> SweepAsync(CancellationToken ct) =>
        database.WriteAsync(tx => tx.ExecuteAsync(Sweep, new { before = clocks.System.NowMs() - (long)s_limits[^1].Span.TotalMilliseconds }), ct);

    private sealed class Counts
    {
        public long Phone { get; init; }
        public long Session { get; init; }
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public string CodeIndex { get; init; } = "";
        public long Tries { get; init; }
        public long ExpiresAt { get; init; }
        public long? UsedAt { get; init; }
    }
}
