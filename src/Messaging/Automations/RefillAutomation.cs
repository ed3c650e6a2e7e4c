using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Reminds members whose long-term medicine runs out: one message for all lines that end close together.</summary>
public sealed class RefillAutomation(Database database, Clocks clocks, MessageGate gate, TemplateStore templates, RunExpander runs)
{
    /// <summary>The name under which its runs are counted.</summary>
    public const string Producer = "refill";

    /// <summary>The code of its template.</summary>
    public const string Template = "refill_reminder";

    private static readonly TimeOnly s_closing = new(20, 0);

    // state 1: active. Lines of unknown dose make no reminder; the pharmacist completes them first (domain 5.2).
    private const string SelectDue = """
        SELECT t.id AS Id, t.member_id AS MemberId, t.coverage_end AS CoverageEnd, p.is_sensitive AS IsSensitive
        FROM   therapy_line t JOIN product p ON p.id = t.product_id
        WHERE  t.state = 1 AND t.coverage_end BETWEEN @from AND @to
        ORDER BY t.member_id, t.coverage_end, t.id
        """;

    /// <summary>Makes today's reminders; running again adds nothing.</summary>
    public async Task<RunResult> RunAsync(CancellationToken ct)
    {
        var version = await templates.CurrentAsync(Template, ct).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no approved template {Template}.");
        var today = clocks.Business.Today();
        var candidates = await database.ReadAsync(session => CandidatesAsync(session, today), ct).ConfigureAwait(false);
        return await runs.ExpandAsync(new RunPlan(Producer, MessageKind.Refill, version, today), candidates, ct).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Candidate>> CandidatesAsync(Session session, int today)
    {
        var lines = await session.QueryAsync<DueLine>(SelectDue, new
        {
            from = today - RefillSteps.LastDay, to = today - RefillSteps.FirstStep + RefillSteps.MergeDays,
        }).ConfigureAwait(false);
        var perMember = lines.GroupBy(line => line.MemberId)
            .Where(group => group.Any(line => RefillSteps.DueOn(today, (int)line.CoverageEnd) is not null))
            .ToDictionary(group => group.Key, group => group.ToList());
        var eligible = await RecipientStore.EligibilityAsync(session, [.. perMember.Keys]).ConfigureAwait(false);
        return [.. eligible.Select(member => Plan(member, perMember[member.Id.Value], today))];
    }

    private Candidate Plan(Eligibility member, IReadOnlyList<DueLine> lines, int today)
    {
        var rule = gate.Table[MessageKind.Refill];
        var refused = MessageGate.RefusesMember(rule, member.Erased, member.BirthYear, member.Consents, ChinaTime.Date(today).Year);
        var open = lines.Where(line => line.IsSensitive == 0).ToList();
        var due = open.Where(line => RefillSteps.DueOn(today, (int)line.CoverageEnd) is not null).ToList();
        if (due.Count == 0) return new Candidate(member.Id, refused ?? Reason.SensitiveCategory, [], "{}", 0, 0);

        // Lines that end within a week of the first due one join it now, and their own first step is done with that.
        var first = (int)due[0].CoverageEnd;
        var joined = open.Where(line => !due.Contains(line) && line.CoverageEnd <= first + RefillSteps.MergeDays).ToList();
        return new Candidate(
            member.Id, refused,
            [.. due.Select(line => RefillSteps.Key(line.Id, (int)line.CoverageEnd, RefillSteps.DueOn(today, (int)line.CoverageEnd)!.Value))],
            new RefillParams([.. due.Concat(joined).Select(line => new RefillLine(line.Id, (int)line.CoverageEnd))]).ToJson(),
            clocks.Business.NowMs(),
            ChinaTime.At(RefillSteps.WindowEnd(first, RefillSteps.DueOn(today, first)!.Value), s_closing).ToUnixTimeMilliseconds() - 1)
        {
            JoinedKeys = [.. joined.Select(line => RefillSteps.Key(line.Id, (int)line.CoverageEnd, RefillSteps.FirstStep))],
        };
    }

    private sealed class DueLine
    {
        public long Id { get; init; }
        public long MemberId { get; init; }
        public long CoverageEnd { get; init; }
        public long IsSensitive { get; init; }
    }
}
