using System.Buffers;
using System.Collections.Concurrent;
using Engagement.Templates.Language;

namespace Engagement.Templates;

/// <summary>The product's own engine for the Scriban language.</summary>
/// <remarks>Thread-safe; one is enough for a process.</remarks>
public sealed class BuiltInEngine : ITemplateEngine
{
    private readonly Func<string, string?> _store;
    private readonly ConcurrentDictionary<(string Name, RenderSchema Schema, string Source), CompiledUnit> _included = new();

    /// <summary>Makes an engine whose templates include nothing.</summary>
    /// <param name="limits">What one render may cost.</param>
    /// <param name="clock">The clock behind `date.now`.</param>
    public BuiltInEngine(TemplateLimits limits, TimeProvider clock)
        : this(limits, clock, static _ => null)
    {
    }

    /// <summary>Makes an engine whose templates may include others.</summary>
    /// <param name="limits">What one render may cost.</param>
    /// <param name="clock">The clock behind `date.now`.</param>
    /// <param name="store">Gives the source of a template by its name, or null; called often and from any thread, so it must answer from memory.</param>
    public BuiltInEngine(TemplateLimits limits, TimeProvider clock, Func<string, string?> store)
    {
        (Limits, Clock, _store) = (limits, clock, store);
    }

    internal TemplateLimits Limits { get; }

    internal TimeProvider Clock { get; }

    /// <inheritdoc/>
    public ICompiledTemplate Compile(string name, string source, RenderSchema schema) =>
        new CompiledTemplate(this, schema, Compiler.Compile(new SourceText(name, source), schema, Limits));

    /// <summary>What a template reads and which of its names nobody knows, without rendering it.</summary>
    /// <param name="name">The name that errors carry.</param>
    /// <param name="source">The text of the template.</param>
    /// <param name="schema">The columns that it may read.</param>
    /// <exception cref="TemplateException">The source is not a template; carries every error found.</exception>
    public TemplateAnalysis Analyse(string name, string source, RenderSchema schema) => Analyser.Run(new SourceText(name, source), schema, Limits);

    internal string NewUuid() => Guid.CreateVersion7(Clock.GetUtcNow()).ToString();

    /// <summary>A template of the store, compiled once for a schema and a source.</summary>
    internal CompiledUnit Included(RenderContext context, string name)
    {
        var source = _store(name) ?? throw context.Fail(Faults.NoTemplate(name));
        var key = (name, context.Row.Schema, source);
        if (_included.TryGetValue(key, out var unit)) return unit;

        unit = Compiler.Compile(new SourceText(name, source), context.Row.Schema, Limits, byName: true);
        // Edited sources leave their old entries behind; a full shelf is swept.
        if (_included.Count >= 1_000) _included.Clear();
        _included[key] = unit;
        return unit;
    }

    private sealed class CompiledTemplate(BuiltInEngine engine, RenderSchema schema, CompiledUnit unit) : ICompiledTemplate
    {
        public string Name => unit.Source.Name;

        public string Render(RenderRow row)
        {
            var context = Run(row);
            var text = new string(context.Output.Written);
            context.Return();
            return text;
        }

        public void Render(RenderRow row, IBufferWriter<char> output)
        {
            var context = Run(row);
            output.Write(context.Output.Written);
            context.Return();
        }

        // A context whose render failed is not used again: it may hold half a loop.
        private RenderContext Run(RenderRow row)
        {
            if (!ReferenceEquals(row.Schema, schema)) throw new ArgumentException("The row is not of the schema that the template was compiled for.", nameof(row));
            var context = RenderContext.Rent(engine, unit, row);
            unit.Body(context);
            context.WriteReturnValue();
            if (context.Output.Length > engine.Limits.MaxOutput) throw context.Fail(Faults.TooLong(engine.Limits.MaxOutput));
            return context;
        }
    }
}
