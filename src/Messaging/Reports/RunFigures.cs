using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Reports;

/// <summary>What became of one run; audience = enqueued + held out + Σ excluded, enqueued = sent + Σ suppressed + failed + in doubt + pending.</summary>
/// <param name="Producer">Who made it.</param>
/// <param name="Audience">Members meant.</param>
/// <param name="Enqueued">Messages made.</param>
/// <param name="HeldOut">Members held out.</param>
/// <param name="Excluded">Members who get nothing, by reason.</param>
/// <param name="Sent">Messages that a provider accepted.</param>
/// <param name="Delivered">Of them, those that arrived.</param>
/// <param name="Undelivered">Of them, those that did not.</param>
/// <param name="Suppressed">Messages that the gate refused, by reason.</param>
/// <param name="Failed">Messages that no channel took.</param>
/// <param name="InDoubt">Messages of which nobody can say.</param>
/// <param name="Pending">Messages that still wait or are on the wire.</param>
/// <param name="SentByChannel">The accepted ones by channel.</param>
/// <param name="CostFen">What the accepted ones cost.</param>
/// <param name="PossiblyTwice">Messages that were sent again although an earlier attempt may have arrived.</param>
public sealed record RunFigures(
    string Producer, int Audience, int Enqueued, int HeldOut, IReadOnlyDictionary<string, int> Excluded,
    int Sent, int Delivered, int Undelivered, IReadOnlyDictionary<string, int> Suppressed, int Failed, int InDoubt, int Pending,
    IReadOnlyDictionary<string, int> SentByChannel, long CostFen, int PossiblyTwice);

/// <summary>How far runs are.</summary>
/// <param name="Open">Messages that wait or are on the wire.</param>
/// <param name="Sent">Messages that a provider accepted.</param>
/// <param name="Suppressed">Messages that the gate refused.</param>
/// <param name="SentByChannel">The accepted ones by channel.</param>
/// <param name="CostFen">What they cost.</param>
public sealed record LiveFigures(long Open, long Sent, long Suppressed, IReadOnlyDictionary<string, long> SentByChannel, long CostFen);

/// <summary>Counts runs from their rows; nothing is counted twice because nothing is counted elsewhere.</summary>
public static class RunFigureStore
{
    private const string Members = "SELECT arm AS Arm, reason AS Reason, COUNT(*) AS Count FROM run_member WHERE run_id = @run GROUP BY arm, reason";

    // What the phone did not get is not billed by a provider that bills deliveries; without a receipt nobody knows, and it is.
    private static readonly string s_cost =
        $"CASE WHEN state = 5 AND reason IS NULL AND provider IN ({string.Join(", ", SmsCapabilities.ByProvider.Where(p => !p.Value.BillsUndelivered).Select(p => $"'{p.Key}'"))}) THEN 0 ELSE cost_fen END";

    private static readonly string s_messages = $"""
        SELECT state AS State, reason AS Reason, channel AS Channel, COUNT(*) AS Count, SUM({s_cost}) AS CostFen, SUM(possibly_twice) AS PossiblyTwice
        FROM   message
        WHERE  run_id = @run
        GROUP BY state, reason, channel
        """;

    private static readonly string s_live = $"""
        SELECT state AS State, channel AS Channel, COUNT(*) AS Count, SUM({s_cost}) AS CostFen
        FROM   message
        WHERE  run_id IN @runs
        GROUP BY state, channel
        """;

    private const string AwaitingReceipt = "SELECT COUNT(*) FROM message WHERE run_id IN @runs AND state = 3";

    private const string State = "SELECT state FROM run WHERE id = @run";

    private const string Producer = "SELECT producer FROM run WHERE id = @run";

