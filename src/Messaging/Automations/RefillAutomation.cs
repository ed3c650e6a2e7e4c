using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Reminds members whose long-term medicine runs out: one message for all lines that end close together.</summary>
public sealed class RefillAutomation(Clocks clocks, MessageGate gate, TemplateStore templates, RunExpander runs) : ICandidateSource
{
    /// <summary>The name under which its runs are counted.</summary>
    public const string Producer = "refill";

    /// <summary>The code of its template.</summary>
    public const string Template = "refill_reminder";

    private static readonly TimeOnly s_closing = new(20, 0);

    // A window of lines in the order of members: read by when they end, most lines of the chain would be sorted anew for each page.
    private const string WindowEnd = """
        SELECT MAX(member_id)
        FROM   (SELECT member_id FROM therapy_line WHERE member_id > @after ORDER BY member_id, therapy_key LIMIT @limit) next_lines
        """;

    // state 1: active. Lines of unknown dose make no reminder; the pharmacist completes them first (domain 5.2).
    // What a person entered may be no product of ours. The plus signs keep SQLite from the index by state and end.
    private const string SelectDue = """
        SELECT t.id AS Id, t.member_id AS MemberId, t.coverage_end AS CoverageEnd, t.remind_on AS RemindOn, COALESCE(p.is_sensitive, 0) AS IsSensitive
        FROM   therapy_line t LEFT JOIN product p ON p.id = t.product_id
        WHERE  t.member_id > @after AND t.member_id <= @upto AND +t.state = 1
               AND (t.remind_on IS NULL OR t.remind_on <= @today) AND (+t.coverage_end BETWEEN @from AND @to OR t.remind_on >= @asked)
        ORDER BY t.member_id, t.coverage_end, t.id
        """;

    /// <summary>Makes today's reminders; running again adds nothing.</summary>
    public Task<RunResult> RunAsync(CancellationToken ct) => RunAsync(null, ct);

    internal async Task<RunResult> RunAsync(string? key, CancellationToken ct)
    {
        var version = await templates.CurrentAsync(Template, ct).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no approved template {Template}.");
        return await runs.ExpandAsync(new RunPlan(Producer, MessageKind.Refill, version, clocks.Business.Today()), this, key, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool Makes(RunPlan plan) => plan is { Producer: Producer, Campaign: null };

    /// <inheritdoc/>
    public async Task<CandidatePage> ReadAsync(Session session, RunPlan plan, long after, int limit)
    {
        if (await session.ScalarAsync<long?>(WindowEnd, new { after, limit }).ConfigureAwait(false) is not { } upto) return CandidatePage.End;
        var today = plan.BusinessDay;
        var lines = await session.QueryAsync<DueLine>(SelectDue, new
        {
            after, upto, today, asked = today - RefillSteps.LastDay, from = today - RefillSteps.LastDay, to = today - RefillSteps.FirstStep + RefillSteps.MergeDays,
        }).ConfigureAwait(false);
        var perMember = lines.GroupBy(line => line.MemberId)
            .Where(group => group.Any(line => line.KeyOn(today) is not null))
            .ToDictionary(group => group.Key, group => group.ToList());
        return new CandidatePage(await CandidatePages.PlanAsync(session, [.. perMember.Keys], member => Plan(member, perMember[member.Id.Value], today)).ConfigureAwait(false), upto);
    }

    private Candidate Plan(Eligibility member, IReadOnlyList<DueLine> lines, int today)
    {
        var rule = gate.Table[MessageKind.Refill];
        var refused = MessageGate.RefusesMember(rule, member.Erased, member.BirthYear, member.Consents, ChinaTime.Date(today).Year, member.MutedKinds);
        var open = lines.Where(line => line.IsSensitive == 0).ToList();
        var due = open.Where(line => line.KeyOn(today) is not null).ToList();
        if (due.Count == 0) return new Candidate(member.Id, refused ?? Reason.SensitiveCategory, [], "{}", 0, 0);

        // Lines that end within a week of the first due one join it now, and their own first step is done with that.
        var first = (int)due[0].CoverageEnd;
        var joined = open.Where(line => !due.Contains(line) && line.CoverageEnd <= first + RefillSteps.MergeDays).ToList();
        return new Candidate(
            member.Id, refused,
            [.. due.Select(line => line.KeyOn(today)!)],
            new RefillParams([.. due.Concat(joined).Select(line => new RefillLine(line.Id, (int)line.CoverageEnd))]).ToJson(),
            clocks.Business.NowMs(),
            ChinaTime.At(due[0].LastDayOn(today), s_closing).ToUnixTimeMilliseconds() - 1)
        {
            JoinedKeys = [.. joined.Select(line => RefillSteps.Key(line.Id, (int)line.CoverageEnd, RefillSteps.FirstStep))],
        };
    }

    private sealed class DueLine
    {
        public long Id { get; init; }
        public long MemberId { get; init; }
        public long CoverageEnd { get; init; }
        public long? RemindOn { get; init; }
        public long IsSensitive { get; init; }

        /// <summary>The key of the reminder that is due today, or <c>null</c>: what the member asked for comes before the steps.</summary>
        public string? KeyOn(int today) =>
            RefillSteps.AskedOn(today, (int?)RemindOn) is { } asked ? RefillSteps.AskedKey(Id, (int)CoverageEnd, asked)
            : RefillSteps.DueOn(today, (int)CoverageEnd) is { } step ? RefillSteps.Key(Id, (int)CoverageEnd, step) : null;

        /// <summary>The last day on which today's reminder may go out.</summary>
        public int LastDayOn(int today) =>
            RefillSteps.AskedOn(today, (int?)RemindOn) is { } asked ? asked + RefillSteps.LastDay : RefillSteps.WindowEnd((int)CoverageEnd, RefillSteps.DueOn(today, (int)CoverageEnd)!.Value);
    }
}
