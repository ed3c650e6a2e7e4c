using System.Text.Json;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>What becomes of points on a ticket.</summary>
internal enum PointsState
{
    Reserved = 1,
    Used = 2,
    Released = 3,
    Lapsed = 4,
    Returned = 5,
}

/// <summary>Points that pay for a ticket, or did.</summary>
internal sealed record HeldPoints(long Id, TicketRef Ticket, MemberId Member, long Points, long Fen, IReadOnlyList<LineShare> Shares, PointsState State, long? ReservedUntil)
{
    /// <summary>The key of their booking in the ledger.</summary>
    public string Key => $"pos:{Id}";

    /// <summary>Whether the ticket has them at that moment.</summary>
    public bool IsLive(long now) => State == PointsState.Used || (State == PointsState.Reserved && ReservedUntil > now);
}

/// <summary>Points on tickets. A reservation takes them off the balance at once, so that nobody spends them twice; letting go gives them back to the lots they came from.</summary>
/// <remarks>Callers hold the ticket's lock (<see cref="TillStore.LockTicketAsync"/>).</remarks>
internal sealed class TillPoints(Database database, IdGenerator ids, Clocks clocks, PointsDesk desk)
{
    private const int Batch = 200;

    private const string Columns = """
        id AS Id, store_id AS StoreId, till_no AS TillNo, ticket_no AS TicketNo, member_id AS MemberId, points AS Points, fen AS Fen, shares AS Shares, state AS State, reserved_until AS ReservedUntil
        """;

    // The latest row says what the ticket has, or why it has nothing any more.
    internal const string SelectLatest = $"SELECT {Columns} FROM till_points WHERE store_id = @store AND ticket_no = @number AND till_no = @till ORDER BY id DESC LIMIT 1";
    internal const string SelectDue = $"SELECT {Columns} FROM till_points WHERE state = 1 AND reserved_until <= @now ORDER BY reserved_until LIMIT @limit";

    private const string Insert = """
        INSERT INTO till_points (id, store_id, till_no, ticket_no, member_id, points, fen, shares, state, live, made_at, reserved_until)
        VALUES (@id, @store, @till, @number, @member, @points, @fen, @shares, @state, 1, @now, @until)
        """;

    private const string Use = "UPDATE till_points SET state = 2, reserved_until = NULL WHERE id = @id AND state = 1 AND reserved_until > @now";
    private const string End = "UPDATE till_points SET state = @to, live = NULL WHERE id = @id AND state = @from";

    /// <summary>What the ticket has, or had last; <c>null</c> when it never had any.</summary>
    public static async Task<HeldPoints?> LatestAsync(Session session, TicketRef ticket) =>
        (await session.SingleOrDefaultAsync<Row>(SelectLatest, new { store = ticket.Store.Value, number = ticket.Number, till = ticket.Till }).ConfigureAwait(false))?.ToHeld();

    /// <summary>Puts points on a ticket that has none: reserved until an instant, or used at once. <c>null</c> when the member has fewer.</summary>
    public async Task<(HeldPoints? Held, long Active)> HoldAsync(Tx tx, TicketRef ticket, MemberId member, long points, long fen, IReadOnlyList<LineShare> shares, long? until)
    {
        var held = new HeldPoints(ids.Next(), ticket, member, points, fen, shares, until is null ? PointsState.Used : PointsState.Reserved, until);
        var paid = await desk.RedeemAsync(tx, member, points, held.Key, "门店消费抵扣").ConfigureAwait(false);
        if (paid.Outcome != PointsOutcome.Done) return (null, paid.Active);
        await tx.ExecuteAsync(Insert, new
        {
            id = held.Id, store = ticket.Store.Value, till = ticket.Till, number = ticket.Number, member = member.Value, points, fen,
            shares = JsonSerializer.Serialize(shares), state = (int)held.State, now = clocks.Business.NowMs(), until,
        }).ConfigureAwait(false);
        return (held, paid.Active);
    }

    /// <summary>Turns a reservation into use; <c>false</c> when it has run out.</summary>
    public static async Task<bool> UseAsync(Tx tx, HeldPoints held, long now) => await tx.ExecuteAsync(Use, new { id = held.Id, now }).ConfigureAwait(false) == 1;

    /// <summary>Takes points off their ticket and gives them back; <c>false</c> when somebody else did.</summary>
    public async Task<bool> GiveBackAsync(Tx tx, HeldPoints held, PointsState to)
    {
        if (await tx.ExecuteAsync(End, new { id = held.Id, to = (int)to, from = (int)held.State }).ConfigureAwait(false) != 1) return false;
        await desk.CancelAsync(tx, held.Member, held.Key).ConfigureAwait(false);
        return true;
    }

    /// <summary>Notes that the till has heard of a reservation that had run out.</summary>
    public static Task ForgetAsync(Tx tx, HeldPoints held) => tx.ExecuteAsync(End, new { id = held.Id, to = (int)PointsState.Released, from = (int)PointsState.Lapsed });

    /// <summary>Gives back what was reserved for too long; how many tickets that were.</summary>
    public async Task<int> SweepAsync(CancellationToken ct)
    {
        var now = clocks.Business.NowMs();
        var due = await database.ReadAsync(session => session.QueryAsync<Row>(SelectDue, new { now, limit = Batch }), ct).ConfigureAwait(false);
        foreach (var held in due.Select(row => row.ToHeld()))
        {
            await database.WriteAsync(async tx =>
            {
                await tx.LockTicketAsync(held.Ticket).ConfigureAwait(false);
                await GiveBackAsync(tx, held, PointsState.Lapsed).ConfigureAwait(false);
            }, ct).ConfigureAwait(false);
        }

        return due.Count;
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long StoreId { get; init; }
        public string TillNo { get; init; } = "";
        public string TicketNo { get; init; } = "";
        public long MemberId { get; init; }
        public long Points { get; init; }
        public long Fen { get; init; }
        public string Shares { get; init; } = "";
        public long State { get; init; }
        public long? ReservedUntil { get; init; }

        public HeldPoints ToHeld() => new(
            Id, new TicketRef(new StoreId(StoreId), TillNo, TicketNo), new MemberId(MemberId), Points, Fen, JsonSerializer.Deserialize<LineShare[]>(Shares)!, (PointsState)State, ReservedUntil);
    }
}
