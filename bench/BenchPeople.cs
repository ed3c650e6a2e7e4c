namespace Engagement.Bench;

/// <summary>Names and birthdays of made members. No two have both: an import looks at everybody who has.</summary>
internal static class BenchPeople
{
    private const int Days = 60 * 12 * 28;

    /// <summary>A name of three letters, the same for all who are born on different days.</summary>
    public static string Name(int i) => $"王{(char)('一' + i / Days)}兰";

    /// <summary>A birthday between 1940 and 1999.</summary>
    public static string Birthday(int i) => $"{1940 + i % 60}-{1 + i / 60 % 12:00}-{1 + i / 720 % 28:00}";
}
