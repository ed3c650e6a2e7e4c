using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>Joins our rows to the sandbox's ledger, message by message, by the reference that travelled with each send.</summary>
/// <param name="Lost">Accepted by one side and unknown to the other.</param>
/// <param name="Duplicates">Copies beyond the first of one message to one recipient.</param>
internal sealed record Reconciliation(int Lost, int Duplicates)
{
    // What a provider may have: accepted, or in doubt.
    private const string Ours = """
        SELECT reference AS Reference, address_index AS AddressIndex, state AS State
        FROM   message
        WHERE  run_id IN @runs AND state IN (3, 4, 5, 8)
        """;

    /// <summary>Joins the messages of <paramref name="runs"/> to everything that the sandbox took since they began.</summary>
    public static async Task<Reconciliation> OfAsync(
        Database database, BlindIndex blindIndex, IReadOnlyList<RunId> runs, IReadOnlyList<SandboxMessage> theirs, CancellationToken ct)
    {
        var ours = await database.ReadAsync(session => session.QueryAsync<Row>(Ours, new { runs = runs.Select(run => run.Value) }), ct);
        var copies = theirs.GroupBy(message => KeyOf(message, blindIndex)).ToDictionary(group => group.Key, group => group.Count());
        var lost = ours.Count(row => row.State != (int)MessageState.InDoubt && !copies.ContainsKey(row.Key));
        var known = ours.Select(row => row.Key).ToHashSet();
        return new Reconciliation(lost + copies.Keys.Count(key => !known.Contains(key)), copies.Values.Sum(count => count - 1));
    }

    // A batch of SMS shares one reference, so the recipient is part of the key.
    private static string KeyOf(SandboxMessage message, BlindIndex blindIndex) =>
        message.Channel == Channel.WeChatSubscribe.Code() || !PhoneNumber.TryParse(message.To, out var phone, out _)
            ? message.Reference ?? ""
            : message.Reference + " " + blindIndex.Of(MemberColumns.PhoneIndex, phone.Digits);

    private sealed class Row
    {
        public string Reference { get; init; } = "";
        public string? AddressIndex { get; init; }
        public long State { get; init; }

        public string Key => AddressIndex is null ? Reference : Reference + " " + AddressIndex;
    }
}
