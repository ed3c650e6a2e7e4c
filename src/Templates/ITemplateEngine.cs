using System.Buffers;

namespace Engagement.Templates;

/// <summary>Turns the source of a template into something that renders rows.</summary>
/// <remarks>
/// The seam behind which our own engine and the Scriban package can stand. Engines are thread-safe.
/// </remarks>
public interface ITemplateEngine
{
    /// <summary>Compiles a template against the columns that it may read.</summary>
    /// <param name="name">The name that errors carry.</param>
    /// <param name="source">The text of the template.</param>
    /// <param name="schema">The columns of the rows to render.</param>
    /// <exception cref="TemplateException">The source is not a template; carries every error found.</exception>
    ICompiledTemplate Compile(string name, string source, RenderSchema schema);
}

/// <summary>A template that was compiled once and renders any number of rows, from any number of threads.</summary>
public interface ICompiledTemplate
{
    /// <summary>The name that errors carry.</summary>
    string Name { get; }

    /// <summary>Renders one row to a new string.</summary>
    /// <param name="row">A row of the schema that the template was compiled for.</param>
    /// <exception cref="TemplateException">The template failed on this row, or broke a limit.</exception>
    string Render(RenderRow row);

    /// <summary>Renders one row onto the end of a buffer; on an exception nothing was written.</summary>
    /// <param name="row">A row of the schema that the template was compiled for.</param>
    /// <param name="output">Where the text goes.</param>
    /// <exception cref="TemplateException">The template failed on this row, or broke a limit.</exception>
    void Render(RenderRow row, IBufferWriter<char> output);
}
