using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.EndToEnd.Chaos;

/// <summary>What became of everything, row by row, on both sides.</summary>
internal sealed record Judgement
{
    /// <summary>Messages that were made.</summary>
    public required int Messages { get; init; }

    /// <summary>Messages with a key and without a final row, sent here and unknown there, or known there and gone here.</summary>
    public required IReadOnlyCollection<long> Lost { get; init; }

    /// <summary>Copies beyond the first of one key, where nobody allowed a second.</summary>
    public required int Duplicates { get; init; }

    /// <summary>The most copies of one key that a promotion has at the provider.</summary>
    public required int PromotionalCopies { get; init; }

    /// <summary>The most copies that a reminder has at the provider that can be asked.</summary>
    public required int QueryableCopies { get; init; }

    /// <summary>Messages that stay in doubt for good.</summary>
    public required int InDoubt { get; init; }

    /// <summary>Those of them that the provider has all the same.</summary>
    public required int InDoubtAndThere { get; init; }

    /// <summary>Reminders that were sent again although nobody could be asked.</summary>
    public required int PossiblyTwice { get; init; }

    /// <summary>Messages whose receipt says something else than the provider.</summary>
    public required int Contradicted { get; init; }

    /// <summary>Messages without a final state.</summary>
    public required int Open { get; init; }

    /// <summary>Sums that do not come out.</summary>
    public required IReadOnlyList<string> Sums { get; init; }

    /// <summary>How many messages are in each state.</summary>
    public required IReadOnlyDictionary<MessageState, int> States { get; init; }

    /// <summary>What breaks a promise; nothing when all is well.</summary>
    public IReadOnlyList<string> Broken =>
    [
        .. Lost.Count > 0 ? [$"{Lost.Count} lost: {string.Join(' ', Lost.Take(5))}"] : Array.Empty<string>(),
        .. Duplicates > 0 ? [$"{Duplicates} doubled"] : Array.Empty<string>(),
        .. PromotionalCopies > 1 ? [$"a promotion has {PromotionalCopies} copies"] : Array.Empty<string>(),
        .. QueryableCopies > 1 ? [$"a reminder by SMS has {QueryableCopies} copies"] : Array.Empty<string>(),
        .. Contradicted > 0 ? [$"{Contradicted} have another end than at the provider"] : Array.Empty<string>(),
        .. Open > 0 ? [$"{Open} without a final state"] : Array.Empty<string>(),
        .. Sums,
    ];

    public override string ToString() =>
        $"{Messages} messages ({string.Join(", ", States.Select(state => $"{state.Key} {state.Value}"))}), in doubt {InDoubt} (at the provider {InDoubtAndThere}), possibly twice {PossiblyTwice}; {(Broken.Count == 0 ? "nothing broken" : string.Join("; ", Broken))}";
}

/// <summary>Joins our rows to the sandbox's ledger by the reference that travelled with each send.</summary>
internal static class ChaosJudge
{
    private const string Messages = """
        SELECT id AS Id, run_id AS RunId, member_id AS MemberId, class AS Class, state AS State, reference AS Reference, ready_at AS ReadyAt, possibly_twice AS PossiblyTwice
        FROM   message
        """;

    public static async Task<Judgement> JudgeAsync(ChaosMachine machine)
    {
        var ledger = await machine.LedgerAsync();
        var ours = await machine.Installation.Database.ReadAsync(ReadAsync, CancellationToken.None);
        var index = machine.Services.GetRequiredService<BlindIndex>();
        var people = ours.OpenIds.ToDictionary(row => row.Address, row => row.Id);
        foreach (var phone in ours.Phones) people[phone.Address] = phone.Id;

        var audience = ours.Audience.Where(row => row.MessageId is not null).ToDictionary(row => row.MessageId!.Value);
        var byMember = audience.Values.ToDictionary(row => (row.RunId, row.MemberId), row => row.MessageId!.Value);
        var rows = ours.Rows.ToDictionary(row => row.Id);
        var references = machine.Services.GetRequiredService<OpaqueRef>();
        var (copies, lost) = (new Dictionary<long, List<LedgerLine>>(), new HashSet<long>());
        foreach (var line in ledger)
        {
            // The reference names a message, or the first of the call that it shared; the address says which of them.
            if (!references.TryRead(line.Reference, out var first, out _) || !audience.TryGetValue(first, out var named)
                || !people.TryGetValue(AddressOf(line, index), out var member) || !byMember.TryGetValue((named.RunId, member), out var message) || !rows.ContainsKey(message))
            {
                lost.Add(audience.ContainsKey(first) ? first : -line.Seq);
                continue;
            }

            if (!copies.TryGetValue(message, out var lines)) copies[message] = lines = [];
            lines.Add(line);
        }

        lost.UnionWith(audience.Keys.Where(id => !rows.ContainsKey(id)));
        lost.UnionWith(ours.Keys.Where(id => !rows.TryGetValue(id, out var row) || !row.Final));
        lost.UnionWith(ours.Rows.Where(row => row.Sent && !copies.GetValueOrDefault(row.Id, []).Any(line => line.Reference == row.Reference)).Select(row => row.Id));
        return new Judgement
        {
            Messages = audience.Count,
            Lost = lost,
            Duplicates = copies.Where(copy => rows[copy.Key].PossiblyTwice == 0).Sum(copy => copy.Value.Count - 1),
            PromotionalCopies = Most(copies.Where(copy => rows[copy.Key].Class == (long)DeliveryClass.Promotional).Select(copy => copy.Value.Count)),
            QueryableCopies = Most(copies.Select(copy => copy.Value.Count(line => line.Channel != Channel.WeChatSubscribe.Code()))),
            InDoubt = ours.Rows.Count(row => row.State == (long)MessageState.InDoubt),
            InDoubtAndThere = ours.Rows.Count(row => row.State == (long)MessageState.InDoubt && copies.ContainsKey(row.Id)),
            PossiblyTwice = ours.Rows.Count(row => row.PossiblyTwice != 0),
            Contradicted = ours.Rows.Count(row => row.Sent && copies.TryGetValue(row.Id, out var lines) && lines.Find(line => line.Reference == row.Reference) is { } line && Contradicts(row, line)),
            Open = ours.Rows.Count(row => !row.Final),
            Sums = [.. ours.Runs.SelectMany(run => Sums(run, ours))],
            States = ours.Rows.CountBy(row => (MessageState)row.State).OrderBy(state => state.Key).ToDictionary(),
        };
    }

