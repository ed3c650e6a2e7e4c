using Engagement.Members.Tips;
using Engagement.Storage;
using Engagement.Templates.Content;

namespace Engagement.Messaging.Content;

/// <summary>The dictionary of the templates, asked about an article of knowledge: illnesses may be named, medicines and promises may not.</summary>
internal sealed class TipWords : ITipWords
{
    private static readonly ContentRules s_rules = new(MayNameCondition: true, IsPublicity: true, IsKnowledge: true);

    public IReadOnlyList<Phrase> Findings(string text, DateOnly today) =>
        [.. ContentLint.Default.Check(text, s_rules, ContentSurface.InApp, today).Select(finding => new Phrase($"{finding.MessageZh}（{finding.Words}）", $"{finding.Message} ({finding.Words})"))];
}
