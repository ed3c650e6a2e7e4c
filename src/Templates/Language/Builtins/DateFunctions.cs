using static Engagement.Templates.Language.Conversions;

namespace Engagement.Templates.Language;

internal static class DateFunctions
{
    public static readonly BuiltinGroup Group = new BuiltinGroup("date")
        .Add("add_days", "date days", static (c, a) => Moved(c, a, static (date, by) => date.AddDays(by)))
        .Add("add_hours", "date hours", static (c, a) => Moved(c, a, static (date, by) => date.AddHours(by)))
        .Add("add_milliseconds", "date millis", static (c, a) => Moved(c, a, static (date, by) => date.AddMilliseconds(by)))
        .Add("add_minutes", "date minutes", static (c, a) => Moved(c, a, static (date, by) => date.AddMinutes(by)))
        .Add("add_months", "date months", static (c, a) => Moved(c, a, static (date, by) => date.AddMonths((int)Math.Clamp(by, -120_000, 120_000))))
        .Add("add_seconds", "date seconds", static (c, a) => Moved(c, a, static (date, by) => date.AddSeconds(by)))
        .Add("add_years", "date years", static (c, a) => Moved(c, a, static (date, by) => date.AddYears((int)Math.Clamp(by, -10_000, 10_000))))
        .Add("default_format", "", static (_, _) => Value.From(DateFormatter.DefaultFormat))
        .Add("format", "", static (c, _) => Value.From(c.DateFormat))
        .Add("now", "", static (c, _) => Value.From(c.Engine.Clock.GetUtcNow().ToOffset(ChinaTime.Offset)))
        .Add("parse", "text pattern? culture?", static (c, a) => Parse(c, a[0], a[1], a[2]))
        .Add("parse_to_string", "text output_pattern? output_culture? input_pattern? input_culture?",
            static (c, a) => ToText(c, Parse(c, a[0], a[3], a[4]), a[1], a[2]))
        .Add("to_string", "datetime pattern? culture?", static (c, a) => ToText(c, a[0], a[1], a[2]))
        .Add("utc_now", "", static (c, _) => Value.From(c.Engine.Clock.GetUtcNow()));

    private static Value Moved(RenderContext context, ReadOnlySpan<Value> arguments, Func<DateTimeOffset, double, DateTimeOffset> move)
    {
        var date = ToDate(context, arguments[0]);
        if (date.IsNull) return Value.Null;
        var by = ToDouble(context, arguments[1]);
        if (double.IsNaN(by)) throw context.Fail(Faults.DateOutOfRange);
        try
        {
            return Value.From(move(date.Date, by));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw context.Fail(Faults.DateOutOfRange);
        }
    }

    private static Value ToDate(RenderContext context, in Value value) =>
        value.Kind switch
    {
        ValueKind.Date or ValueKind.Null or ValueKind.Missing => value,
        ValueKind.Text => Parse(context, value, Value.Null, Value.Null),
        _ => throw context.Fail(Faults.NotADate(Formatter.KindOf(value))),
    };

    private static Value Parse(RenderContext context, in Value value, in Value pattern, in Value culture)
    {
        if (value.Kind == ValueKind.Date) return value;
        var text = Formatter.ToText(context, value);
        if (string.IsNullOrWhiteSpace(text)) return Value.Null;
        var date = DateReader.Read(text, pattern.IsNull ? null : Formatter.ToText(context, pattern), CultureOf(context, culture));
        return date is { } found ? Value.From(found) : throw context.Fail(Faults.NotADate(text[..Math.Min(40, text.Length)]));
    }

    private static Value ToText(RenderContext context, in Value value, in Value pattern, in Value culture)
    {
        var date = ToDate(context, value);
        if (date.IsNull) return Value.Null;
        var format = pattern.IsNull ? context.DateFormat : Formatter.ToText(context, pattern);
        var language = CultureOf(context, culture);
        var start = context.Output.Length;
        // "%g" alone is short for "%g " and the render's own pattern.
        DateFormatter.Write(context.Output, date.Date, format == "%g" ? "%g " + context.DateFormat : format, language);
        return Value.From(context.Output.TakeFrom(start));
    }

    public static DateCulture CultureOf(RenderContext context, in Value culture)
    {
        if (culture.IsNull) return DateCulture.Invariant;
        var name = Formatter.ToText(context, culture);
        return DateCulture.Find(name) ?? throw context.Fail(Faults.Culture(name));
    }
}

internal static class TimeSpanFunctions
{
    public static readonly BuiltinGroup Group = new BuiltinGroup("timespan")
        .Add("from_days", "days", static (c, a) => Made(c, a[0], TimeSpan.TicksPerDay))
        .Add("from_hours", "hours", static (c, a) => Made(c, a[0], TimeSpan.TicksPerHour))
        .Add("from_milliseconds", "millis", static (c, a) => Made(c, a[0], TimeSpan.TicksPerMillisecond))
        .Add("from_minutes", "minutes", static (c, a) => Made(c, a[0], TimeSpan.TicksPerMinute))
        .Add("from_seconds", "seconds", static (c, a) => Made(c, a[0], TimeSpan.TicksPerSecond))
        .Add("parse", "text", Parse)
        .Add("zero", "", static (_, _) => Value.From(TimeSpan.Zero));

    private static Value Made(RenderContext context, in Value number, long unit)
    {
        var ticks = ToDouble(context, number) * unit;
        return Math.Abs(ticks) < 9e18 ? Value.From(TimeSpan.FromTicks((long)ticks)) : throw context.Fail(Faults.NumberTooLarge);
    }

    private static Value Parse(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var text = Formatter.ToText(context, arguments[0]);
        if (string.IsNullOrWhiteSpace(text)) return Value.Null;
        return TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var span)
            ? Value.From(span) : throw context.Fail(Faults.NotADate(text[..Math.Min(40, text.Length)]));
    }
}
