namespace Engagement.Api.Demo.Chain;

/// <summary>
/// Numbers that look like mobile numbers and are nobody's: 1990000xxxx. There are only 10,000 of those, so a larger chain takes
/// 199000xxxxx, and a still larger one 19900xxxxxx; of these nobody can promise that they are unassigned, which is
/// one more reason that the demo sends to its own sandbox alone.
/// </summary>
internal sealed class Phones
{
    // Prime to every power of ten, so that each slot has its own number, and far from any, so that neighbours differ.
    private const long Step = 7_654_321;
    private const long First = 2468;

    private readonly int _digits;
    private readonly long _space;

    /// <param name="slots">How many numbers are wanted.</param>
    public Phones(long slots)
    {
        _digits = slots <= 10_000 ? 4 : slots <= 100_000 ? 5 : 6;
        _space = (long)Math.Pow(10, _digits);
    }

    /// <summary>The pattern in use, for the summary.</summary>
    public string Pattern => "1990000"[..(11 - _digits)] + new string('x', _digits);

    /// <summary>The number of a slot. Past a million they repeat: then two people share one, as families do.</summary>
    public string Number(long slot) =>
        "1990000"[..(11 - _digits)] + ((First + slot * Step) % _space).ToString().PadLeft(_digits, '0');

    /// <summary>The same number in one of the ways in which people write it; the import puts them right.</summary>
    public static string Written(string number, SeededStream random) => random.Next(6) switch
    {
        0 => $"{number[..3]} {number[3..7]} {number[7..]}",
        1 => $"{number[..3]}-{number[3..7]}-{number[7..]}",
        2 => $"+86 {number}",
        3 => $"0086{number}",
        4 => $"0{number}",
        _ => string.Concat(number.Select(c => (char)(c - '0' + '０'))),
    };

    /// <summary>Something that stands in the phone column and is no mobile number.</summary>
    public static string Bad(string number, SeededStream random) => random.Next(6) switch
    {
        0 => number[..10],
        1 => number + "0",
        2 => "1.99E+10",
        3 => "1410" + number[2..],
        4 => "021" + number[3..],
        _ => "无",
    };
}
