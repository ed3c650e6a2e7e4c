using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>Joins our rows to the sandbox's ledger, message by message, by the reference that travelled with each send.</summary>
/// <param name="Lost">Accepted by one side and unknown to the other.</param>
/// <param name="Duplicates">Copies beyond the first of one message to one recipient.</param>
/// <param name="Earlier">What the sandbox took for messages that an earlier run had left waiting.</param>
internal sealed record Reconciliation(int Lost, int Duplicates, int Earlier)
{
    // What a provider may have: accepted (3, 4, 5), or in doubt (8).
    private const string OfRuns = """
        SELECT id AS Id, reference AS Reference, address_index AS AddressIndex, state AS State
        FROM   message
        WHERE  run_id IN @runs AND state IN (3, 4, 5, 8)
        """;

    private const string OfOthers = """
        SELECT id AS Id, reference AS Reference, address_index AS AddressIndex, state AS State
        FROM   message
        WHERE  provider_ref IN @refs AND run_id NOT IN @runs
        """;

    private const int Chunk = 500;

    /// <summary>Joins the messages of <paramref name="runs"/>, and others that left meanwhile, to everything in the sandbox's ledger.</summary>
    public static async Task<Reconciliation> OfAsync(
        Database database, BlindIndex blindIndex, IReadOnlyList<RunId> runs, IReadOnlyList<SandboxMessage> theirs, CancellationToken ct)
    {
        var (ours, others) = await database.ReadAsync(async session =>
        {
            var ids = runs.Select(run => run.Value).ToList();
            var mine = await session.QueryAsync<Row>(OfRuns, new { runs = ids });
            var left = new List<Row>();
            foreach (var refs in theirs.Select(m => m.ProviderRef).OfType<string>().Distinct().Chunk(Chunk))
            {
                left.AddRange(await session.QueryAsync<Row>(OfOthers, new { refs, runs = ids }));
            }

            return (mine, left);
        }, ct);
        return Join(ours, others, [.. theirs.Select(message => KeyOf(message, blindIndex))]);
    }

    private static Reconciliation Join(IReadOnlyList<Row> ours, IReadOnlyList<Row> others, IReadOnlyList<string> theirs)
    {
        var copies = theirs.GroupBy(key => key).ToDictionary(group => group.Key, group => group.Count());
        var (mine, earlier) = (ours.Select(row => row.Key).ToHashSet(), others.Select(row => row.Key).ToHashSet());
        var lost = ours.Count(row => row.State != (int)MessageState.InDoubt && !copies.ContainsKey(row.Key));
        var strangers = copies.Keys.Count(key => !mine.Contains(key) && !earlier.Contains(key));
        return new Reconciliation(lost + strangers, copies.Values.Sum(count => count - 1), copies.Keys.Count(earlier.Contains));
    }

    // A batch of SMS shares one reference, so the recipient is part of the key.
    private static string KeyOf(SandboxMessage message, BlindIndex blindIndex) =>
        message.Channel == Channel.WeChatSubscribe.Code() || !PhoneNumber.TryParse(message.To, out var phone, out _)
            ? message.Reference ?? ""
            : message.Reference + " " + blindIndex.Of(MemberColumns.PhoneIndex, phone.Digits);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Reference { get; init; } = "";
        public string? AddressIndex { get; init; }
        public long State { get; init; }

        public string Key => AddressIndex is null ? Reference : Reference + " " + AddressIndex;
    }
}
