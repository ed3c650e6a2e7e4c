using Engagement.Members.Staff;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Points;

/// <summary>What became of a correction.</summary>
public enum AdjustmentOutcome
{
    /// <summary>It is booked.</summary>
    Applied = 1,

    /// <summary>It is above the limit: a second person has to agree.</summary>
    Waiting = 2,

    /// <summary>It was refused by a second person.</summary>
    Refused = 3,

    /// <summary>No points or more than a million, no reason, or a reason of more than 150 characters.</summary>
    Invalid = 4,

    /// <summary>There are fewer active points than are to be taken.</summary>
    Insufficient = 5,

    /// <summary>Whoever asked for it cannot agree to it.</summary>
    SamePerson = 6,

    /// <summary>There is none that waits under this id.</summary>
    NotFound = 7,
}

/// <summary>A correction that waits.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Member">Whose points.</param>
/// <param name="Points">How many, below zero to take.</param>
/// <param name="Reason">Why.</param>
/// <param name="ProposedBy">Who asks for it.</param>
/// <param name="ProposedAt">When, in Unix milliseconds.</param>
public sealed record Adjustment(long Id, MemberId Member, long Points, string Reason, string ProposedBy, long ProposedAt);

/// <summary>Corrections by staff: always with a reason, and above a limit with two people.</summary>
public sealed class AdjustmentDesk(Database database, IdGenerator ids, Clocks clocks, IOptions<PointsOptions> options)
{
    private const int LongestReason = 150;
    private const long MostPoints = 1_000_000;
    private const int Waiting = 1;
    private const int Applied = 2;
    private const int Refused = 3;

    private const string Insert = """
        INSERT INTO points_adjustment (id, member_id, points, reason, state, proposed_by, proposed_at)
        VALUES (@id, @member, @points, @reason, @state, @by, @now)
        """;

    private const string Decide = "UPDATE points_adjustment SET state = @state, decided_by = @by, decided_at = @now WHERE id = @id AND state = 1";

    private const string SelectWaiting = """
        SELECT id AS Id, member_id AS MemberId, points AS Points, reason AS Reason, proposed_by AS ProposedBy, proposed_at AS ProposedAt
        FROM   points_adjustment
        WHERE  state = 1
        """;

    /// <summary>Asks for a correction; up to the limit it is booked at once.</summary>
    /// <returns>The outcome, and the id of the correction when there is one.</returns>
    public Task<(AdjustmentOutcome Outcome, long Id)> ProposeAsync(MemberId member, long points, string reason, string by, CancellationToken ct) =>
        database.WriteAsync(tx => ProposeAsync(tx, member, points, reason, by), ct);

    /// <inheritdoc cref="ProposeAsync(MemberId, long, string, string, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public async Task<(AdjustmentOutcome Outcome, long Id)> ProposeAsync(Tx tx, MemberId member, long points, string reason, string by)
    {
        if (points is 0 or > MostPoints or < -MostPoints || string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason) return (AdjustmentOutcome.Invalid, 0);
        var id = ids.Next();
        var alone = Math.Abs(points) <= options.Value.AdjustmentLimit;
        if (alone && !await BookAsync(tx, id, member.Value, points, reason).ConfigureAwait(false)) return (AdjustmentOutcome.Insufficient, 0);
        await tx.ExecuteAsync(Insert, new { id, member = member.Value, points, reason, state = alone ? Applied : Waiting, by, now = clocks.Business.NowMs() }).ConfigureAwait(false);
        return (alone ? AdjustmentOutcome.Applied : AdjustmentOutcome.Waiting, id);
    }

    /// <summary>Agrees to a correction that somebody else asked for; it is booked.</summary>
    public Task<AdjustmentOutcome> ApproveAsync(long id, string by, CancellationToken ct) => database.WriteAsync(tx => ApproveAsync(tx, id, by), ct);

    /// <inheritdoc cref="ApproveAsync(long, string, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public async Task<AdjustmentOutcome> ApproveAsync(Tx tx, long id, string by)
    {
        if (await tx.SingleOrDefaultAsync<Row>($"{SelectWaiting} AND id = @id {tx.Dialect.ForUpdate}", new { id }).ConfigureAwait(false) is not { } row) return AdjustmentOutcome.NotFound;
        if (row.ProposedBy == by) return AdjustmentOutcome.SamePerson;
        if (!await BookAsync(tx, id, row.MemberId, row.Points, row.Reason).ConfigureAwait(false)) return AdjustmentOutcome.Insufficient;
        await tx.ExecuteAsync(Decide, new { id, state = Applied, by, now = clocks.Business.NowMs() }).ConfigureAwait(false);
        return AdjustmentOutcome.Applied;
    }

    /// <summary>Says no to a correction.</summary>
    public Task<AdjustmentOutcome> RefuseAsync(long id, string by, CancellationToken ct) => database.WriteAsync(tx => RefuseAsync(tx, id, by), ct);

    /// <inheritdoc cref="RefuseAsync(long, string, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public async Task<AdjustmentOutcome> RefuseAsync(Tx tx, long id, string by) =>
        await tx.ExecuteAsync(Decide, new { id, state = Refused, by, now = clocks.Business.NowMs() }).ConfigureAwait(false) == 1 ? AdjustmentOutcome.Refused : AdjustmentOutcome.NotFound;

    /// <summary>Corrections that wait, the oldest first.</summary>
    public Task<IReadOnlyList<Adjustment>> WaitingAsync(CancellationToken ct) => database.ReadAsync(session => WaitingAsync(session, StaffScope.Everything, null, 200), ct);

    /// <summary>Corrections that wait, of members in the scope, the oldest first.</summary>
    public static async Task<IReadOnlyList<Adjustment>> WaitingAsync(Session session, StaffScope scope, long? after, int limit) =>
        [.. (await session.QueryAsync<Row>($"""
            {SelectWaiting} AND id > @after AND EXISTS (SELECT 1 FROM member m WHERE m.id = member_id AND {scope.Sql("m.store_id")})
            ORDER BY id
            LIMIT @limit
            """, new { after = after ?? 0, limit, scope.Stores, scope.Owner }).ConfigureAwait(false))
            .Select(row => new Adjustment(row.Id, new MemberId(row.MemberId), row.Points, row.Reason, row.ProposedBy, row.ProposedAt))];

    private async Task<bool> BookAsync(Tx tx, long id, long member, long points, string reason)
    {
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        var account = await ledger.OpenOneAsync(member).ConfigureAwait(false);
        if (account.Adjust(points, $"adjust:{id}", ledger.Today, options.Value.AdjustmentValidDays, reason) is null) return false;
        await ledger.SaveAsync().ConfigureAwait(false);
        return true;
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long MemberId { get; init; }
        public long Points { get; init; }
        public string Reason { get; init; } = "";
        public string ProposedBy { get; init; } = "";
        public long ProposedAt { get; init; }
    }
}
