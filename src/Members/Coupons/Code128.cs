namespace Engagement.Members.Coupons;

/// <summary>Code 128 (ISO/IEC 15417) in its sets B, all printable ASCII, and C, which takes two digits in one character. Six widths of bars and spaces make a character of eleven modules.</summary>
internal static class Code128
{
    private const int StartB = 104;
    private const int StartC = 105;
    private const int Modulus = 103;

    // Values 0 to 105 in order; the stop character has a bar more.
    private const string Patterns =
        "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221" +
        "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321" +
        "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131" +
        "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114" +
        "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141" +
        "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232";

    private const string Stop = "2331112";

    /// <summary>The widths of bars and spaces in turn, a bar first.</summary>
    /// <exception cref="ArgumentException">A character is not printable ASCII.</exception>
    public static IEnumerable<int> Widths(string text)
    {
        if (text.Any(c => c is < ' ' or > '~')) throw new ArgumentException("A Code 128 barcode of set B holds printable ASCII only.", nameof(text));
        // Digits in pairs make half the width: it decides whether a telephone's screen is wide enough.
        var pairs = text.Length >= 4 && text.Length % 2 == 0 && text.All(char.IsAsciiDigit);
        var start = pairs ? StartC : StartB;
        List<int> values = pairs ? [.. text.Chunk(2).Select(pair => (pair[0] - '0') * 10 + pair[1] - '0')] : [.. text.Select(c => c - ' ')];
        var check = (start + values.Select((value, i) => value * (i + 1)).Sum()) % Modulus;
        return string.Concat([.. new[] { start }.Concat(values).Append(check).Select(Pattern), Stop]).Select(width => width - '0');
    }

    private static string Pattern(int value) => Patterns.Substring(value * 6, 6);
}
