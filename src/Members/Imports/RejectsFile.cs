using CsvHelper;

namespace Engagement.Members.Imports;

/// <summary>Lists refused rows as CSV: line, column, code and the reason in both languages. It repeats no value of the rows.</summary>
public sealed class RejectsFile : IAsyncDisposable
{
    private static readonly string[] s_header = ["line", "column", "code", "原因", "reason"];

    // With a byte order mark: without it spreadsheets take Chinese for Latin letters.
    private static readonly CsvWriterOptions s_options = CsvWriterOptions.Default with { NewLine = "\n", WriteByteOrderMark = true, Injection = CsvInjection.Escape };

    private readonly string? _path;
    private CsvWriter? _writer;

    /// <summary>Prepares the list; the file appears with the first refusal.</summary>
    /// <param name="path">Where; an earlier list there is removed. <c>null</c> keeps no list.</param>
    public RejectsFile(string? path)
    {
        _path = path;
        if (path is not null) File.Delete(path);
    }

    /// <summary>Whether anything was refused.</summary>
    public bool Any { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Add(Rejection rejection)
    {
        Any = true;
        if (_path is null) return;
        if (_writer is null)
        {
            _writer = CsvWriter.ToFile(_path, s_options);
            _writer.WriteRecord(s_header);
        }

        _writer.WriteRecord([rejection.Line.ToString(), rejection.Column, rejection.Code, rejection.Reason.Zh, rejection.Reason.En]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null) await _writer.DisposeAsync().ConfigureAwait(false);
    }
}
