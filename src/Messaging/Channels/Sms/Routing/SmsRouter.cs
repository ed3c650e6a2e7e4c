using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Channels.Sms.Routing;

/// <summary>Says which providers may carry the SMS of a template: what they take, what they have approved, at which hours.</summary>
/// <remarks>Fails closed: what no provider takes goes nowhere, and the reason says why.</remarks>
internal sealed class SmsRouter(SmsProviders providers, SmsApprovals approvals)
{
    /// <summary>The ways of <paramref name="content"/> for messages of one kind.</summary>
    /// <param name="rule">What holds for the kind of the message.</param>
    /// <param name="template">What holds for the kind that the template was approved for.</param>
    /// <param name="content">The SMS content, or <c>null</c> when there is none.</param>
    /// <param name="now">Business time: hours are hours of the day.</param>
    public SmsWay Look(KindRule rule, KindRule template, SmsContent? content, DateTimeOffset now)
    {
        if (content is null) return SmsWay.None;
        var open = new List<SmsRoute>();
        string? closed = null;
        var furthest = -1;
        var opensAt = long.MaxValue;
        foreach (var provider in providers.All)
        {
            if (content.At(provider.Name) is not { } there) continue;
            var (reason, step) = Refuses(provider, rule, template, content, there);
            if (reason is null)
            {
                open.Add(new SmsRoute(provider.Name, there.Template, there.SignName ?? content.SignName, there.Order, provider.Capabilities));
                opensAt = Math.Min(opensAt, OpensAt(rule, provider.Capabilities, now));
            }
            else if (step > furthest)
            {
                (closed, furthest) = (reason, step);
            }
        }

        if (open.Count == 0) return new SmsWay([], closed ?? Reason.NoContent, 0);
        var nowMs = now.ToUnixTimeMilliseconds();
        // While one is open, the others wait for their hour without holding anything up.
        return opensAt > nowMs ? new SmsWay(open, null, opensAt) : new SmsWay(open.FindAll(route => OpensAt(rule, route.Capabilities, now) <= nowMs), null, 0);
    }

    // In the order of what a person would mend last: the reason of the provider that is nearest to taking it is the one that is told.
    private (string? Reason, int Step) Refuses(ISmsProvider provider, KindRule rule, KindRule template, SmsContent content, SmsProviderTemplate there)
    {
        var promotes = rule.Class == DeliveryClass.Promotional;
        if (!provider.Capabilities.Takes(rule, content.Parameters.Count > 0)) return (Reason.SmsNotForPromotion, 0);
        if (promotes && (template.Class != DeliveryClass.Promotional || approvals.TypeOf(provider.Name, there.Template) is SmsTemplateType.Notice or SmsTemplateType.Verification))
            return (Reason.SmsNoticeTemplate, 1);
        return approvals.Approves(provider.Name, there.Template, there.SignName ?? content.SignName) ? (null, 3) : (Reason.SmsNotApproved, 2);
    }

    private static long OpensAt(KindRule rule, SmsCapabilities capabilities, DateTimeOffset now)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        if (rule.Class != DeliveryClass.Promotional || capabilities.PromotionHours is not { } hours) return nowMs;
        var local = ChinaTime.In(now);
        var time = TimeOnly.FromDateTime(local.DateTime);
        if (time >= hours.From && time < hours.Until) return nowMs;
        var opens = local - local.TimeOfDay + hours.From.ToTimeSpan();
        return (time < hours.From ? opens : opens.AddDays(1)).ToUnixTimeMilliseconds();
    }
}
