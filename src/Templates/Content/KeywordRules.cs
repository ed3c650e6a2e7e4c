using System.Text;
using System.Text.RegularExpressions;

namespace Engagement.Templates.Content;

/// <summary>Why WeChat would refuse a keyword's value.</summary>
public enum KeywordProblem
{
    /// <summary>The key begins with no known type.</summary>
    UnknownType,

    /// <summary>The value is empty.</summary>
    Empty,

    /// <summary>The value holds a line break or another control character.</summary>
    ControlCharacter,

    /// <summary>The value is longer than its type allows.</summary>
    TooLong,

    /// <summary>The value holds characters that its type does not allow, or does not have the type's form.</summary>
    WrongForm,
}

/// <summary>A keyword whose value WeChat would refuse, or that was changed so that it will not.</summary>
/// <param name="Key">The key, such as `thing1`.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Message">The same in English.</param>
/// <param name="MessageZh">The same in Chinese.</param>
public sealed record KeywordFinding(string Key, KeywordProblem Problem, string Message, string MessageZh);

/// <summary>A keyword's value made to fit.</summary>
/// <param name="Value">The value to send; null when it cannot be made to fit and the message must not go out.</param>
/// <param name="Finding">Why the value was changed or refused; null when it is as it was.</param>
public sealed record KeywordFit(string? Value, KeywordFinding? Finding);

/// <summary>The limits of the values of a WeChat subscribe message, by the type that a key begins with (`thing1` is a `thing`).</summary>
/// <remarks>
/// Lengths are counted in UTF-16 units: whether WeChat counts those or code points is not documented, and this is the stricter
/// reading.
/// </remarks>
public static partial class KeywordRules
{
    private sealed record Rule(int Limit, Func<string, bool> HasForm, bool MayShorten, string Form, string FormZh);

    private static readonly Dictionary<string, Rule> Rules = new(StringComparer.Ordinal)
    {
        ["thing"] = new(20, static _ => true, MayShorten: true, "at most 20 characters", "不超过20个字符"),
        ["number"] = new(32, static value => Number().IsMatch(value), MayShorten: false, "digits, at most 32", "不超过32位的数字"),
        ["letter"] = new(32, static value => value.All(char.IsAsciiLetter), MayShorten: true, "letters, at most 32", "不超过32位的字母"),
        ["symbol"] = new(5, static value => value.All(IsSymbol), MayShorten: true, "symbols, at most 5", "不超过5位的符号"),
        ["character_string"] = new(32, static value => value.All(char.IsAscii), MayShorten: true, "digits, letters and symbols, at most 32", "不超过32位的数字、字母或符号"),
        ["time"] = new(64, static value => IsRangeOf(value, TimeText()), MayShorten: false, "a time such as 15:01 or 2019年10月1日 15:01", "时间，如 15:01 或 2019年10月1日 15:01"),
        ["date"] = new(64, static value => IsRangeOf(value, DateText()), MayShorten: false, "a date such as 2019年10月1日", "日期，如 2019年10月1日"),
        ["amount"] = new(16, static value => Amount().IsMatch(value), MayShorten: false, "a currency sign and at most 10 digits", "一个币种符号加不超过10位数字"),
        ["phone_number"] = new(17, static value => Phone().IsMatch(value), MayShorten: false, "digits and symbols, at most 17", "不超过17位的数字和符号"),
        ["car_number"] = new(8, static value => CarNumber().IsMatch(value), MayShorten: false, "a number plate of at most 8 characters", "不超过8位的车牌号"),
        ["name"] = new(20, static value => !value.Any(char.IsAsciiDigit), MayShorten: true, "at most 10 Chinese characters or 20 letters", "不超过10个汉字或20个字母"),
        ["phrase"] = new(5, static value => value.EnumerateRunes().All(IsChinese), MayShorten: true, "at most 5 Chinese characters", "不超过5个汉字"),
        ["enum"] = new(int.MaxValue, static _ => true, MayShorten: false, "a value of the template's list", "模板所列的取值之一"),
        ["const"] = new(int.MaxValue, static _ => true, MayShorten: false, "a value of the template's list", "模板所列的取值之一"),
    };

