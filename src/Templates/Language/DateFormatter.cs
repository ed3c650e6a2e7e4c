using System.Globalization;

namespace Engagement.Templates.Language;

/// <summary>Writes dates by patterns of percent signs and letters.</summary>
internal static class DateFormatter
{
    public const string DefaultFormat = "%d %b %Y";

    public static void Write(OutputBuffer output, DateTimeOffset date, string pattern, DateCulture culture, int depth = 0)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                output.Append(pattern[i]);
                continue;
            }
            i++;
            // "%-d": a number without its leading zero.
            if (pattern[i] == '-' && i + 1 < pattern.Length)
            {
                i++;
                WriteUnpadded(output, date, pattern[i], culture);
            }
            else if (pattern[i] == 'g')
            {
                culture = DateCulture.Invariant;
            }
            else
            {
                WriteField(output, date, pattern[i], culture, depth);
            }
        }
    }

    private static void WriteUnpadded(OutputBuffer output, DateTimeOffset date, char field, DateCulture culture)
    {
        switch (field)
        {
            case 'd' or 'e': output.Append(date.Day); break;
            case 'm': output.Append(date.Month); break;
            case 'H' or 'k': output.Append(date.Hour); break;
            case 'I' or 'l': output.Append(TwelveHour(date)); break;
            case 'M': output.Append(date.Minute); break;
            case 'S': output.Append(date.Second); break;
            case 'j': output.Append(date.DayOfYear); break;
            default: WriteField(output, date, field, culture, depth: 0); break;
        }
    }

    private static void WriteField(OutputBuffer output, DateTimeOffset date, char field, DateCulture culture, int depth)
    {
        switch (field)
        {
            case 'a': output.Append(culture.ShortDays[(int)date.DayOfWeek]); break;
            case 'A': output.Append(culture.Days[(int)date.DayOfWeek]); break;
            case 'b' or 'h': output.Append(culture.ShortMonths[date.Month - 1]); break;
            case 'B': output.Append(culture.Months[date.Month - 1]); break;
            case 'C': output.Append(date.Year / 100, "00"); break;
            case 'd': output.Append(date.Day, "00"); break;
            case 'e': Blank(output, date.Day); break;
            case 'H': output.Append(date.Hour, "00"); break;
            case 'I': output.Append(TwelveHour(date), "00"); break;
            case 'j': output.Append(date.DayOfYear, "000"); break;
            case 'k': Blank(output, date.Hour); break;
            case 'l': Blank(output, TwelveHour(date)); break;
            case 'L': output.Append(date.Millisecond, "000"); break;
            case 'm': output.Append(date.Month, "00"); break;
            case 'M': output.Append(date.Minute, "00"); break;
            case 'n': output.Append('\n'); break;
            case 'N': output.Append(date.Ticks % TimeSpan.TicksPerSecond * 100, "000000000"); break;
            case 'p': output.Append(date.Hour < 12 ? culture.Morning : culture.Afternoon); break;
            case 'P': output.Append((date.Hour < 12 ? culture.Morning : culture.Afternoon).ToLowerInvariant()); break;
            case 's': output.Append(date.ToUnixTimeSeconds()); break;
            case 'S': output.Append(date.Second, "00"); break;
            case 't': output.Append('\t'); break;
            case 'u': output.Append(date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek); break;
            case 'U': output.Append(WeekOfYear(date, DayOfWeek.Sunday), "00"); break;
            case 'V': output.Append(ISOWeek.GetWeekOfYear(date.DateTime), "00"); break;
            case 'w': output.Append((int)date.DayOfWeek); break;
            case 'W': output.Append(WeekOfYear(date, DayOfWeek.Monday), "00"); break;
            case 'y': output.Append(date.Year % 100, "00"); break;
            case 'Y': output.Append(date.Year); break;
            case 'Z': output.Append(date, "zzz"); break;
            case '%': output.Append('%'); break;
            case 'v': WriteVms(output, date); break;
            default: WriteComposite(output, date, field, culture, depth); break;
        }
    }

    private static void WriteComposite(OutputBuffer output, DateTimeOffset date, char field, DateCulture culture, int depth)
    {
        var pattern = field switch
        {
            'c' => "%a %b %d %T %Y",
            'D' => "%m/%d/%y",
            'F' => "%Y-%m-%d",
            'r' => "%I:%M:%S %p",
            'R' => "%H:%M",
            'T' => "%H:%M:%S",
            'x' => culture.DatePattern,
            'X' => culture.TimePattern,
            _ => null,
        };
        if (pattern is not null && depth < 3)
        {
            Write(output, date, pattern, culture, depth + 1);
            return;
        }
        output.Append('%');
        output.Append(field);
    }

    private static void WriteVms(OutputBuffer output, DateTimeOffset date)
    {
        Blank(output, date.Day);
        output.Append('-');
        output.Append(DateCulture.Invariant.ShortMonths[date.Month - 1].ToUpperInvariant());
        output.Append('-');
        output.Append(date.Year, "0000");
    }

    // The week that holds 1 January is the first.
    private static int WeekOfYear(DateTimeOffset date, DayOfWeek firstDay) =>
        CultureInfo.InvariantCulture.Calendar.GetWeekOfYear(date.DateTime, CalendarWeekRule.FirstDay, firstDay);

    private static int TwelveHour(DateTimeOffset date) => date.Hour % 12 == 0 ? 12 : date.Hour % 12;

    private static void Blank(OutputBuffer output, int number)
    {
        if (number < 10) output.Append(' ');
        output.Append(number);
    }
}
