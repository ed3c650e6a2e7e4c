using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>A provider's last word on one send.</summary>
/// <param name="InboundId">The pushed row that it came in; makes two receipts of one send distinct.</param>
/// <param name="ProviderRef">The provider's reference (<c>msgid</c>, <c>BizId</c>).</param>
/// <param name="OurRef">Our own reference, when the provider gives it back; empty when not.</param>
/// <param name="AddressIndexes">For a call with many recipients, the recipient's blind index under every key in use; <c>null</c> when the reference is enough.</param>
/// <param name="Delivered">Whether the person has it.</param>
/// <param name="Code">The provider's code.</param>
internal sealed record Receipt(long InboundId, string ProviderRef, string OurRef, IReadOnlyList<string>? AddressIndexes, bool Delivered, string Code);

/// <summary>Joins receipts to messages.</summary>
internal static class ReceiptStore
{
    private const string Find = """
        SELECT id AS Id, provider_ref AS ProviderRef, address_index AS AddressIndex FROM message WHERE provider_ref IN @refs
        """;

    private const string FindEarlier = "SELECT message_id AS Id, provider_ref AS ProviderRef FROM attempt WHERE provider_ref IN @refs";

    // A send in doubt has no reference of the provider's: ours and the number find it, by way of the number's owners.
    private const string FindDoubtful = """
        SELECT m.id AS Id, m.reference AS ProviderRef, m.address_index AS AddressIndex
        FROM   member o JOIN message m ON m.member_id = o.id
        WHERE  o.phone_index IN @indexes AND m.reference IN @refs AND m.state = 8 AND m.provider_ref IS NULL
        """;

    private const string SettleDoubt = """
        UPDATE message SET state = @p1, outcome_code = @p2, receipt_at = @p3, provider_ref = @p4, ready_at = NULL
        WHERE  id = @p0 AND reference = @p5 AND state = 8 AND provider_ref IS NULL
        """;

    // A receipt settles what was in doubt; a later one may correct an earlier one. A delivered message stays delivered.
    private const string Settle = """
        UPDATE message SET state = @p1, outcome_code = @p2, receipt_at = @p3, ready_at = NULL
        WHERE  id = @p0 AND provider_ref = @p4 AND (state IN (2, 3, 8) OR (state = 5 AND @p1 = 4))
        """;

    /// <summary>Applies receipts; returns those whose send is ours, whether they changed something or not.</summary>
    public static async Task<IReadOnlySet<Receipt>> ApplyAsync(Tx tx, IReadOnlyList<Receipt> receipts, long now)
    {
        var matched = new HashSet<Receipt>(ReferenceEqualityComparer.Instance);
        if (receipts.Count == 0) return matched;

        var refs = receipts.Select(r => r.ProviderRef).Distinct().ToList();
        var sends = (await tx.QueryAsync<SendRow>(Find, new { refs }).ConfigureAwait(false)).ToLookup(row => row.ProviderRef);
        var settled = new List<(long Id, Receipt Receipt)>();
        foreach (var receipt in receipts)
        {
            if (sends[receipt.ProviderRef].FirstOrDefault(send => Is(send, receipt)) is not { } send) continue;
            matched.Add(receipt);
            settled.Add((send.Id, receipt));
        }

        await tx.ExecuteManyAsync(Settle, 5, settled, (s, v) => (v[0], v[1], v[2], v[3], v[4]) =
            (s.Id, (int)(s.Receipt.Delivered ? MessageState.Delivered : MessageState.Undelivered), s.Receipt.Code, now, s.Receipt.ProviderRef)).ConfigureAwait(false);
        await SettleDoubtsAsync(tx, [.. receipts.Where(r => !matched.Contains(r) && r.OurRef.Length > 0 && r.AddressIndexes is { Count: > 0 })], matched, now).ConfigureAwait(false);
        var earlier = receipts.Where(r => !matched.Contains(r)).ToList();
        if (earlier.Count > 0) await MatchEarlierAsync(tx, earlier, matched).ConfigureAwait(false);
        return matched;
    }

    private static async Task SettleDoubtsAsync(Tx tx, List<Receipt> receipts, HashSet<Receipt> matched, long now)
    {
        if (receipts.Count == 0) return;
        var doubtful = (await tx.QueryAsync<SendRow>(FindDoubtful, new
        {
            indexes = receipts.SelectMany(r => r.AddressIndexes!).Distinct(), refs = receipts.Select(r => r.OurRef).Distinct(),
        }).ConfigureAwait(false)).ToLookup(row => row.ProviderRef);
        var settled = new List<(long Id, Receipt Receipt)>();
        foreach (var receipt in receipts)
        {
            if (doubtful[receipt.OurRef].FirstOrDefault(send => Is(send, receipt)) is not { } send) continue;
            matched.Add(receipt);
            settled.Add((send.Id, receipt));
        }

        await tx.ExecuteManyAsync(SettleDoubt, 6, settled, (s, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) =
            (s.Id, (int)(s.Receipt.Delivered ? MessageState.Delivered : MessageState.Undelivered), s.Receipt.Code, now, s.Receipt.ProviderRef, s.Receipt.OurRef)).ConfigureAwait(false);
    }

    private static bool Is(SendRow send, Receipt receipt) =>
        receipt.AddressIndexes is null || (send.AddressIndex is { } index && receipt.AddressIndexes.Contains(index));

    // The message has moved on to another attempt: the receipt is ours, and changes nothing.
    private static async Task MatchEarlierAsync(Tx tx, List<Receipt> receipts, HashSet<Receipt> matched)
    {
        var refs = (await tx.QueryAsync<SendRow>(FindEarlier, new { refs = receipts.Select(r => r.ProviderRef).Distinct() }).ConfigureAwait(false))
            .Select(row => row.ProviderRef).ToHashSet();
        matched.UnionWith(receipts.Where(r => refs.Contains(r.ProviderRef)));
    }

    private sealed class SendRow
    {
        public long Id { get; init; }
        public string ProviderRef { get; init; } = "";
        public string? AddressIndex { get; init; }
    }
}
