using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Engagement.Storage;

/// <summary>One UPDATE for many rows, each with values of its own; written once, spelt as each database likes it.</summary>
/// <remarks>
/// SQLite runs a prepared statement for each row. MySQL would pay a journey for each, so there it joins the table to a list of the values.
/// In <c>set</c> and <c>where</c> a value is named in braces; <c>{name:text}</c> where it is compared with a text column.
/// </remarks>
public sealed partial class BatchUpdate
{
    // Drivers look each parameter up by its name; longer lists are a loss.
    private const int MostParameters = 600;

    private readonly string _table;
    private readonly string[] _columns;
    private readonly string _set;
    private readonly string _where;
    private readonly ConcurrentDictionary<(int Rows, bool Probe), string> _joined = new();

    /// <summary>Describes it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="values">The names of the values, comma separated; the first is the table's column <c>id</c> or its like, which finds the row.</param>
    /// <param name="set">The assignments.</param>
    /// <param name="where">What must hold of the row beside its key.</param>
    public BatchUpdate(string table, string values, string set, string where)
    {
        (_table, _set, _where) = (table, set, where);
        _columns = values.Split(',', StringSplitOptions.TrimEntries);
        Single = $"UPDATE {table} SET {Named(set)} WHERE {_columns[0]} = @p0 AND {Named(where)}";
    }

    /// <summary>How many values a row has.</summary>
    internal int Values => _columns.Length;

    /// <summary>How many rows go into one joined statement.</summary>
    internal int RowsPerStatement => Math.Clamp(MostParameters / _columns.Length, 1, 100);

    /// <summary>The statement for one row, its values by position.</summary>
    internal string Single { get; }

    /// <summary>The statement for so many rows.</summary>
    internal string Joined(int rows) => _joined.GetOrAdd((rows, false), static (key, self) =>
        $"UPDATE {self._table} m JOIN ({self.List(key.Rows)}) v ON m.{self._columns[0]} = v.v_{self._columns[0]} SET {self.OfList(self._set)} WHERE {self.OfList(self._where)}", this);

    /// <summary>Which of so many rows the statement would change, by key and locked.</summary>
    internal string Probe(int rows) => _joined.GetOrAdd((rows, true), static (key, self) =>
        $"SELECT v.v_{self._columns[0]} FROM ({self.List(key.Rows)}) v JOIN {self._table} m ON m.{self._columns[0]} = v.v_{self._columns[0]} WHERE {self.OfList(self._where)} FOR UPDATE", this);

    private string List(int rows)
    {
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            text.Append(row == 0 ? "SELECT " : " UNION ALL SELECT ");
            for (var column = 0; column < _columns.Length; column++)
            {
                if (column > 0) text.Append(',');
                text.Append("@p").Append(row * _columns.Length + column);
                if (row == 0) text.Append(" AS v_").Append(_columns[column]);
            }
        }

        return text.ToString();
    }

    private string Named(string sql) => Value().Replace(sql, match => "@p" + Index(match));

    private string OfList(string sql) => Value().Replace(sql, match =>
        match.Groups[2].Success ? $"(v.v_{_columns[Index(match)]} COLLATE utf8mb4_bin)" : "v.v_" + _columns[Index(match)]);

    private int Index(Match match) => Array.IndexOf(_columns, match.Groups[1].Value) is >= 0 and var index
        ? index : throw new ArgumentException($"The update of {_table} names a value {match.Value} that it does not list.");

    [GeneratedRegex(@"\{(\w+)(:text)?\}")]
    private static partial Regex Value();
}
