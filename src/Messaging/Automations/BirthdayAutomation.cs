using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Wishes members a happy birthday, once a year, on the day and never after it.</summary>
public sealed class BirthdayAutomation(Clocks clocks, MessageGate gate, TemplateStore templates, RunExpander runs) : ICandidateSource
{
    /// <summary>The name under which its runs are counted.</summary>
    public const string Producer = "birthday";

    /// <summary>The code of its template.</summary>
    public const string Template = "birthday_greeting";

    private static readonly TimeOnly s_closing = new(20, 0);

    private const string SelectBorn = "SELECT id FROM member WHERE birth_md IN @days AND id > @after ORDER BY id LIMIT @limit";

    /// <summary>Makes today's greetings; running again, at any hour of the day, adds only whom an earlier run did not know.</summary>
    public Task<RunResult> RunAsync(CancellationToken ct) => RunAsync(null, ct);

    internal async Task<RunResult> RunAsync(string? key, CancellationToken ct)
    {
        var version = await templates.CurrentAsync(Template, ct).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no approved template {Template}.");
        return await runs.ExpandAsync(new RunPlan(Producer, MessageKind.Birthday, version, clocks.Business.Today()), this, key, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool Makes(RunPlan plan) => plan is { Producer: Producer, Campaign: null };

    /// <inheritdoc/>
    public async Task<CandidatePage> ReadAsync(Session session, RunPlan plan, long after, int limit)
    {
        var date = ChinaTime.Date(plan.BusinessDay);
        var born = await session.QueryAsync<long>(SelectBorn, new { days = KeptOn(date), after, limit }).ConfigureAwait(false);
        if (born.Count == 0) return CandidatePage.End;
        var rule = gate.Table[MessageKind.Birthday];
        var readyAt = clocks.Business.NowMs();
        var lastMoment = ChinaTime.At(plan.BusinessDay, s_closing).ToUnixTimeMilliseconds() - 1;
        return new CandidatePage(await CandidatePages.PlanAsync(session, born, member => new Candidate(
            member.Id, MessageGate.RefusesMember(rule, member.Erased, member.BirthYear, member.Consents, date.Year, member.MutedKinds),
            [$"birthday:{member.Id}:{date.Year}"], "{}", readyAt, lastMoment)).ConfigureAwait(false), born[^1]);
    }

    /// <summary>The birthdays (month × 100 + day) that are kept on <paramref name="date"/>: 29 February on the 28th in common years.</summary>
    public static IReadOnlyList<int> KeptOn(DateOnly date)
    {
        var day = date.Month * 100 + date.Day;
        return day == 228 && !DateTime.IsLeapYear(date.Year) ? [228, 229] : [day];
    }
}
