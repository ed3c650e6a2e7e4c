using System.Buffers;
using Engagement.Templates.Language;
using Scriban;
using Scriban.Functions;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace Engagement.Templates;

/// <summary>The Scriban package behind our seam. Its errors are in English only; it counts no steps, so a loop is bounded by its rounds alone.</summary>
internal sealed class ScribanEngine(TemplateLimits limits, TimeProvider clock) : ITemplateEngine
{
    // Made for each render: a template may set `date.format`, and the next one must not see it.
    private BuiltinFunctions MakeBuiltins()
    {
        var builtins = new BuiltinFunctions();
        var date = (DateTimeFunctions)builtins["date"]!;
        date.SetValue("now", DynamicCustomFunction.Create(new Func<DateTime>(() => clock.GetUtcNow().ToOffset(ChinaTime.Offset).DateTime)), true);
        date.SetValue("to_string", DynamicCustomFunction.Create(new Func<TemplateContext, DateTime?, string?, string?, string?>(new Dates(date).ToText)), true);
        return builtins;
    }

    public ICompiledTemplate Compile(string name, string source, RenderSchema schema)
    {
        var text = new SourceText(name, source);
        if (source.Length > limits.MaxSource)
            throw new TemplateException([text.Error(0, new($"The template is longer than {limits.MaxSource} characters.", $"模板超过了 {limits.MaxSource} 个字符。"))]);
        var template = Template.Parse(source, name, new ParserOptions { ExpressionDepthLimit = limits.MaxDepth });
        if (template.HasErrors)
            throw new TemplateException([.. template.Messages.Where(message => message.Type == ParserMessageType.Error).Select(message => Error(text, message.Span, message.Message))]);
        return new CompiledTemplate(this, limits, text, template, schema);
    }

    private static TemplateError Error(SourceText source, SourceSpan span, string message) =>
        source.Error(span.Start.Offset, new Wording(message, $"模板有误：{message}"));

    private sealed class CompiledTemplate(ScribanEngine engine, TemplateLimits limits, SourceText source, Template template, RenderSchema schema) : ICompiledTemplate
    {
        public string Name => source.Name;

        public void Render(RenderRow row, IBufferWriter<char> output) => output.Write(Render(row));

        public string Render(RenderRow row)
        {
            if (!ReferenceEquals(row.Schema, schema)) throw new ArgumentException("The row is not of the schema that the template was compiled for.", nameof(row));
            var context = new TemplateContext(engine.MakeBuiltins())
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
