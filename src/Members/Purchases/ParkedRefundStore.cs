using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Members.Purchases;

/// <summary>A refund line whose sale has not come.</summary>
internal sealed record ParkedRefund(long Id, TicketKey Key, long? MemberId, PurchaseLineRow Row, string Hash);

/// <summary>The SQL of refund lines that wait. What was bought is a matter of health, so the row is encrypted.</summary>
internal static partial class ParkedRefundStore
{
    private static readonly CipherColumn s_row = new("parked_refund", "row");
    private static readonly string[] s_original = ["store_id", "original_ticket_no"];
    private static readonly string[] s_key = ["store_id", "ticket_no", "till_no", "source", "line_no"];

    private static readonly string[] s_ticket = s_key[..4];

    private const string SelectAny = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM parked_refund LIMIT 1) waiting";
    private const string SelectHashes = "SELECT store_id, ticket_no, till_no, source, line_no, content_hash FROM parked_refund";
    private const string SelectLines = "SELECT store_id, ticket_no, till_no, source, line_no, content_hash, id FROM parked_refund";
    private const string Select = "SELECT id, store_id, ticket_no, till_no, source, member_id, row_cipher, content_hash FROM parked_refund";
    private const string Insert = """
        INSERT INTO parked_refund (id, source, store_id, till_no, ticket_no, line_no, original_ticket_no, member_id, row_cipher, content_hash, parked_at)
        """;

    private const string SelectOfStore = "SELECT id, row_cipher FROM parked_refund WHERE store_id = @p0 AND source = @p1";
    private const string Delete = "DELETE FROM parked_refund WHERE id = @p0";

    public static async Task<bool> AnyParkedAsync(this Session session) => await session.ScalarAsync<long>(SelectAny).ConfigureAwait(false) > 0;

    /// <summary>What waiting lines said that have the keys of <paramref name="refunds"/>.</summary>
    public static async Task<Dictionary<(TicketKey, int), string>> ParkedHashesAsync(this Session session, IReadOnlyList<ParkedRefund> refunds)
    {
        var hashes = new Dictionary<(TicketKey, int), string>();
        await session.ReadInAsync(SelectHashes, s_key, refunds, static (refund, values) =>
            (values[0], values[1], values[2], values[3], values[4]) =
            (refund.Key.StoreId, refund.Key.TicketNo, refund.Key.TillNo, refund.Key.Source, refund.Row.LineNo),
            row => hashes[(new TicketKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)), row.GetInt32(4))] = row.GetString(5))
            .ConfigureAwait(false);
        return hashes;
    }

    /// <summary>What the waiting lines of these refund tickets said.</summary>
    public static Task ReadParkedLinesAsync(this Session session, IReadOnlyList<TicketKey> tickets, Action<TicketKey, int, string> line) =>
        session.ReadInAsync(SelectLines, s_ticket, tickets, static (key, values) => (values[0], values[1], values[2], values[3]) = (key.StoreId, key.TicketNo, key.TillNo, key.Source),
            row => line(new TicketKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)), row.GetInt32(4), row.GetString(5)));

    /// <summary>The lines of a store that wait.</summary>
    public static Task ReadParkedOfStoreAsync(this Session session, long store, string source, FieldCipher cipher, Action<PurchaseLineRow> line) =>
        session.ReadRowsAsync(SelectOfStore, row => line(JsonSerializer.Deserialize(cipher.Decrypt(s_row, row.GetInt64(0), row.GetFieldValue<byte[]>(1))!, RowJson.Default.PurchaseLineRow)!), store, source);

    /// <summary>Lines that wait for one of these tickets.</summary>
    public static async Task<List<ParkedRefund>> ParkedForAsync(this Session session, IReadOnlyList<(long StoreId, string TicketNo)> tickets, FieldCipher cipher)
    {
        var parked = new List<ParkedRefund>();
        await session.ReadInAsync(Select, s_original, tickets, static (ticket, values) => (values[0], values[1]) = (ticket.StoreId, ticket.TicketNo), row =>
        {
            var id = row.GetInt64(0);
            var text = cipher.Decrypt(s_row, id, row.GetFieldValue<byte[]>(6))!;
            parked.Add(new ParkedRefund(id, new TicketKey(row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4)),
                row.IsDBNull(5) ? null : row.GetInt64(5), JsonSerializer.Deserialize(text, RowJson.Default.PurchaseLineRow)!, row.GetString(7)));
        }).ConfigureAwait(false);
        return parked;
    }

    public static Task ParkAsync(this Tx tx, IReadOnlyList<ParkedRefund> refunds, FieldCipher cipher, long now) =>
        tx.InsertManyAsync(Insert, refunds, (refund, values) =>
        {
            (values[0], values[1], values[2], values[3]) = (refund.Id, refund.Key.Source, refund.Key.StoreId, refund.Key.TillNo);
            (values[4], values[5], values[6], values[7]) = (refund.Key.TicketNo, refund.Row.LineNo, refund.Row.OriginalTicketNo, refund.MemberId);
            // The member is known by now or never will be: no phone has to wait here.
            var text = JsonSerializer.Serialize(refund.Row with { Phone = "" }, RowJson.Default.PurchaseLineRow);
            (values[8], values[9], values[10]) = (cipher.Encrypt(s_row, refund.Id, text), refund.Hash, now);
        });

    public static Task UnparkAsync(this Tx tx, IReadOnlyList<ParkedRefund> refunds) =>
        tx.ExecuteManyAsync(Delete, 1, refunds, static (refund, values) => values[0] = refund.Id);

    [JsonSerializable(typeof(PurchaseLineRow))]
    private sealed partial class RowJson : JsonSerializerContext;
}
