using System.Globalization;
using Engagement.Members;
using Engagement.Messaging.Content;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Automations;

/// <summary>Tells members that a case of theirs was answered or done; the words say nothing of what it is about.</summary>
internal sealed class CaseNotices(RunExpander runs, TemplateStore templates, Clocks clocks)
{
    /// <summary>The template that speaks.</summary>
    public const string Template = "case_answered";

    private const string Producer = "case_answered";

    private static readonly TimeSpan s_life = TimeSpan.FromDays(2);

    /// <summary>Makes the notices of one event; again makes none. Without an approved template there are none, and the answer stands in the mini-program all the same.</summary>
    public async Task MakeAsync(long cause, IReadOnlyList<long> members, CancellationToken ct)
    {
        if (await templates.CurrentAsync(Template, ct).ConfigureAwait(false) is not { } version) return;
        var now = clocks.Business.NowMs();
        var key = string.Create(CultureInfo.InvariantCulture, $"{Producer}:{cause}");
        await runs.ExpandAsync(new RunPlan(Producer, MessageKind.Transaction, version, clocks.Business.Today()), new ListedCandidates(members.Order().Select(member => new Candidate(
            new MemberId(member), null, [string.Create(CultureInfo.InvariantCulture, $"{key}:{member}")], "{}", now, now + (long)s_life.TotalMilliseconds))), key, ct).ConfigureAwait(false);
    }
}
