using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using Engagement.Templates.Language;
using Scriban;
using Scriban.Functions;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace Engagement.Templates;

/// <summary>The Scriban package behind our seam. Its errors are in English only; it counts no steps, so a loop is bounded by its rounds alone.</summary>
internal sealed partial class ScribanEngine : ITemplateEngine
{
    private readonly TemplateLimits _limits;
    private readonly BuiltinFunctions _builtins = new();

    public ScribanEngine(TemplateLimits limits, TimeProvider clock)
    {
        _limits = limits;
        var date = (DateTimeFunctions)_builtins["date"]!;
        date.Import("now", new Func<DateTime>(() => clock.GetUtcNow().ToOffset(ChinaTime.Offset).DateTime));
        date.Import("to_string", new Func<TemplateContext, DateTime?, string, string?, string?>((context, value, pattern, culture) =>
            ToText(date, context, value, pattern, culture)));
    }

    public ICompiledTemplate Compile(string name, string source, RenderSchema schema)
    {
        var text = new SourceText(name, source);
        if (source.Length > _limits.MaxSource)
            throw new TemplateException([text.Error(0, new($"The template is longer than {_limits.MaxSource} characters.", $"模板超过了 {_limits.MaxSource} 个字符。"))]);
        var template = Template.Parse(source, name, new ParserOptions { ExpressionDepthLimit = _limits.MaxDepth });
        if (template.HasErrors)
            throw new TemplateException([.. template.Messages.Where(message => message.Type == ParserMessageType.Error).Select(message => Error(text, message.Span, message.Message))]);
        return new CompiledTemplate(this, text, template, schema);
    }

    private static TemplateError Error(SourceText source, SourceSpan span, string message) =>
        source.Error(span.Start.Offset, new Wording(message, $"模板有误：{message}"));

    // The package does not know `%-m`, the month without its zero, which Chinese dates are written with.
    private static string? ToText(DateTimeFunctions date, TemplateContext context, DateTime? value, string pattern, string? culture)
    {
        if (value is not { } time) return null;
        string Write(string part) => date.ToString(time, part, culture is null ? context.CurrentCulture : CultureOf(culture)) ?? "";
        return Write(Unpadded().Replace(pattern, field => Write("%" + field.Groups[1].Value).TrimStart('0', ' ') is { Length: > 0 } digits ? digits : "0"));
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

    private sealed class CompiledTemplate(ScribanEngine engine, SourceText source, Template template, RenderSchema schema) : ICompiledTemplate
    {
        public string Name => source.Name;

        public void Render(RenderRow row, IBufferWriter<char> output) => output.Write(Render(row));

        public string Render(RenderRow row)
        {
            if (!ReferenceEquals(row.Schema, schema)) throw new ArgumentException("The row is not of the schema that the template was compiled for.", nameof(row));
            var limits = engine._limits;
            var context = new TemplateContext(engine._builtins)
            {
                NewLine = "\n", LoopLimit = limits.MaxLoop, RecursiveLimit = limits.MaxRecursion, LimitToString = limits.MaxOutput + 1,
                RegexTimeOut = limits.RegexTime ?? TimeSpan.FromSeconds(1),
            };
            context.PushGlobal(Model(row));
            try
            {
                var text = template.Render(context);
                return text.Length <= limits.MaxOutput ? text : throw new TemplateException([source.Error(0, Faults.TooLong(limits.MaxOutput))]);
            }
            catch (ScriptRuntimeException failure)
            {
                throw new TemplateException([Error(source, failure.Span, failure.OriginalMessage)]);
            }
        }

        private static ScriptObject Model(RenderRow row)
        {
            var model = new ScriptObject();
            for (var column = 0; column < row.Schema.Paths.Count; column++)
            {
                var parts = row.Schema.Paths[column].Split('.');
                var owner = model;
                foreach (var part in parts.AsSpan(0, parts.Length - 1))
                {
                    if (owner.TryGetValue(part, out var known) && known is ScriptObject below) owner = below;
                    else owner.SetValue(part, owner = new ScriptObject(), readOnly: false);
                }
                owner.SetValue(parts[^1], Known(row[column]), readOnly: false);
            }
            return model;
        }

        // Its own kinds of numbers, dates without offsets, and lists.
        private static object? Known(object? value) => value switch
        {
            long and >= int.MinValue and <= int.MaxValue => (int)(long)value,
            DateTimeOffset time => time.ToOffset(ChinaTime.Offset).DateTime,
            RenderList rows => new ScriptArray(Enumerable.Range(0, rows.Count).Select(place => Model(rows[place]))),
            object?[] items => new ScriptArray(items.Select(Known)),
            _ => value,
        };
    }
}
