using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Engagement.Templates.Language;

internal static class RegexFunctions
{
    private const int MaxPattern = 1_000;

    public static readonly BuiltinGroup Group = new BuiltinGroup("regex")
        .Add("escape", "pattern", static (c, a) => Value.From(Regex.Escape(Formatter.ToText(c, a[0]))))
        .Add("match", "text pattern options?", static (c, a) => Run(c, a[0], a[1], a[2], static (regex, text, _) => Groups(regex.Match(text))))
        .Add("matches", "text pattern options?", static (c, a) => Run(c, a[0], a[1], a[2], static (regex, text, context) => Matches(regex, text, context)))
        .Add("replace", "text pattern replace options?", Replace)
        .Add("split", "text pattern options?", static (c, a) => Run(c, a[0], a[1], a[2], static (regex, text, context) => Split(regex, text, context)))
        .Add("unescape", "pattern", Unescape);

    private static Value Replace(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var by = Formatter.ToText(context, arguments[2]);
        return Run(context, arguments[0], arguments[1], arguments[3], (regex, text, c) =>
        {
            // Each match may add the whole replacement, so the growth is counted before it is made.
            c.ChargeLength(text.Length + ((long)regex.Count(text) * by.Length));
            return Value.From(regex.Replace(text, by));
        });
    }

    private static Value Unescape(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var text = Formatter.ToText(context, arguments[0]);
        try
        {
            return Value.From(Regex.Unescape(text));
        }
        catch (ArgumentException)
        {
            throw context.Fail(Faults.Regex(text[..Math.Min(40, text.Length)]));
        }
    }

    /// <summary>Runs a pattern of a template; all of a render share one allowance of time.</summary>
    public static Value Run(
        RenderContext context, in Value text, in Value pattern, in Value options, Func<Regex, string, RenderContext, Value> work)
    {
        var expression = Formatter.ToText(context, pattern);
        var left = context.RegexTimeLeft;
        if (left <= TimeSpan.Zero) throw context.Fail(Faults.RegexTime);
        var started = Stopwatch.GetTimestamp();
        context.Step(10);
        try
        {
            if (expression.Length > MaxPattern) throw context.Fail(Faults.Regex(expression[..40]));
            var regex = new Regex(expression, OptionsOf(Formatter.ToText(context, options)), left);
            return work(regex, Formatter.ToText(context, text), context);
        }
        catch (RegexMatchTimeoutException)
        {
            throw context.Fail(Faults.RegexTime);
        }
        catch (ArgumentException)
        {
            throw context.Fail(Faults.Regex(expression[..Math.Min(40, expression.Length)]));
        }
        finally
        {
            context.ChargeRegex(Stopwatch.GetElapsedTime(started));
        }
    }

    private static RegexOptions OptionsOf(string letters)
    {
        var options = RegexOptions.CultureInvariant;
        foreach (var letter in letters)
        {
            options |= letter switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => RegexOptions.None,
            };
        }
        return options;
    }

    private static Value Groups(Match match) =>
        Value.From(new ArrayValue(match.Success ? match.Groups.Values.Select(group => Value.From(group.Value)) : []));

    private static Value Matches(Regex regex, string text, RenderContext context)
    {
        var result = new ArrayValue();
        foreach (Match match in regex.Matches(text))
        {
            context.ChargeItems(result.Count);
            result.Add(Groups(match));
        }
        return Value.From(result);
    }

    private static Value Split(Regex regex, string text, RenderContext context)
    {
        context.ChargeItems(regex.Count(text) + 1L);
        return Value.From(new ArrayValue(regex.Split(text).Select(Value.From)));
    }
}

internal static class HtmlFunctions
{
    private static readonly SearchValues<char> UrlMarks = SearchValues.Create(";/?:@&=+$,#[]!'()*%");

    private const string Tags = """<script.*?</script>|<!--.*?-->|<style.*?</style>|<(?:"[^"]*"|'[^']*'|[^'">])*>""";

    public static readonly BuiltinGroup Group = new BuiltinGroup("html")
        .AddOfText("escape", "text", static (c, a) => Value.From(c.ChargeText(WebUtility.HtmlEncode(Formatter.ToText(c, a[0])))))
        .AddOfText("newline_to_br", "text", static (c, a) => RegexFunctions.Run(c, a[0], Value.From("\r\n|\r|\n"), Value.Null,
            static (regex, text, context) =>
            {
                context.ChargeLength(text.Length + (6L * regex.Count(text)));
                return Value.From(regex.Replace(text, "<br />$0"));
            }))
        .AddOfText("strip", "text", static (c, a) => RegexFunctions.Run(c, a[0], Value.From(Tags), Value.From("si"),
            static (regex, text, _) => Value.From(regex.Replace(text, ""))))
        .AddOfText("url_encode", "text", static (c, a) => Value.From(c.ChargeText(Uri.EscapeDataString(Formatter.ToText(c, a[0])))))
        .AddOfText("url_escape", "text", static (c, a) => Value.From(c.ChargeText(EscapeUrl(Formatter.ToText(c, a[0])))));

    // Characters with a meaning in a whole address stay as they are.
    private static string EscapeUrl(string text)
    {
        var result = new System.Text.StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var length = text.AsSpan(at).IndexOfAny(UrlMarks);
            if (length < 0) length = text.Length - at;
            result.Append(Uri.EscapeDataString(text.AsSpan(at, length)));
            at += length;
            if (at < text.Length) result.Append(text[at++]);
        }
        return result.ToString();
    }
}
