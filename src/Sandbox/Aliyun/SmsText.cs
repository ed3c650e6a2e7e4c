using System.Text.Json;
using System.Text.RegularExpressions;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Aliyun;

/// <summary>Templates and their variables: what may be filled in, and the text that comes of it.</summary>
internal static partial class SmsText
{
    public const int LongestValue = 35;

    private static readonly string[] VerificationWords = ["验证码", "注册码", "校验码", "动态码"];

    /// <summary>Why the provider would not approve the template, or <c>null</c>.</summary>
    public static string? TemplateFault(SmsTemplate template)
    {
        var names = Variable().Matches(template.Text).Select(m => m.Groups[1].Value).ToList();
        if (template.Text.Length == 0) return "text is needed";
        if (template.Text.AsSpan().IndexOfAny('【', '】') >= 0) return "the signature and its brackets are added by the provider";
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count) return "a variable may occur once only";
        if (Adjacent().IsMatch(template.Text)) return "two variables may not touch";
        if (Variable().Replace(template.Text, "").Trim().Length == 0) return "there must be text besides variables";
        return template.Type switch
        {
            SmsTemplateType.Marketing when !template.Text.EndsWith("拒收请回复R", StringComparison.Ordinal) => "a marketing text ends with 拒收请回复R",
            SmsTemplateType.Verification when !VerificationWords.Any(word => template.Text.Contains(word, StringComparison.Ordinal)) =>
                "a verification text holds 验证码, 注册码, 校验码 or 动态码",
            SmsTemplateType.Notice or SmsTemplateType.Marketing or SmsTemplateType.Verification => null,
        };
    }

    /// <summary>The whole text as the phone shows it, or the product's refusal.</summary>
    public static (string? Text, SmsRefusal? Refusal) Fill(SmsTemplate template, string signName, string paramJson, IReadOnlyList<string> forbidden)
    {
        if (ParseValues(paramJson) is not { } values) return (null, SmsRefusal.NotJson);

        SmsRefusal? refusal = null;
        var text = Variable().Replace(template.Text, match =>
        {
            var value = values.GetValueOrDefault(match.Groups[1].Value) ?? "";
            refusal ??= ValueRefusal(value, forbidden);
            return value;
        });
        text = $"【{signName}】{text}";
        return refusal is not null ? (null, refusal)
            : text.Length > SmsParts.Longest ? (null, SmsRefusal.TooLong)
            : (text, null);
    }

    private static SmsRefusal? ValueRefusal(string value, IReadOnlyList<string> forbidden) =>
        value.Length == 0 ? SmsRefusal.MissingValue
        : value.Length > LongestValue ? SmsRefusal.TooLong
        : WebAddress.IsIn(value) ? SmsRefusal.Address
        : value.AsSpan().IndexOfAny('【', '】') >= 0 ? SmsRefusal.IllegalValue
        : forbidden.Any(word => value.Contains(word, StringComparison.Ordinal)) ? SmsRefusal.ForbiddenWord
        : null;

    // Values are text only; a number in the JSON is a refusal.
    private static Dictionary<string, string?>? ParseValues(string json)
    {
        if (json.Length == 0) return [];
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\$\{([^{}]+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\{[^{}]+\}\$\{")]
    private static partial Regex Adjacent();
}
