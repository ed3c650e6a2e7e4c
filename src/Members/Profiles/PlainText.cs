using System.Text;

namespace Engagement.Members.Profiles;

/// <summary>Folds what people and tills type to one form.</summary>
/// <remarks>The process runs culture-invariant, where <see cref="string.Normalize(NormalizationForm)"/> does nothing; so the
/// foldings that occur in names and numbers are here: full-width forms, exotic spaces and marks that cannot be seen.</remarks>
internal static class PlainText
{
    /// <summary>Half-width forms, single plain spaces, nothing invisible, no leading apostrophe, trimmed.</summary>
    public static string Fold(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        if (IsPlain(text)) return text;
        var result = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            var folded = FoldOne(character);
            if (folded == '\0' || (folded == ' ' && (result.Length == 0 || result[^1] == ' '))) continue;
            result.Append(folded);
        }

        // Spreadsheets write '138… to keep a number as text.
        var start = result.Length > 0 && result[0] == '\'' ? 1 : 0;
        return result.ToString(start, result.Length - start).Trim();
    }

    /// <summary>Whether a character is a Chinese one: basic block, extension A, compatibility, 〇, or half of a rare one.</summary>
    public static bool IsHan(char character) => char.IsSurrogate(character)
        || character is (>= '\u4e00' and <= '\u9fff') or (>= '\u3400' and <= '\u4dbf') or (>= '\uf900' and <= '\ufaff') or '\u3007';

    private static bool IsPlain(string text)
    {
        if (text[0] is ' ' or '\'' || text[^1] == ' ') return false;
        foreach (var character in text)
        {
            if (character is <= ' ' or > '~' && !IsHan(character)) return false;
        }

        return true;
    }

    private static char FoldOne(char character) => character switch
    {
        >= '\uff01' and <= '\uff5e' => (char)(character - 0xfee0),
        '\u3000' or '\u00a0' or '\t' or '\r' or '\n' => ' ',
        >= '\u2000' and <= '\u200a' => ' ',
        // Zero-width and direction marks come with numbers copied from address books.
        (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or '\u2060' or '\ufeff' => '\0',
        '\u2018' or '\u2019' => '\'',
        < ' ' => '\0',
        _ => character,
    };
}
