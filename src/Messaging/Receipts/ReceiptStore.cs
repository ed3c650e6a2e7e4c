using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>A provider's last word on one send.</summary>
/// <param name="InboundId">The pushed row that it came in; makes two receipts of one send distinct.</param>
/// <param name="ProviderRef">The provider's reference (<c>msgid</c>, <c>BizId</c>).</param>
/// <param name="OurRef">Our own reference, when the provider gives it back; empty when not.</param>
/// <param name="AddressIndexes">For a call with many recipients, the recipient's blind index under every key in use; <c>null</c> when the reference is enough.</param>
/// <param name="Delivered">Whether the person has it.</param>
/// <param name="Code">The provider's code.</param>
internal sealed record Receipt(long InboundId, string ProviderRef, string OurRef, IReadOnlyList<string>? AddressIndexes, bool Delivered, string Code)
{
    /// <summary>Who says so; <c>null</c> when the reference alone tells. Two providers number their sends without asking each other.</summary>
    public string? Provider { get; init; }

    /// <summary>The one send without a reference of the provider's that it can mean; <c>null</c> when there is none, or more than one.</summary>
    public DoubtfulSend? Meant { get; init; }
}

/// <summary>A send that a provider may have taken without our knowing its reference.</summary>
internal readonly record struct DoubtfulSend(long MessageId, int AttemptNo);

/// <summary>Joins receipts to messages.</summary>
/// <remarks>
/// Receipts come late, twice and in any order. What a provider has delivered is Delivered, whatever we had made of the message, unless it
/// has been sent again: then its state is that of the newer attempt, and it is known to be there twice.
/// </remarks>
internal static class ReceiptStore
{
    private const string Find = """
        SELECT id AS Id, attempt_no AS AttemptNo, provider AS Provider, provider_ref AS Ref, address_index AS AddressIndex FROM message WHERE provider_ref IN @refs
        """;

    // A send in doubt has no reference of the provider's: ours and the number find it, by way of the number's owners.
    private const string FindDoubtful = """
        SELECT m.id AS Id, m.attempt_no AS AttemptNo, m.provider AS Provider, m.reference AS Ref, m.address_index AS AddressIndex
        FROM   member o JOIN message m ON m.member_id = o.id
        WHERE  o.phone_index IN @indexes AND m.reference IN @refs AND m.provider_ref IS NULL
        """;

    private const string FindEarlier = """
        SELECT message_id AS Id, attempt_no AS AttemptNo, provider AS Provider, provider_ref AS Ref FROM attempt WHERE provider_ref IN @refs
        """;

    // Messages of one call share its reference, and an attempt of the past keeps no number: its member's tells them apart.
    private const string FindEarlierDoubtful = """
        SELECT a.message_id AS Id, a.attempt_no AS AttemptNo, a.provider AS Provider, a.reference AS Ref, o.phone_index AS AddressIndex
        FROM   member o JOIN message m ON m.member_id = o.id JOIN attempt a ON a.message_id = m.id
        WHERE  o.phone_index IN @indexes AND a.reference IN @refs
        """;

    // A receipt settles what was in doubt; a later one may correct an earlier one, or our having given up on it. A delivered message stays delivered.
    private const string Open = "(state IN (2, 3, 8) OR (state = 5 AND (@p1 = 4 OR reason = 'no_receipt')))";

    private const string Settle = $"""
        UPDATE message SET state = @p1, outcome_code = @p2, receipt_at = @p3, reason = NULL, ready_at = NULL
        WHERE  id = @p0 AND provider_ref = @p4 AND {Open}
        """;

    // Moved on, and not sent again: waiting, refused by the gate meanwhile, or failed. What arrived has arrived.
    private const string SettleDoubt = $"""
        UPDATE message SET state = @p1, outcome_code = @p2, receipt_at = @p3, reason = NULL, ready_at = NULL, provider_ref = @p4
        WHERE  id = @p0 AND attempt_no = @p5 AND provider_ref IS NULL AND ({Open} OR (state IN (1, 6, 7) AND @p1 = 4))
        """;

    private const string Twice = "UPDATE message SET possibly_twice = 1 WHERE id = @p0 AND attempt_no > @p1 AND state IN (2, 3, 4, 5, 8) AND possibly_twice = 0";

    private const string ArrivedEarlier = """
        UPDATE message
        SET    state = 4, outcome_code = @p2, receipt_at = @p3, reason = NULL, ready_at = NULL,
               channel = (SELECT a.channel FROM attempt a WHERE a.message_id = @p0 AND a.attempt_no = @p1),
               provider = (SELECT a.provider FROM attempt a WHERE a.message_id = @p0 AND a.attempt_no = @p1),
               reference = (SELECT a.reference FROM attempt a WHERE a.message_id = @p0 AND a.attempt_no = @p1)
        WHERE  id = @p0 AND attempt_no >= @p1 AND state IN (1, 6, 7)
        """;

