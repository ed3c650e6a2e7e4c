using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Engagement.Sandbox.WeChat;

/// <summary>What the value of a subscribe-message keyword may be; the type is the prefix of its key (<c>thing1</c>).</summary>
internal static partial class KeywordRules
{
    /// <summary>What is wrong with the value (a word for the error text), or <c>null</c> when it is fine.</summary>
    public static string? Fault(string key, string value, bool countCodePoints)
    {
        if (string.IsNullOrWhiteSpace(value)) return "is empty";
        if (value.Any(char.IsControl)) return "invalid";

        var length = countCodePoints ? value.EnumerateRunes().Count() : value.Length;
        return IsAllowed(TypeOf(key), value, length) ? null : "invalid";
    }

    /// <summary>Whether the key has a type with rules; old templates of official accounts have keys such as <c>first</c>.</summary>
    public static bool IsTyped(string key) => TypeOf(key) is "thing" or "const" or "number" or "letter" or "symbol" or "character_string" or "time" or "date"
        or "amount" or "phone_number" or "car_number" or "name" or "phrase" or "enum";

    /// <summary>The type prefix of a key: <c>character_string6</c> → <c>character_string</c>.</summary>
    public static string TypeOf(string key) => key.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');

    private static bool IsAllowed(string type, string value, int length) => type switch
    {
        "thing" or "const" => length <= 20,
        "number" => Number().IsMatch(value) && value.Count(char.IsAsciiDigit) <= 32,
        "letter" => length <= 32 && value.All(char.IsAsciiLetter),
        "symbol" => length <= 5 && value.EnumerateRunes().All(IsSymbol),
        "character_string" => length <= 32 && value.EnumerateRunes().All(IsLatinOrSymbol),
        "time" => Range(value).All(part => TimeWithDate().IsMatch(part)),
        "date" => Range(value).All(part => DateWithTime().IsMatch(part)),
        "amount" => Amount().IsMatch(value) && value.Count(char.IsAsciiDigit) <= 10,
        "phone_number" => length <= 17 && value.EnumerateRunes().All(r => IsDigit(r) || IsSymbol(r)),
        "car_number" => length <= 8 && CarNumber().IsMatch(value),
        "name" => IsName(value, length),
        "phrase" => length <= 5 && value.EnumerateRunes().All(IsChinese),
        "enum" => true,
        _ => false,
    };

    private static string[] Range(string value) => value.Split('~', 2, StringSplitOptions.TrimEntries);

    // Ten Chinese characters or twenty letters and symbols; a mixture is measured as Chinese.
    private static bool IsName(string value, int length)
    {
        var anyChinese = value.EnumerateRunes().Any(IsChinese);
        return length <= (anyChinese ? 10 : 20)
            && value.EnumerateRunes().All(r => IsChinese(r) || IsLetter(r) || IsSymbol(r) || r.Value == ' ');
    }

    private static bool IsLetter(Rune rune) => rune.IsAscii && char.IsAsciiLetter((char)rune.Value);

    private static bool IsDigit(Rune rune) => rune.IsAscii && char.IsAsciiDigit((char)rune.Value);

    private static bool IsLatinOrSymbol(Rune rune) => IsLetter(rune) || IsDigit(rune) || rune.Value == ' ' || IsSymbol(rune);

    private static bool IsSymbol(Rune rune) => Rune.IsPunctuation(rune) || Rune.IsSymbol(rune);

    private static bool IsChinese(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter
        && rune.Value is (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    private const string Clock = @"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?";

    [GeneratedRegex(@"^\d+(\.\d+)?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[¥￥$€£]?\d+(\.\d+)?元?$")]
    private static partial Regex Amount();

    [GeneratedRegex(@"^[\p{IsCJKUnifiedIdeographs}A-Za-z0-9]([A-Za-z0-9]*[\p{IsCJKUnifiedIdeographs}A-Za-z0-9])?$")]
    private static partial Regex CarNumber();

    [GeneratedRegex(@"^((\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}(?<sep>[-/.])\d{1,2}\k<sep>\d{1,2})?\s*" + Clock + "$", RegexOptions.ExplicitCapture)]
    private static partial Regex TimeWithDate();

    [GeneratedRegex(@"^(\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{4}(?<sep>[-/.])\d{1,2}(\k<sep>\d{1,2})?)(\s*" + Clock + ")?$", RegexOptions.ExplicitCapture)]
    private static partial Regex DateWithTime();
}