    private static int Most(IEnumerable<int> counts) => counts.DefaultIfEmpty(0).Max();

    private static string AddressOf(LedgerLine line, BlindIndex index) =>
        line.Channel == Channel.WeChatSubscribe.Code() ? line.To : index.Of(MemberColumns.PhoneIndex, line.To)!;

    // A receipt that was pushed has been applied: nothing says otherwise afterwards.
    private static bool Contradicts(MessageLine row, LedgerLine line) => line.Status switch
    {
        "delivered" => row.State != (long)MessageState.Delivered,
        "undelivered" => row.State != (long)MessageState.Undelivered,
        _ => row.State == (long)MessageState.Delivered,
    };

    // audience = enqueued + held out + excluded; enqueued = what stands in the outbox.
    private static IEnumerable<string> Sums(RunLine run, OurSide ours)
    {
        var members = ours.Audience.Where(row => row.RunId == run.Id).ToList();
        if (run.Audience != members.Count) yield return $"run {run.Id}: audience {run.Audience}, members {members.Count}";
        var treated = members.Count(row => row.Arm == (long)Arms.Treated);
        var messages = ours.Rows.Count(row => row.RunId == run.Id);
        if (treated != messages) yield return $"run {run.Id}: {treated} treated, {messages} messages";
        var apart = members.Count(row => row.Arm is (long)Arms.Excluded or (long)Arms.HeldOut && row.MessageId is null);
        if (treated + apart != members.Count) yield return $"run {run.Id}: {members.Count} members, {treated} treated, {apart} excluded or held out";
    }

    private static async Task<OurSide> ReadAsync(Session session) => new(
        await session.QueryAsync<MessageLine>(Messages),
        await session.QueryAsync<AudienceLine>("SELECT run_id AS RunId, member_id AS MemberId, arm AS Arm, message_id AS MessageId FROM run_member"),
        await session.QueryAsync<RunLine>("SELECT id AS Id, audience AS Audience FROM run"),
        await session.QueryAsync<long>("SELECT DISTINCT message_id FROM message_key"),
        await session.QueryAsync<AddressLine>("SELECT member_id AS Id, openid AS Address FROM member_identity"),
        await session.QueryAsync<AddressLine>("SELECT id AS Id, phone_index AS Address FROM member WHERE phone_index IS NOT NULL"));

    private enum Arms
    {
        Excluded = 0,
        Treated = 1,
        HeldOut = 2,
    }

    private sealed record OurSide(
        List<MessageLine> Rows, List<AudienceLine> Audience, List<RunLine> Runs, List<long> Keys, List<AddressLine> OpenIds, List<AddressLine> Phones);

    private sealed class MessageLine
    {
        public long Id { get; init; }
        public long RunId { get; init; }
        public long MemberId { get; init; }
        public long Class { get; init; }
        public long State { get; init; }
        public string? Reference { get; init; }
        public long? ReadyAt { get; init; }
        public long PossiblyTwice { get; init; }

        public bool Sent => State is >= (long)MessageState.Sent and <= (long)MessageState.Undelivered;

        // Whatever is in doubt may rest there, once nobody looks after it any more.
        public bool Final => State is >= (long)MessageState.Delivered and <= (long)MessageState.InDoubt && ReadyAt is null;
    }

    private sealed class AudienceLine
    {
        public long RunId { get; init; }
        public long MemberId { get; init; }
        public long Arm { get; init; }
        public long? MessageId { get; init; }
    }

    private sealed class RunLine
    {
        public long Id { get; init; }
        public long Audience { get; init; }
    }

    private sealed class AddressLine
    {
        public long Id { get; init; }
        public string Address { get; init; } = "";
    }
}
