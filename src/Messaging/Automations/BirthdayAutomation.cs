using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Wishes members a happy birthday, once a year, on the day and never after it.</summary>
public sealed class BirthdayAutomation(Database database, Clocks clocks, MessageGate gate, TemplateStore templates, RunExpander runs)
{
    /// <summary>The name under which its runs are counted.</summary>
    public const string Producer = "birthday";

    /// <summary>The code of its template.</summary>
    public const string Template = "birthday_greeting";

    private static readonly TimeOnly s_closing = new(20, 0);

    private const string SelectBorn = "SELECT id FROM member WHERE birth_md IN @days ORDER BY id";

    /// <summary>Makes today's greetings; running again, at any hour of the day, adds only whom an earlier run did not know.</summary>
    public async Task<RunResult> RunAsync(CancellationToken ct)
    {
        var version = await templates.CurrentAsync(Template, ct).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no approved template {Template}.");
        var today = clocks.Business.Today();
        var candidates = await database.ReadAsync(session => CandidatesAsync(session, today), ct).ConfigureAwait(false);
        return await runs.ExpandAsync(new RunPlan(Producer, MessageKind.Birthday, version, today), candidates, ct).ConfigureAwait(false);
    }

    /// <summary>The birthdays (month × 100 + day) that are kept on <paramref name="date"/>: 29 February on the 28th in common years.</summary>
    public static IReadOnlyList<int> KeptOn(DateOnly date)
    {
        var day = date.Month * 100 + date.Day;
        return day == 228 && !DateTime.IsLeapYear(date.Year) ? [228, 229] : [day];
    }

    private async Task<IReadOnlyList<Candidate>> CandidatesAsync(Session session, int today)
    {
        var date = ChinaTime.Date(today);
        var rule = gate.Table[MessageKind.Birthday];
        var born = await session.QueryAsync<long>(SelectBorn, new { days = KeptOn(date) }).ConfigureAwait(false);
        var members = await RecipientStore.EligibilityAsync(session, born).ConfigureAwait(false);
        var lastMoment = ChinaTime.At(today, s_closing).ToUnixTimeMilliseconds() - 1;
        return [.. members.Select(member => new Candidate(
            member.Id, MessageGate.RefusesMember(rule, member.Erased, member.BirthYear, member.Consents, date.Year),
            [$"birthday:{member.Id}:{date.Year}"], "{}", clocks.Business.NowMs(), lastMoment))];
    }
}
