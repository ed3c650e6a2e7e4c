using System.Runtime.CompilerServices;
using CsvHelper;
using Engagement.Members.Profiles;

namespace Engagement.Members.Imports.Csv;

/// <summary>A kind of file: its columns and how a line becomes a row.</summary>
/// <param name="Columns">The columns, in the order in which documents list them.</param>
/// <param name="Read">Makes the row; what is wrong is noted in the line.</param>
internal sealed record CsvTable<TRow>(IReadOnlyList<CsvColumn> Columns, Func<CsvLine, TRow> Read) where TRow : class
{
    /// <summary>Finds the columns of a file in its first line; those that are not known are named, so that a misspelt one is seen.</summary>
    public async Task<(int[] Positions, IReadOnlyList<string> Ignored, ImportFileError? Error)> ReadHeaderAsync(CsvFile file, CancellationToken ct)
    {
        await using var reader = CsvReader.Create(file.Open(), OptionsOf(file), leaveOpen: false);
        await reader.ReadHeaderAsync(ct).ConfigureAwait(false);
        var positions = Enumerable.Repeat(-1, Columns.Count).ToArray();
        var ignored = new List<string>();
        var known = Columns.SelectMany((column, i) => column.Synonyms.Append(column.Name).Select(name => (Name: Plain(name), i))).ToDictionary(n => n.Name, n => n.i);
        for (var i = 0; i < reader.Headers.Count; i++)
        {
            if (!known.TryGetValue(Plain(reader.Headers[i]), out var column)) ignored.Add(Shown(reader.Headers[i]));
            else if (positions[column] >= 0) return (positions, ignored, FileErrors.ColumnTwice(Columns[column].Name));
            else positions[column] = i;
        }

        if (positions.All(p => p < 0)) return (positions, ignored, FileErrors.Header(string.Join(", ", Columns.Where(c => c.Required).Select(c => c.Name))));
        var missing = Columns.Where((column, i) => column.Required && positions[i] < 0).FirstOrDefault();
        return (positions, ignored, missing is null ? null : FileErrors.ColumnMissing(missing.Name, string.Join(", ", missing.Synonyms)));
    }

    /// <summary>Reads the rows one by one; lines without any value are passed over.</summary>
    public async IAsyncEnumerable<Delivered<TRow>> RowsAsync(CsvFile file, int[] positions, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var reader = CsvReader.Create(file.Open(), OptionsOf(file), leaveOpen: false);
        await reader.ReadHeaderAsync(ct).ConfigureAwait(false);
        var width = reader.Headers.Count;
        var line = new CsvLine(reader, Columns, positions);
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            line.Begin();
            if (reader.FieldCount != width && (reader.FieldCount < width || !IsBlank(reader, width)))
            {
                if (!IsBlank(reader, 0)) yield return Refused(line.Number, "", CsvReasons.FieldCount);
                continue;
            }

            var row = Read(line);
            if (line.Fault is not var (column, reason)) yield return new Delivered<TRow>(row, null);
            else if (!IsBlank(reader, 0)) yield return Refused(line.Number, column, reason);
        }
    }

    private static Delivered<TRow> Refused(int line, string column, Reason reason) => new(null, new Rejection(line, column, reason.Code, reason.Text));

    private static bool IsBlank(CsvReader reader, int from)
    {
        for (var i = from; i < reader.FieldCount; i++)
        {
            if (!reader.IsEmpty(i) && !string.IsNullOrWhiteSpace(reader.GetString(i))) return false;
        }

        return true;
    }

    private static CsvReaderOptions OptionsOf(CsvFile file) => CsvReaderOptions.Default with
    {
        Separator = file.Delimiter,
        Encoding = file.Encoding,
        TrackLineNumbers = true,
        // Stores, articles and tills repeat on every line; a batch keeps them until it is written.
        PoolStrings = true,
        IncludeValuesInExceptions = false,
    };

    private static string Plain(string name) => PlainText.Fold(name).ToLowerInvariant().Replace(" ", "").Replace("_", "").Replace("-", "").TrimEnd('*');

    // What stands where a heading should be may be anybody's data: show its beginning only.
    private static string Shown(string name) => name.Length <= 20 ? name : name[..20] + "…";
}
