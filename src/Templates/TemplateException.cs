using System.Globalization;
using System.Text;

namespace Engagement.Templates;

/// <summary>One thing that is wrong with a template, in words for the person who wrote it.</summary>
/// <param name="Template">The name under which the template was compiled.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The column in UTF-16 units, counted from 1.</param>
/// <param name="Message">What is wrong, in English.</param>
/// <param name="MessageZh">What is wrong, in Chinese.</param>
/// <param name="SourceLine">The text of the line, without its line break; long lines are cut.</param>
public sealed record TemplateError(
    string Template, int Line, int Column, string Message, string MessageZh, string SourceLine)
{
    /// <summary>The error as three lines: place and message, the source line, and a caret under the column.</summary>
    /// <param name="chinese">True for the Chinese message, false for the English one.</param>
    public string Describe(bool chinese)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Template}({Line},{Column}): {(chinese ? MessageZh : Message)}");
        if (Column - 1 > SourceLine.Length) return text.ToString();

        text.Append("\n  ").Append(SourceLine).Append("\n  ");
        foreach (var character in SourceLine.AsSpan(0, Column - 1))
            text.Append(character == '\t' ? '\t' : IsWide(character) ? '\u3000' : ' ');
        return text.Append('^').ToString();
    }

    /// <summary>The error in English, as <see cref="Describe"/> writes it.</summary>
    public override string ToString() => Describe(chinese: false);

    // Chinese characters take two columns on a terminal; a full-width blank keeps the caret under its column.
    private static bool IsWide(char character) => character is >= '\u2E80' and <= '\uFFE6' and not (>= '\uD800' and <= '\uDFFF');
}

/// <summary>A template could not be compiled, or could not be rendered to its end.</summary>
/// <remarks>Compiling reports every error that was found; rendering stops at the first.</remarks>
public sealed class TemplateException : Exception
{
    /// <summary>Makes the exception for the given errors, of which there is at least one.</summary>
    /// <param name="errors">The errors in the order of their places.</param>
    public TemplateException(IReadOnlyList<TemplateError> errors)
        : base(string.Join('\n', errors.Select(error => error.ToString()))) => Errors = errors;

    /// <summary>What is wrong; never empty.</summary>
    public IReadOnlyList<TemplateError> Errors { get; }
}
