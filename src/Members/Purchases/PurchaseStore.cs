using Engagement.Storage;

namespace Engagement.Members.Purchases;

/// <summary>The SQL of tickets and their lines.</summary>
internal static class PurchaseStore
{
    private const string InsertTicket = "INSERT INTO purchase (id, source, store_id, till_no, ticket_no, event, business_day, member_id)";

    private const string InsertLine = """
        INSERT INTO purchase_line (id, purchase_id, line_no, product_id, quantity, unit_price_fen, discount_fen, net_fen, days_supply,
                                   batch_no, expiry_day, trace_codes, prescription_no, original_line_id, content_hash, insurance_fen)
        """;

    private const string SelectIds = "SELECT id FROM purchase WHERE id IN";
    private const string SelectByKey = "SELECT id, store_id, ticket_no, till_no, source, event, business_day, member_id FROM purchase";
    private const string SelectHashes = "SELECT purchase_id, line_no, content_hash FROM purchase_line WHERE purchase_id IN";

    private const string SelectSoldLines = """
        SELECT p.store_id, p.ticket_no, p.till_no, p.source, p.member_id, l.id, l.line_no, l.product_id, p.event
        FROM purchase p JOIN purchase_line l ON l.purchase_id = p.id
        """;

    private static readonly string[] s_key = ["store_id", "ticket_no", "till_no", "source"];
    private static readonly string[] s_number = ["p.store_id", "p.ticket_no"];

    /// <summary>Inserts the tickets that are not there; finds the others, which then carry the stored id and <see cref="Ticket.IsNew"/> false.</summary>
    /// <returns>The stored head of each ticket that was there.</returns>
    public static async Task<Dictionary<TicketKey, StoredTicket>> InsertTicketsAsync(this Tx tx, IReadOnlyList<Ticket> tickets)
    {
        var stored = new Dictionary<TicketKey, StoredTicket>();
        var inserted = await tx.InsertManyAsync(InsertTicket, tickets, static (ticket, values) =>
        {
            (values[0], values[1], values[2], values[3]) = (ticket.Id, ticket.Key.Source, ticket.Key.StoreId, ticket.Key.TillNo);
            (values[4], values[5], values[6], values[7]) = (ticket.Key.TicketNo, (int)ticket.Event, ticket.Day, ticket.MemberId);
        }, tx.Dialect.OnConflictKeep("store_id, ticket_no, till_no, source")).ConfigureAwait(false);

        // MySQL counts a row that it kept as changed, so there the question has to be asked.
        if (inserted == tickets.Count && tx.Dialect == Dialect.Sqlite) return stored;
        var present = new HashSet<long>();
        await tx.ReadInAsync(SelectIds, [.. tickets.Select(t => t.Id)], row => present.Add(row.GetInt64(0))).ConfigureAwait(false);
        var others = tickets.Where(t => !present.Contains(t.Id)).ToList();
        await tx.ReadTicketsAsync([.. others.Select(ticket => ticket.Key)], stored.Add).ConfigureAwait(false);
        foreach (var ticket in others) (ticket.Id, ticket.IsNew) = (stored[ticket.Key].Id, false);
        return stored;
    }

    /// <summary>The heads of those tickets that are there.</summary>
    public static Task ReadTicketsAsync(this Session session, IReadOnlyList<TicketKey> keys, Action<TicketKey, StoredTicket> ticket) =>
        session.ReadInAsync(SelectByKey, s_key, keys, static (key, values) => (values[0], values[1], values[2], values[3]) = (key.StoreId, key.TicketNo, key.TillNo, key.Source), row =>
            ticket(new TicketKey(row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4)),
                new StoredTicket(row.GetInt64(0), row.GetInt32(5), row.GetInt32(6), row.IsDBNull(7) ? null : row.GetInt64(7))));

    /// <summary>What the stored lines of these tickets said.</summary>
    public static async Task<Dictionary<(long Ticket, int LineNo), string>> LineHashesAsync(this Session session, IReadOnlyList<long> tickets)
    {
        var hashes = new Dictionary<(long, int), string>();
        await session.ReadInAsync(SelectHashes, tickets, row => hashes.Add((row.GetInt64(0), row.GetInt32(1)), row.GetString(2))).ConfigureAwait(false);
        return hashes;
    }

    public static Task InsertLinesAsync(this Tx tx, IReadOnlyList<TicketLine> lines) => tx.InsertManyAsync(InsertLine, lines, FillLine);

    /// <summary>The lines of sale tickets with these numbers, of whatever till.</summary>
    public static Task ReadSoldLinesAsync(this Session session, IReadOnlyList<(long StoreId, string TicketNo)> tickets, Action<SoldLine> line) =>
        session.ReadInAsync(SelectSoldLines, s_number, tickets, static (ticket, values) => (values[0], values[1]) = (ticket.StoreId, ticket.TicketNo), row =>
        {
            if (row.GetInt32(8) != (int)Imports.PurchaseEvent.Sale) return;
            line(new SoldLine(new TicketKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)),
                row.IsDBNull(4) ? null : row.GetInt64(4), row.GetInt64(5), row.GetInt32(6), row.GetInt64(7)));
        });

    private static void FillLine(TicketLine line, object?[] values)
    {
        var row = line.Row;
        values[0] = line.Id;
        values[1] = line.Ticket.Id;
        values[2] = row.LineNo;
        values[3] = line.Product.Id;
        values[4] = row.Quantity;
        values[5] = row.UnitPriceFen;
        values[6] = row.DiscountFen;
        values[7] = row.NetFen;
        values[8] = row.DaysSupply;
        values[9] = row.BatchNo;
        values[10] = row.ExpiryDay;
        // Trace codes have letters and digits only, so this is JSON without further ado.
        values[11] = row.TraceCodes.Count == 0 ? null : $"[\"{string.Join("\",\"", row.TraceCodes)}\"]";
        values[12] = row.PrescriptionNo;
        values[13] = line.OriginalLineId;
        values[14] = line.Hash;
        values[15] = row.InsuranceFen;
    }
}

/// <summary>The head of a ticket that is in the table.</summary>
internal readonly record struct StoredTicket(long Id, int Event, int Day, long? MemberId);

/// <summary>A line that was sold, as a refund looks for it.</summary>
internal readonly record struct SoldLine(TicketKey Ticket, long? MemberId, long LineId, int LineNo, long ProductId);