    /// <summary>Applies receipts; returns those whose send is ours, whether they changed something or not.</summary>
    public static async Task<IReadOnlySet<Receipt>> ApplyAsync(Tx tx, IReadOnlyList<Receipt> receipts, long now)
    {
        var matched = new HashSet<Receipt>(ReferenceEqualityComparer.Instance);
        if (receipts.Count == 0) return matched;

        var known = await JoinAsync(tx, Find, receipts, r => r.ProviderRef, matched).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Settle, 5, known, (s, v) =>
        {
            Fill(s, now, v);
            v[4] = s.Receipt.ProviderRef;
        }).ConfigureAwait(false);

        var doubtful = await JoinAsync(tx, FindDoubtful, Named(receipts, matched), r => r.OurRef, matched).ConfigureAwait(false);
        await SettleDoubtsAsync(tx, doubtful, now, (_, _) => { }).ConfigureAwait(false);

        var meant = receipts.Where(r => !matched.Contains(r) && r.Meant is not null)
            .Select(r => new Match(r.Meant!.Value.MessageId, r.Meant.Value.AttemptNo, r)).ToList();
        var settled = 0;
        await SettleDoubtsAsync(tx, meant, now, (match, changed) =>
        {
            settled += changed;
            if (changed == 1) matched.Add(match.Receipt);
        }).ConfigureAwait(false);
        if (settled > 0) await SweepStore.CountAsync(tx, "settled_by_event", settled, now).ConfigureAwait(false);

        var earlier = await JoinAsync(tx, FindEarlier, [.. receipts.Where(r => !matched.Contains(r))], r => r.ProviderRef, matched).ConfigureAwait(false);
        var earlierDoubtful = await JoinAsync(tx, FindEarlierDoubtful, Named(receipts, matched), r => r.OurRef, matched).ConfigureAwait(false);
        await SettleEarlierAsync(tx, [.. earlier.Concat(earlierDoubtful).Where(m => m.Receipt.Delivered)], now).ConfigureAwait(false);
        return matched;
    }

    private static List<Receipt> Named(IReadOnlyList<Receipt> receipts, HashSet<Receipt> matched) =>
        [.. receipts.Where(r => !matched.Contains(r) && r.OurRef.Length > 0 && r.AddressIndexes is { Count: > 0 })];

    private static async Task<List<Match>> JoinAsync(Tx tx, string find, IReadOnlyList<Receipt> receipts, Func<Receipt, string> reference, HashSet<Receipt> matched)
    {
        var joined = new List<Match>();
        if (receipts.Count == 0) return joined;
        var sends = (await tx.QueryAsync<SendRow>(find, new
        {
            refs = receipts.Select(reference).Distinct(), indexes = receipts.SelectMany(r => r.AddressIndexes ?? []).Distinct(),
        }).ConfigureAwait(false)).ToLookup(row => row.Ref);
        foreach (var receipt in receipts)
        {
            if (sends[reference(receipt)].FirstOrDefault(send => Is(send, receipt)) is not { } send) continue;
            matched.Add(receipt);
            joined.Add(new Match(send.Id, (int)send.AttemptNo, receipt));
        }

        return joined;
    }

    private static Task SettleDoubtsAsync(Tx tx, List<Match> matches, long now, Action<Match, int> done) => tx.ExecuteManyAsync(SettleDoubt, 6, matches, (s, v) =>
    {
        Fill(s, now, v);
        (v[4], v[5]) = (s.Receipt.ProviderRef, s.AttemptNo);
    }, done);

    private static async Task SettleEarlierAsync(Tx tx, List<Match> arrived, long now)
    {
        var twice = 0;
        await tx.ExecuteManyAsync(Twice, 2, arrived, static (m, v) => (v[0], v[1]) = (m.Id, m.AttemptNo), (_, changed) => twice += changed).ConfigureAwait(false);
        await tx.ExecuteManyAsync(ArrivedEarlier, 4, arrived, (m, v) => (v[0], v[1], v[2], v[3]) = (m.Id, m.AttemptNo, m.Receipt.Code, now)).ConfigureAwait(false);
        if (twice > 0) await SweepStore.CountAsync(tx, "arrived_twice", twice, now).ConfigureAwait(false);
    }

    private static void Fill(Match match, long now, object?[] v) => (v[0], v[1], v[2], v[3]) =
        (match.Id, (int)(match.Receipt.Delivered ? MessageState.Delivered : MessageState.Undelivered), match.Receipt.Code, now);

    // An attempt that was found by the provider's reference alone has no number.
    private static bool Is(SendRow send, Receipt receipt) =>
        (receipt.Provider is null || send.Provider is null || send.Provider == receipt.Provider) && (receipt.AddressIndexes is null || send.AddressIndex is not { } index || receipt.AddressIndexes.Contains(index));

    private readonly record struct Match(long Id, int AttemptNo, Receipt Receipt);

    private sealed class SendRow
    {
        public long Id { get; init; }
        public long AttemptNo { get; init; }
        public string? Provider { get; init; }
        public string Ref { get; init; } = "";
        public string? AddressIndex { get; init; }
    }
}
