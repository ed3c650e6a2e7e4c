using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Engagement.Members.Profiles;

namespace Engagement.Members.Coupons;

/// <summary>The code that a member shows and a till reads: 15 random characters (73 bits) and a check character.</summary>
/// <remarks>
/// 29 characters without look-alikes (no 0 O, 1 I L, U, Z). 29 is prime and the weights 1…16 differ, so the check finds every single wrong character
/// and every exchange of two characters, wherever they stand.
/// </remarks>
public static class CouponCode
{
    /// <summary>How many characters a code has.</summary>
    public const int Length = 16;

    internal const string Alphabet = "23456789ABCDEFGHJKMNPQRSTVWXY";

    private const int Group = 4;

    /// <summary>A new code; nobody can guess one.</summary>
    public static string New()
    {
        Span<char> code = stackalloc char[Length];
        var sum = 0;
        for (var i = 0; i < Length - 1; i++)
        {
            var value = RandomNumberGenerator.GetInt32(Alphabet.Length);
            code[i] = Alphabet[value];
            sum += (i + 1) * value;
        }

        // The last weight is 16; what makes the weighted sum a multiple of 29 is found by trying.
        var check = 0;
        while ((sum + Length * check) % Alphabet.Length != 0) check++;
        code[^1] = Alphabet[check];
        return new string(code);
    }

    /// <summary>Reads a code as it was typed or scanned: full-width and small letters, spaces and hyphens are put right.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out string? code)
    {
        code = null;
        if (text is null || text.Length > 64) return false;
        var plain = string.Concat(PlainText.Fold(text).Where(c => c is not (' ' or '-'))).ToUpperInvariant();
        if (plain.Length != Length) return false;
        var sum = 0;
        for (var i = 0; i < Length; i++)
        {
            var value = Alphabet.IndexOf(plain[i], StringComparison.Ordinal);
            if (value < 0) return false;
            sum += (i + 1) * value;
        }

        if (sum % Alphabet.Length != 0) return false;
        code = plain;
        return true;
    }

    /// <summary>The code in groups of four, for reading aloud.</summary>
    public static string Grouped(string code) => string.Join('-', code.Chunk(Group).Select(group => new string(group)));
}
