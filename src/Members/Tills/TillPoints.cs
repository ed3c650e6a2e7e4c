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

/// <summary>A line of a ticket that points pay for.</summary>
/// <param name="LineNo">Its number.</param>
/// <param name="Quantity">How many units.</param>
/// <param name="Fen">What points pay of it.</param>
/// <param name="Returned">How many units have come back.</param>
internal readonly record struct PaidLine(int LineNo, int Quantity, long Fen, int Returned = 0);

/// <summary>Points that pay for a ticket, or did.</summary>
internal sealed record HeldPoints(long Id, TicketRef Ticket, MemberId Member, long Points, long Fen, IReadOnlyList<PaidLine> Lines, PointsState State, long? ReservedUntil)
{
    /// <summary>How it is spread.</summary>
    public IReadOnlyList<LineShare> Shares => [.. Lines.Where(line => line.Fen > 0).Select(line => new LineShare(line.LineNo, line.Fen))];

    /// <summary>The key of their booking in the ledger.</summary>
    public string Key => $"pos:{Id}";

    /// <summary>Whether the ticket has them at that moment.</summary>
    public bool IsLive(long now) => State == PointsState.Used || (State == PointsState.Reserved && ReservedUntil > now);
}

/// <summary>Points on tickets. A reservation takes them off the balance at once, so that nobody spends them twice; letting go gives them back to the lots they came from.</summary>
/// <remarks>Callers hold the ticket's lock (<see cref="TillStore.LockTicketAsync"/>).</remarks>
internal sealed class TillPoints(IdGenerator ids, TimeProvider businessClock, PointsDesk desk)
{
    private const int Batch = 200;
    private const int ValidDays = 365;

    private const string Columns = """
        id AS Id, store_id AS StoreId, till_no AS TillNo, ticket_no AS TicketNo, member_id AS MemberId, points AS Points, fen AS Fen, paid_lines AS PaidLines, state AS State, reserved_until AS ReservedUntil
        """;

    // The latest row says what the ticket has, or why it has nothing any more.
    internal const string SelectLatest = $"SELECT {Columns} FROM till_points WHERE store_id = @store AND ticket_no = @number AND till_no = @till ORDER BY id DESC LIMIT 1";
    internal const string SelectDue = $"SELECT {Columns} FROM till_points WHERE state = 1 AND reserved_until <= @now ORDER BY reserved_until LIMIT @limit";

    private const string SelectTickets = "SELECT till_points.store_id, till_points.ticket_no FROM till_points";

    private const string Insert = """
        INSERT INTO till_points (id, store_id, till_no, ticket_no, member_id, points, fen, paid_lines, state, live, made_at, reserved_until)
        VALUES (@id, @store, @till, @number, @member, @points, @fen, @lines, @state, 1, @now, @until)
        """;

    private const string Use = "UPDATE till_points SET state = 2, reserved_until = NULL WHERE id = @id AND state = 1 AND reserved_until > @now";
    private const string Extend = "UPDATE till_points SET reserved_until = @until WHERE id = @id AND state = 1 AND reserved_until > @now AND reserved_until < @until";
    private const string End = "UPDATE till_points SET state = @to, live = NULL WHERE id = @id AND state = @from";

    private static readonly string[] s_ticket = ["store_id", "ticket_no"];

    /// <summary>What the ticket has, or had last; <c>null</c> when it never had any.</summary>
    public static async Task<HeldPoints?> LatestAsync(Session session, TicketRef ticket) =>
        (await session.SingleOrDefaultAsync<Row>(SelectLatest, new { store = ticket.Store.Value, number = ticket.Number, till = ticket.Till }).ConfigureAwait(false))?.ToHeld();

    /// <summary>Puts points on a ticket that has none: reserved until an instant, or used at once. <c>null</c> when the member has fewer.</summary>
    public async Task<(HeldPoints? Held, long Active)> HoldAsync(Tx tx, TicketRef ticket, MemberId member, long points, long fen, IReadOnlyList<PaidLine> lines, long? until)
    {
        var held = new HeldPoints(ids.Next(), ticket, member, points, fen, lines, until is null ? PointsState.Used : PointsState.Reserved, until);
        var paid = await desk.RedeemAsync(tx, member, points, held.Key, "门店消费抵扣").ConfigureAwait(false);
        if (paid.Outcome != PointsOutcome.Done) return (null, paid.Active);
        await tx.ExecuteAsync(Insert, new
        {
            id = held.Id, store = ticket.Store.Value, till = ticket.Till, number = ticket.Number, member = member.Value, points, fen,
            lines = JsonSerializer.Serialize(lines), state = (int)held.State, now = businessClock.NowMs(), until,
        }).ConfigureAwait(false);
        return (held, paid.Active);
    }

