namespace Engagement.Templates.Language;

/// <summary>The source of one template; finds lines and columns, which only errors need.</summary>
internal sealed class SourceText(string name, string text)
{
    private const int LongestShownLine = 200;

    public string Name { get; } = name;

    public string Text { get; } = text;

    public (int Line, int Column) Locate(int offset)
    {
        var before = Text.AsSpan(0, Math.Clamp(offset, 0, Text.Length));
        var line = before.Count('\n') + 1;
        return (line, before.Length - before.LastIndexOf('\n'));
    }

    public TemplateError Error(int offset, Wording wording)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        var (line, column) = Locate(offset);
        var rest = Text.AsSpan(offset - (column - 1));
        var end = rest.IndexOf('\n');
        var shown = (end < 0 ? rest : rest[..end]).TrimEnd('\r');
        if (shown.Length > LongestShownLine) shown = shown[..LongestShownLine];
        return new TemplateError(Name, line, column, wording.English, wording.Chinese, shown.ToString());
    }
}
