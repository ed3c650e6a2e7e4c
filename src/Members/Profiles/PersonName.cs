using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Engagement.Members.Profiles;

/// <summary>A person's name, cleaned. <see cref="ToString"/> is masked; <see cref="Value"/> is asked for by name.</summary>
/// <remarks>Two names are equal when their cleaned spellings are; whether two records mean one person asks <see cref="CompareForm"/>.</remarks>
public readonly record struct PersonName
{
    private static readonly SearchValues<char> s_toClean = SearchValues.Create(" •・‧0123456789");
    private const int MaxHan = 20;
    private const int MaxLatin = 50;

    private readonly string? _value;

    private PersonName(string value) => _value = value;

    /// <summary>The name as it is shown and greeted with. Never log this.</summary>
    public string Value => _value ?? throw new InvalidOperationException("The name was never set.");

    /// <summary>The form that is compared and indexed: without titles, simplified characters, lower case, no spaces.</summary>
    public string CompareForm => NameForms.Compare(Value);

    /// <summary>Whether the name is only a surname with a title (王先生): it proves nobody's identity.</summary>
    public bool IsPartial => CompareForm.Length < 2 || CompareForm == Surname;

    /// <summary>The surname: two characters for the compound ones (欧阳, 司马 …); of a Latin name the last word.</summary>
    public string Surname => NameForms.Surname(Value);

    /// <summary>Cleans a written name.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="name">The name.</param>
    /// <param name="fault">Why there is none; <see cref="NameFault.None"/> also when digits had to be cut away.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out PersonName name, out NameFault fault)
    {
        name = default;
        var clean = Clean(PlainText.Fold(text));
        fault = Judge(clean);
        if (fault != NameFault.None) return false;
        name = new PersonName(clean);
        return true;
    }

    /// <summary>A name that was cleaned before, for what the database holds.</summary>
    public static PersonName Parse(string value) => new(value);

    /// <summary>Masked: 王**, 欧阳*, J***.</summary>
    public override string ToString()
    {
        if (_value is null) return "(no name)";
        return PlainText.IsHan(_value[0]) ? Surname + new string('*', Math.Max(1, _value.Length - Surname.Length)) : _value[..1] + "***";
    }

    private static string Clean(string plain)
    {
        if (!plain.AsSpan().ContainsAny(s_toClean)) return plain;
        var result = new StringBuilder(plain.Length);
        for (var i = 0; i < plain.Length; i++)
        {
            var character = plain[i];
            if (char.IsAsciiDigit(character)) continue;
            if (character == ' ' && result.Length > 0 && (PlainText.IsHan(result[^1]) || (i + 1 < plain.Length && PlainText.IsHan(plain[i + 1])))) continue;
            result.Append(character is '•' or '・' or '‧' ? '·' : character);
        }

        return result.ToString().Trim();
    }

    private static NameFault Judge(string clean)
    {
        if (clean.Length == 0) return NameFault.Missing;
        if (NameForms.IsPlaceholder(clean)) return NameFault.Placeholder;
        if (!clean.Any(c => char.IsLetter(c) || PlainText.IsHan(c))) return NameFault.Characters;
        var han = clean.Count(PlainText.IsHan);
        var length = new System.Globalization.StringInfo(clean).LengthInTextElements;
        if (length < 2) return NameFault.TooShort;
        return length > (han > 0 ? MaxHan : MaxLatin) ? NameFault.TooLong : NameFault.None;
    }
}

/// <summary>Why a written name is none.</summary>
public enum NameFault
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Nothing was written, or digits only.</summary>
    Missing = 1,

    /// <summary>顾客, 会员, 测试 …: typed in to fill the field.</summary>
    Placeholder = 2,

    /// <summary>One character.</summary>
    TooShort = 3,

    /// <summary>More than 20 Chinese or 50 Latin characters.</summary>
    TooLong = 4,

    /// <summary>No letter in it.</summary>
    Characters = 5,
}
