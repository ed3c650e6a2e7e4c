using System.Globalization;
using Engagement.Members;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Content;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>Tells members that their refusal by SMS counts: in the inbox, and by SMS only where <c>Sms:ConfirmOptOut</c> is on.</summary>
/// <remarks>Once a member and day. A phone that several share gets one SMS; each of them finds it in the inbox.</remarks>
internal sealed class OptOutConfirmations(RunExpander runs, TemplateStore templates, Clocks clocks, IOptions<SmsOptions> options, ILogger<OptOutConfirmations> logger)
{
    /// <summary>The template that speaks in the inbox alone.</summary>
    public const string InInbox = "sms_opt_out";

    /// <summary>The template that speaks by SMS too.</summary>
    public const string BySms = "sms_opt_out_by_sms";

    private const string Producer = "sms_opt_out";

    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);

    /// <summary>Makes the messages of one refusal; again makes none.</summary>
    /// <param name="cause">What tells this refusal from others.</param>
    /// <param name="members">Everybody on the phone.</param>
    /// <param name="ct">Stops between two writes; then call again.</param>
    public async Task MakeAsync(long cause, IReadOnlyList<long> members, CancellationToken ct)
    {
        List<long> quiet = [.. members.Order()];
        if (options.Value.ConfirmOptOut && quiet.Count > 0 && await templates.CurrentAsync(BySms, ct).ConfigureAwait(false) is { } bySms)
        {
            await MakeAsync(bySms, $"{Producer}:{cause}:sms", [quiet[0]], ct).ConfigureAwait(false);
            quiet.RemoveAt(0);
        }

        if (quiet.Count == 0) return;
        if (await templates.CurrentAsync(InInbox, ct).ConfigureAwait(false) is { } inInbox) await MakeAsync(inInbox, $"{Producer}:{cause}", quiet, ct).ConfigureAwait(false);
        else SmsApprovalLog.NoConfirmation(logger, InInbox);
    }

    private Task<RunResult> MakeAsync(long template, string key, List<long> members, CancellationToken ct)
    {
        var now = clocks.Business.NowMs();
        var today = clocks.Business.Today();
        return runs.ExpandAsync(new RunPlan(Producer, MessageKind.Transaction, template, today), new ListedCandidates(members.Select(member => new Candidate(
            new MemberId(member), null, [string.Create(CultureInfo.InvariantCulture, $"{Producer}:{member}:{today}")], "{}", now, now + (long)s_life.TotalMilliseconds))), key, ct);
    }
}