    /// <summary>What WeChat would say against a value; null when nothing.</summary>
    /// <param name="key">The keyword's key, a type followed by a number.</param>
    /// <param name="value">The value.</param>
    public static KeywordFinding? Check(string key, string? value)
    {
        if (RuleOf(key) is not { } rule) return Finding(key, KeywordProblem.UnknownType, "has no known type", "的类型未知");
        if (string.IsNullOrWhiteSpace(value)) return Finding(key, KeywordProblem.Empty, "is empty", "的值为空");
        if (value.Any(char.IsControl)) return Finding(key, KeywordProblem.ControlCharacter, "holds a line break or control character", "含有换行符或控制字符");
        if (value.Length > LimitFor(key, rule, value)) return Finding(key, KeywordProblem.TooLong, $"must be {rule.Form}", $"应为{rule.FormZh}");
        return rule.HasForm(value) ? null : Finding(key, KeywordProblem.WrongForm, $"must be {rule.Form}", $"应为{rule.FormZh}");
    }

    /// <summary>Makes a value fit: blanks for line breaks, cut to the limit with an ellipsis where the type is prose.</summary>
    /// <remarks>Numbers, dates, times, amounts and phone numbers are never cut: a shortened one would say something else.</remarks>
    /// <param name="key">The keyword's key, a type followed by a number.</param>
    /// <param name="value">The value.</param>
    public static KeywordFit Fit(string key, string? value)
    {
        var clean = Clean(value);
        if (Check(key, clean) is not { } problem)
        {
            return clean == value
                ? new KeywordFit(clean, null)
                : new KeywordFit(clean, Finding(key, KeywordProblem.ControlCharacter, "had line breaks or outer blanks, which were removed", "中的换行或首尾空白已去除"));
        }
        var rule = RuleOf(key);
        if (problem.Problem != KeywordProblem.TooLong || rule is not { MayShorten: true }) return new KeywordFit(null, problem);

        var shorter = Shorten(key, rule, clean);
        return Check(key, shorter) is { } left
            ? new KeywordFit(null, left)
            : new KeywordFit(shorter, Finding(key, KeywordProblem.TooLong, "was shortened", "过长，已截短"));
    }

    private static Rule? RuleOf(string key) => Rules.GetValueOrDefault(key.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'));

    private static int LimitFor(string key, Rule rule, string value) =>
        key.StartsWith("name", StringComparison.Ordinal) && value.EnumerateRunes().Any(IsChinese) ? 10 : rule.Limit;

    private static KeywordFinding Finding(string key, KeywordProblem problem, string english, string chinese) =>
        new(key, problem, $"The keyword {key} {english}.", $"关键词 {key} {chinese}。");

    private static string Clean(string? value)
    {
        if (value is null) return "";
        var result = new StringBuilder(value.Length);
        foreach (var character in value)
        {
            if (!char.IsControl(character)) result.Append(character);
            else if (result.Length > 0 && result[^1] != ' ') result.Append(' ');
        }
        return result.ToString().Trim();
    }

    // The ellipsis is one character, and only prose and Chinese names may carry it; half an emoji never stays behind.
    private static string Shorten(string key, Rule rule, string value)
    {
        var limit = LimitFor(key, rule, value);
        var mark = key.StartsWith("thing", StringComparison.Ordinal) ? "…" : "";
        var kept = limit - mark.Length;
        if (char.IsHighSurrogate(value[kept - 1])) kept--;
        return value[..kept].TrimEnd() + mark;
    }

    private static bool IsSymbol(char character) => !char.IsLetterOrDigit(character) && !char.IsWhiteSpace(character) && !char.IsSurrogate(character);

    private static bool IsChinese(Rune rune) => rune.Value is (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) or '·';

    private static bool IsRangeOf(string value, Regex one)
    {
        var parts = value.Split('~');
        return parts.Length <= 2 && parts.All(part => one.IsMatch(part.Trim()));
    }

    [GeneratedRegex(@"^\d+(\.\d+)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(@"^((\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})?\s*([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex TimeText();

    [GeneratedRegex(@"^(\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?)(\s*([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d)?)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex DateText();

    [GeneratedRegex(@"^[¥￥$€£]?\d{1,10}(\.\d{1,9})?元?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Amount();

    [GeneratedRegex(@"^[-+()#* \d]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Phone();

    [GeneratedRegex(@"^\p{L}[A-Za-z0-9]{1,6}[\p{L}0-9]\z", RegexOptions.NonBacktracking)]
    private static partial Regex CarNumber();
}
