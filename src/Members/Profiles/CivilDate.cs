namespace Engagement.Members.Profiles;

/// <summary>Reads dates as tills and forms write them.</summary>
internal static class CivilDate
{
    /// <summary>Reads yyyy-mm-dd, yyyy/m/d, yyyy.m.d, yyyymmdd or yyyy年m月d日; what follows a space (time, weekday) is left aside.</summary>
    public static bool TryParse(string? text, out DateOnly date)
    {
        date = default;
        return TryParts(text, out var year, out var month, out var day) && year is not null && TryMake(year.Value, month, day, out date);
    }

    /// <summary>Reads yyyy-mm-dd and nothing else, without making a string of it.</summary>
    public static bool TryIso(ReadOnlySpan<byte> text, out DateOnly date)
    {
        date = default;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-') return false;
        var number = 0;
        for (var i = 0; i < 10; i++)
        {
            if (i is 4 or 7) continue;
            if (text[i] is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + (text[i] - '0');
        }

        return TryMake(number / 10_000, number / 100 % 100, number % 100, out date);
    }

    /// <summary>The numbers of a date whose year may be missing (mm-dd, --mm-dd, m月d日); not yet checked to exist.</summary>
    public static bool TryParts(string? text, out int? year, out int month, out int day)
    {
        (year, month, day) = (null, 0, 0);
        var plain = PlainText.Fold(text).AsSpan();
        var end = plain.IndexOfAny(' ', 'T');
        if (end > 0) plain = plain[..end];
        if (plain.StartsWith("--", StringComparison.Ordinal)) plain = plain[2..];
        if (plain.Length == 8 && plain.IndexOfAnyExceptInRange('0', '9') < 0)
        {
            (year, month, day) = (int.Parse(plain[..4]), int.Parse(plain[4..6]), int.Parse(plain[6..]));
            return true;
        }

        Span<int> parts = stackalloc int[3];
        var count = Split(plain, parts);
        if (count == 3 && parts[0] >= 1000) (year, month, day) = (parts[0], parts[1], parts[2]);
        else if (count == 2) (month, day) = (parts[0], parts[1]);
        else return false;
        return true;
    }

    /// <summary>The date of three numbers, if the calendar has it.</summary>
    public static bool TryMake(int year, int month, int day, out DateOnly date)
    {
        date = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    private static int Split(ReadOnlySpan<char> plain, Span<int> parts)
    {
        var count = 0;
        var digits = 0;
        for (var i = 0; i < plain.Length; i++)
        {
            var character = plain[i];
            if (char.IsAsciiDigit(character))
            {
                if (digits == 0 && count == 3) return 0;
                if (digits == 0) parts[count++] = 0;
                if (++digits > 4) return 0;
                parts[count - 1] = parts[count - 1] * 10 + (character - '0');
            }
            else if (digits > 0 && (character is '-' or '/' or '.' or '年' or '月' || (character == '日' && i == plain.Length - 1)))
            {
                digits = 0;
            }
            else
            {
                return 0;
            }
        }

        return count;
    }
}
