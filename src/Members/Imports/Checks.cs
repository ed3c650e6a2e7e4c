namespace Engagement.Members.Imports;

/// <summary>Checks that several kinds of rows share.</summary>
internal static class Checks
{
    private static readonly int s_earliest = Storage.ChinaTime.DayOf(new DateOnly(1990, 1, 1));

    /// <summary>Why a text is too short or too long, or <c>null</c>.</summary>
    public static Reason? Length(string text, int least, int most) =>
        text.Length < least ? Reasons.Missing : text.Length > most ? Reasons.TooLong(most) : null;

    /// <summary>Why a day of business cannot be, or <c>null</c>.</summary>
    public static Reason? Day(int day, int today) => day > today ? Reasons.FutureDate : day < s_earliest ? Reasons.AncientDate : null;

    /// <summary>Whether a text has nothing but ASCII letters, digits, hyphens and underscores.</summary>
    public static bool IsCode(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_')) return false;
        }

        return text.Length > 0;
    }
}