    /// <summary>What became of the audience of one run; the sums hold while it is still being written down.</summary>
    public static async Task<RunResult> AudienceAsync(Session session, RunId run)
    {
        var producer = await session.SingleOrDefaultAsync<string>(Producer, new { run = run.Value }).ConfigureAwait(false)
            ?? throw new KeyNotFoundException($"There is no run {run}.");
        var members = await session.QueryAsync<CountRow>(Members, new { run = run.Value }).ConfigureAwait(false);
        return new RunResult(
            run, producer, (int)members.Sum(row => row.Count), Arms(Arm.Treated), Arms(Arm.HeldOut), ByReason(members.Where(row => row.Arm == (int)Arm.Excluded)));

        int Arms(Arm arm) => (int)members.Where(row => row.Arm == (int)arm).Sum(row => row.Count);
    }

    /// <summary>The figures of one run.</summary>
    public static async Task<RunFigures> OfAsync(Session session, RunId run)
    {
        var expanding = await session.ScalarAsync<long?>(State, new { run = run.Value }).ConfigureAwait(false) == (int)RunState.Expanding;
        var messages = await session.QueryAsync<CountRow>(s_messages, new { run = run.Value }).ConfigureAwait(false);
        var audience = await AudienceAsync(session, run).ConfigureAwait(false);
        // A chunk may have come between the two counts; once the run is complete, nothing can, and a message that is missing is seen.
        var enqueued = expanding ? (int)messages.Sum(row => row.Count) : audience.Enqueued;
        return new RunFigures(
            audience.Producer, audience.Audience - audience.Enqueued + enqueued, enqueued, audience.HeldOut, audience.Excluded,
            In(MessageState.Sent, MessageState.Delivered, MessageState.Undelivered), In(MessageState.Delivered), In(MessageState.Undelivered),
            ByReason(messages.Where(row => row.State == (int)MessageState.Suppressed)),
            In(MessageState.Failed), In(MessageState.InDoubt), In(MessageState.Pending, MessageState.Sending),
            Accepted().GroupBy(row => ((Channel)row.Channel!).Code()).ToDictionary(g => g.Key, g => (int)g.Sum(row => row.Count)),
            Accepted().Sum(row => row.CostFen), (int)messages.Sum(row => row.PossiblyTwice));

        int In(params MessageState[] states) => (int)messages.Where(row => states.Contains((MessageState)row.State)).Sum(row => row.Count);

        IEnumerable<CountRow> Accepted() =>
            messages.Where(row => (MessageState)row.State is MessageState.Sent or MessageState.Delivered or MessageState.Undelivered);
    }

    /// <summary>How far these runs are together.</summary>
    public static async Task<LiveFigures> LiveAsync(Session session, IReadOnlyList<RunId> runs)
    {
        var rows = await session.QueryAsync<CountRow>(s_live, new { runs = runs.Select(run => run.Value) }).ConfigureAwait(false);
        var accepted = rows.Where(row => (MessageState)row.State is MessageState.Sent or MessageState.Delivered or MessageState.Undelivered).ToList();
        return new LiveFigures(
            rows.Where(row => (MessageState)row.State is MessageState.Pending or MessageState.Sending).Sum(row => row.Count),
            accepted.Sum(row => row.Count), rows.Where(row => (MessageState)row.State == MessageState.Suppressed).Sum(row => row.Count),
            accepted.GroupBy(row => ((Channel)row.Channel!).Code()).ToDictionary(g => g.Key, g => g.Sum(row => row.Count)), accepted.Sum(row => row.CostFen));
    }

    /// <summary>Messages of these runs that were accepted and have no receipt yet.</summary>
    public static Task<long> AwaitingReceiptAsync(Session session, IReadOnlyList<RunId> runs) =>
        session.ScalarAsync<long>(AwaitingReceipt, new { runs = runs.Select(run => run.Value) });

    private static SortedDictionary<string, int> ByReason(IEnumerable<CountRow> rows)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in rows) counts[row.Reason ?? ""] = counts.GetValueOrDefault(row.Reason ?? "") + (int)row.Count;
        return counts;
    }

    private sealed class CountRow
    {
        public long Arm { get; init; }
        public long State { get; init; }
        public string? Reason { get; init; }
        public long? Channel { get; init; }
        public long Count { get; init; }
        public long CostFen { get; init; }
        public long PossiblyTwice { get; init; }
    }
}
