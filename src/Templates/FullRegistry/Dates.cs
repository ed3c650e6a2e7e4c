using System.Globalization;
using System.Text.RegularExpressions;
using Engagement.Templates.Language;
using Scriban;
using Scriban.Functions;

namespace Engagement.Templates;

/// <summary>Dates as our templates write them, where the Scriban package would not.</summary>
internal sealed partial class Dates(DateTimeFunctions date)
{
    // The package does not know `%-m`, the month without its zero, which Chinese dates are written with.
    // It finds out from the defaults here that the last two arguments may be left out.
    public string? ToText(TemplateContext context, DateTime? value, string? pattern = null, string? culture = null)
    {
        if (value is not { } time) return null;
        string Write(string part) => date.ToString(time, part, culture is null ? context.CurrentCulture : CultureOf(culture)) ?? "";
        return Write(Unpadded().Replace(pattern ?? date.Format, field => Write("%" + field.Groups[1].Value).TrimStart('0', ' ') is { Length: > 0 } digits ? digits : "0"));
    }

    // The process runs without culture data; the words of dates are our own table.
    private static CultureInfo CultureOf(string name)
    {
        var words = DateCulture.Find(name) ?? throw new ArgumentException(Faults.Culture(name).English, nameof(name));
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.DateTimeFormat.DayNames, culture.DateTimeFormat.AbbreviatedDayNames) = (words.Days, words.ShortDays);
        (culture.DateTimeFormat.MonthNames, culture.DateTimeFormat.AbbreviatedMonthNames) = ([.. words.Months, ""], [.. words.ShortMonths, ""]);
        (culture.DateTimeFormat.AMDesignator, culture.DateTimeFormat.PMDesignator) = (words.Morning, words.Afternoon);
        return culture;
    }

    [GeneratedRegex("%-([dmHIMSjy])")]
    private static partial Regex Unpadded();
}