    /// <summary>Turns a reservation into use; <c>false</c> when it has run out.</summary>
    public static async Task<bool> UseAsync(Tx tx, HeldPoints held, long now) => await tx.ExecuteAsync(Use, new { id = held.Id, now }).ConfigureAwait(false) == 1;

    /// <summary>Holds a reservation that has not run out for longer: one ticket has one time limit.</summary>
    public static Task ExtendAsync(Tx tx, HeldPoints held, long now, long until) => tx.ExecuteAsync(Extend, new { id = held.Id, now, until });

    /// <summary>Takes points off their ticket and gives them back; <c>false</c> when somebody else did.</summary>
    public async Task<bool> GiveBackAsync(Tx tx, HeldPoints held, PointsState to)
    {
        if (await tx.ExecuteAsync(End, new { id = held.Id, to = (int)to, from = (int)held.State }).ConfigureAwait(false) != 1) return false;
        await desk.GiveBackAsync(tx, held.Member, held.Key, ValidDays, "抵扣取消，积分退回").ConfigureAwait(false);
        return true;
    }

    /// <summary>Goods of tickets came back, as the purchase feed says: a ticket of which everything is back gives its points back, once.</summary>
    public async Task ReturnAsync(Tx tx, IReadOnlyList<ReturnedLine> lines)
    {
        if (lines.Count == 0) return;
        var paid = new HashSet<(long, string)>();
        await tx.ReadInAsync(SelectTickets, s_ticket, [.. lines.Select(line => (Store: line.Sold.Store.Value, line.Sold.Number)).Distinct()],
            static (ticket, values) => (values[0], values[1]) = (ticket.Store, ticket.Number), row => paid.Add((row.GetInt64(0), row.GetString(1)))).ConfigureAwait(false);
        foreach (var ticket in lines.Where(line => paid.Contains((line.Sold.Store.Value, line.Sold.Number))).GroupBy(line => line.Sold, line => line.Line))
        {
            await tx.LockTicketAsync(ticket.Key).ConfigureAwait(false);
            if (await LatestAsync(tx, ticket.Key).ConfigureAwait(false) is not { State: PointsState.Used } held) continue;
            var units = ticket.GroupBy(line => line.LineNo).ToDictionary(line => line.Key, line => line.Sum(part => part.Quantity));
            IReadOnlyList<PaidLine> left = [.. held.Lines.Select(line => line with { Returned = line.Returned + units.GetValueOrDefault(line.LineNo) })];
            await tx.ExecuteAsync("UPDATE till_points SET paid_lines = @lines WHERE id = @id", new { id = held.Id, lines = JsonSerializer.Serialize(left) }).ConfigureAwait(false);
            if (left.All(line => line.Returned >= line.Quantity)) await GiveBackAsync(tx, held, PointsState.Returned).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that the till has heard of a reservation that had run out.</summary>
    public static Task ForgetAsync(Tx tx, HeldPoints held) => tx.ExecuteAsync(End, new { id = held.Id, to = (int)PointsState.Released, from = (int)PointsState.Lapsed });

    /// <summary>Gives back what was reserved for too long; how many tickets that were.</summary>
    public async Task<int> SweepAsync(Database database, CancellationToken ct)
    {
        var now = businessClock.NowMs();
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
        public string PaidLines { get; init; } = "";
        public long State { get; init; }
        public long? ReservedUntil { get; init; }

        public HeldPoints ToHeld() => new(
            Id, new TicketRef(new StoreId(StoreId), TillNo, TicketNo), new MemberId(MemberId), Points, Fen, JsonSerializer.Deserialize<PaidLine[]>(PaidLines)!, (PointsState)State, ReservedUntil);
    }
}
