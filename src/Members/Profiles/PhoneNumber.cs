using System.Diagnostics.CodeAnalysis;

namespace Engagement.Members.Profiles;

/// <summary>A mainland mobile number in canonical form: eleven digits, no prefix, no spaces.</summary>
/// <remarks>
/// <see cref="ToString"/> is masked on purpose, so that a number put into a log line never leaks; adapters that must dial
/// it ask for <see cref="Digits"/> by name. <c>default</c> is not a number, and every member except equality throws on it.
/// </remarks>
public readonly record struct PhoneNumber
{
    private readonly string? _digits;

    private PhoneNumber(string digits) => _digits = digits;

    /// <summary>The eleven digits, for the SMS gateway and the cipher only. Never log this.</summary>
    public string Digits => _digits ?? throw new InvalidOperationException("The phone number was never set.");

    /// <summary>The last four digits, by which a member is asked for at the counter.</summary>
    public string Tail => Digits[^4..];

    /// <summary>Whether the number looks typed in to fill the field (13800000000, 13888888888): it proves nobody's identity.</summary>
    public bool IsSuspicious => Digits.AsSpan(3).IndexOfAnyExcept(Digits[3]) < 0 || Digits.EndsWith("12345678", StringComparison.Ordinal);

    /// <summary>Whether the number is of the unassigned range 1990000xxxx that invented people have.</summary>
    public bool IsInvented => Digits.StartsWith("1990000", StringComparison.Ordinal);

    /// <summary>Whether the prefix was allocated when this was written. New ranges appear, so an unknown one is worth a look, no refusal.</summary>
    public bool HasKnownPrefix => Digits[1] switch
    {
        '3' or '8' => true,
        '4' => Digits[2] is '5' or '7' or '9',
        '5' => Digits[2] != '4',
        '6' => Digits[2] is '2' or '5' or '6' or '7',
        '7' => Digits[2] != '9',
        _ => Digits[2] != '4',
    };

    /// <summary>Cleans a written number and says what is wrong with one that cannot be a mobile number.</summary>
    /// <param name="text">As typed: spaces, hyphens, brackets, dots, full-width digits, +86, 0086, 86 and a leading 0 are put right.</param>
    /// <param name="number">The number.</param>
    /// <param name="fault">Why there is none.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out PhoneNumber number, out PhoneFault fault)
    {
        number = default;
        Span<char> digits = stackalloc char[MaxDigits];
        fault = Collect(text, digits, out var count);
        if (fault != PhoneFault.None) return false;
        var core = WithoutPrefix(digits[..count]);
        fault = Judge(core);
        if (fault != PhoneFault.None) return false;
        number = new PhoneNumber(text!.Length == core.Length && core.SequenceEqual(text) ? text : core.ToString());
        return true;
    }

    /// <summary>The number that eleven canonical digits stand for, for what the database holds.</summary>
    /// <exception cref="FormatException">They are not a mobile number.</exception>
    public static PhoneNumber Parse(string digits) =>
        TryParse(digits, out var number, out var fault) ? number : throw new FormatException($"Not a mobile number: {fault}.");

    /// <summary>Masked: 138****8000.</summary>
    public override string ToString() => _digits is null ? "(no phone)" : $"{_digits[..3]}****{_digits[^4..]}";

    private const int MaxDigits = 24;

    private static PhoneFault Collect(string? text, Span<char> digits, out int count)
    {
        count = 0;
        var plain = PlainText.Fold(text);
        if (plain.Length == 0) return PhoneFault.Missing;
        for (var i = 0; i < plain.Length; i++)
        {
            var character = plain[i];
            if (char.IsAsciiDigit(character))
            {
                if (count == MaxDigits) return PhoneFault.Length;
                digits[count++] = character;
            }
            else if (character is 'E' or 'e' && count > 0 && i + 1 < plain.Length && plain[i + 1] is '+' or '-' or (>= '0' and <= '9'))
            {
                // 1.38E+10: the spreadsheet has thrown the last digits away, nobody can bring them back.
                return PhoneFault.Scientific;
            }
            else if (!(character is ' ' or '-' or '(' or ')' or '.' or '·' or '‐' or '‑' or '–' or '—' || (character == '+' && count == 0)))
            {
                return PhoneFault.Characters;
            }
        }

        return count == 0 ? PhoneFault.Missing : PhoneFault.None;
    }

    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> digits) => digits switch
    {
        ['0', '0', '8', '6', .. var rest] => rest,
        ['8', '6', .. var rest] when rest.Length == 11 => rest,
        ['0', '1', .. var rest] when rest.Length == 10 => digits[1..],
        _ => digits,
    };

    private static PhoneFault Judge(ReadOnlySpan<char> digits)
    {
        if (digits.Length > 1 && digits.IndexOfAnyExcept(digits[0]) < 0) return PhoneFault.Placeholder;
        if (digits.Length == 13 && digits is ['1', '4', '1', '0', ..] or ['1', '4', '4', '0' or '1', ..] or ['1', '4', '6' or '8', ..]) return PhoneFault.DataCard;
        if (digits is ['0', ..]) return PhoneFault.Landline;
        if (digits.Length != 11) return PhoneFault.Length;
        return digits is ['1', >= '3', ..] ? PhoneFault.None : PhoneFault.Prefix;
    }
}

/// <summary>Why a written number is no mobile number.</summary>
public enum PhoneFault
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Nothing was written.</summary>
    Missing = 1,

    /// <summary>Not eleven digits.</summary>
    Length = 2,

    /// <summary>Eleven digits that do not start with 13 to 19.</summary>
    Prefix = 3,

    /// <summary>A landline with its area code.</summary>
    Landline = 4,

    /// <summary>A data card of a machine (1410, 1440, 1441, 146, 148 with 13 digits): nobody reads its messages.</summary>
    DataCard = 5,

    /// <summary>A spreadsheet's 1.38E+10, whose last digits are lost.</summary>
    Scientific = 6,

    /// <summary>Something that does not belong into a number.</summary>
    Characters = 7,

    /// <summary>One digit repeated, typed in to fill the field.</summary>
    Placeholder = 8,
}
