using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Engagement.Templates.Content;

namespace Engagement.Messaging.Content;

/// <summary>Asks the content lint what a kind of message may say where.</summary>
internal static class ContentCheck
{
    /// <summary>The code of the first thing that stands against a text that others can read, or <c>null</c>.</summary>
    public static string? Refuses(MessageKind kind, Channel channel, string text, DateOnly today) =>
        Findings(kind, channel, text, today) is [var first, ..] ? first.Code : null;

    /// <summary>Everything that stands against a text that others can read.</summary>
    public static IReadOnlyList<ContentFinding> Findings(MessageKind kind, Channel channel, string text, DateOnly today) =>
        ContentLint.Default.Check(text, Rules(kind), Surface(channel), today);

    /// <summary>Everything that stands against a text behind the login, where a person's own medicines may be named.</summary>
    public static IReadOnlyList<ContentFinding> InboxFindings(KindRule rule, string text, DateOnly today) =>
        rule.Class == DeliveryClass.Promotional ? ContentLint.Default.Check(text, Rules(rule.Kind), ContentSurface.InApp, today) : [];

    /// <summary>What stands against the words of a campaign; the template brings the marks of advertising.</summary>
    /// <param name="rule">The kind's row of the gate table.</param>
    /// <param name="campaign">The campaign.</param>
    /// <param name="prescriptionNames">Generic names of the chain's prescription products.</param>
    /// <param name="today">The business day.</param>
    public static IEnumerable<CampaignFinding> Campaign(KindRule rule, CampaignContent campaign, IEnumerable<string> prescriptionNames, DateOnly today)
    {
        var lint = new ContentLint(prescriptionNames.Select(name => new NamedProduct(name, ProductClass.Prescription)));
        var rules = new ContentRules(IsPublicity: rule.Class == DeliveryClass.Promotional);
        foreach (var finding in lint.Check($"{campaign.Name}\n{campaign.Offer}", rules, ContentSurface.InApp, today))
        {
            yield return new CampaignFinding(finding.Code, finding.Words, new Phrase($"{finding.MessageZh}（{finding.Article}）", $"{finding.Message} ({finding.Article})"));
        }
    }

    private static ContentSurface Surface(Channel channel) => channel switch
    {
        // A chat shows on the lock screen like a card.
        Channel.WeChatSubscribe or Channel.OfficialAccount or Channel.CustomerService => ContentSurface.WeChatCard,
        Channel.Sms => ContentSurface.Sms,
    };

    // The gate table says what a kind may say; the lint knows how words say it.
    private static ContentRules Rules(MessageKind kind)
    {
        var rule = GateTable.Shipped[kind];
        return new ContentRules(
            MayNameMedicine: rule.MayName == MayName.TheProduct, MayNameCondition: rule.MayName is MayName.TheProduct or MayName.General,
            IsPublicity: rule.Class == DeliveryClass.Promotional, IsOffer: rule.MayName == MayName.NonPrescription,
            IsKnowledge: rule.MayName == MayName.General, NeedsOptOut: rule.OptOut);
    }
}
