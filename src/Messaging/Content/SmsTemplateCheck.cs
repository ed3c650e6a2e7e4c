using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Content;

/// <summary>What the providers of SMS would not approve, or could not fill in (sms.md 5, 6.2): found here before anybody hands it in.</summary>
internal static class SmsTemplateCheck
{
    private const int LongestText = 500;

    /// <summary>What stands against the SMS of a template.</summary>
    /// <param name="file">The template; it has an SMS.</param>
    /// <param name="sample">Its SMS, rendered for an invented member.</param>
    public static IEnumerable<Phrase> Findings(TemplateFile file, MessageText sample)
    {
        var sms = file.Contents.Sms!;
        var names = SmsVariables.NamesIn(sms.Text);
        if (SmsVariables.Refuses(sample.Values) is { } code) yield return Of("短信变量中不得有网址或签名括号", $"no address and no brackets of a signature in a variable [{code}]");
        if (SmsVariables.IsMisshapen(sms.Text)) yield return Of("短信变量不得相邻，也不得只有变量", "variables may not touch, nor stand alone");
        if (sms.Text.AsSpan().ContainsAny('【', '】')) yield return Of("短信正文不得含签名括号【】", "no brackets of a signature in the text");
        if (sample.Whole.Length > LongestText) yield return Of($"短信超过 {LongestText} 字", $"longer than {LongestText} characters");
        if (names.Count != names.Distinct(StringComparer.Ordinal).Count() || !names.Order(StringComparer.Ordinal).SequenceEqual(sms.Parameters.Keys.Order(StringComparer.Ordinal)))
            yield return Of("短信正文的变量与参数不一致，每个变量恰好出现一次", "the variables of the text and the parameters must be the same, each once");
        foreach (var (provider, there) in sms.Others ?? new Dictionary<string, SmsProviderTemplate>())
        {
            if (!SmsCapabilities.ByProvider.TryGetValue(provider, out var capabilities)) yield return Of($"没有名为 {provider} 的短信服务商", $"there is no SMS provider {provider}");
            else if (!capabilities.PromotionsMayVary && GateTable.Shipped[file.Kind].Class == DeliveryClass.Promotional && names.Count > 0)
                yield return Of($"{provider} 的营销短信不得有变量", $"{provider} takes no promotion with variables");
            if (there.Order is { } order && !order.Order(StringComparer.Ordinal).SequenceEqual(sms.Parameters.Keys.Order(StringComparer.Ordinal)))
                yield return Of($"{provider} 的变量顺序须恰好列出每个变量", $"{provider}: the order must name each variable once");
        }

        Phrase Of(string zh, string en) => new($"{file.Code} sms: {zh}", $"{file.Code} sms: {en}");
    }
}
