using System.Text.RegularExpressions;

namespace Engagement.Storage;

/// <summary>The few words in which our SQL differs between SQLite and MySQL. Keep it this small.</summary>
public sealed partial record Dialect
{
    private Dialect(string name) => Name = name;

    /// <summary><c>sqlite</c> or <c>mysql</c>.</summary>
    public string Name { get; }

    /// <summary>Locks the rows of a SELECT until commit. Empty on SQLite, whose one writer excludes all others.</summary>
    public string ForUpdate { get; private init; } = "";

    /// <summary>The smaller of two values, as a function name.</summary>
    public string Least { get; private init; } = "MIN";

    /// <summary>The larger of two values, as a function name.</summary>
    public string Greatest { get; private init; } = "MAX";

    /// <summary>Rows that go into one INSERT: 1 means a prepared statement in a loop (measured: faster on SQLite),
    /// more means a VALUES list (MySQL: 100–200 rows, the driver's parameter look-up grows beyond).</summary>
    public int RowsPerInsert { get; private init; } = 1;

    private bool IsMySql => Name == "mysql";

    /// <summary>SQLite, embedded: one process, one writer.</summary>
    public static readonly Dialect Sqlite = new("sqlite");

    /// <summary>MySQL, MariaDB and clusters that speak their protocol.</summary>
    public static readonly Dialect MySql = new("mysql")
    {
        ForUpdate = "FOR UPDATE",
        Least = "LEAST",
        Greatest = "GREATEST",
        RowsPerInsert = 150,
    };

    /// <summary>Starts the update part of an upsert; follow it with assignments.</summary>
    /// <param name="key">The columns of the violated unique key, comma separated.</param>
    public string OnConflictUpdate(string key) =>
        IsMySql ? "ON DUPLICATE KEY UPDATE" : $"ON CONFLICT ({key}) DO UPDATE SET";

    /// <summary>Leaves an existing row alone. Unlike MySQL's INSERT IGNORE it hides no other error.</summary>
    /// <param name="key">The columns of the violated unique key, comma separated.</param>
    public string OnConflictKeep(string key)
    {
        var first = key.Split(',')[0].Trim();
        return IsMySql ? $"ON DUPLICATE KEY UPDATE {first} = {first}" : $"ON CONFLICT ({key}) DO NOTHING";
    }

    /// <summary>The value that an upsert tried to insert into <paramref name="column"/>.</summary>
    public string New(string column) => IsMySql ? $"VALUES({column})" : $"excluded.{column}";

    /// <summary>A schema statement in this database's words.</summary>
    /// <remarks>
    /// InnoDB keeps every table in the order of its primary key. SQLite does so when the type is spelt INTEGER (there it holds 63 bits all the
    /// same), or when a table of several key columns is declared WITHOUT ROWID; else each row would be written to two trees.
    /// An index there belongs to the database, and is dropped by its name alone. A trigger that refuses is written as MySQL says it.
    /// </remarks>
    internal string Schema(string statement)
    {
        if (IsMySql) return statement;
        if (statement.StartsWith("DROP INDEX ", StringComparison.Ordinal)) return statement[..statement.IndexOf(" ON ", StringComparison.Ordinal)];
        if (statement.StartsWith("CREATE TRIGGER ", StringComparison.Ordinal)) return Refusal().Replace(statement, "BEGIN SELECT RAISE(ABORT, $1); END");
        var isOfSeveral = statement.StartsWith("CREATE TABLE", StringComparison.Ordinal) && statement.Contains("PRIMARY KEY (", StringComparison.Ordinal);
        return BigKey().Replace(statement, "INTEGER$1") + (isOfSeveral ? " WITHOUT ROWID" : "");
    }

    [GeneratedRegex(@"\bBIGINT(\s+NOT NULL PRIMARY KEY)")]
    private static partial Regex BigKey();

    [GeneratedRegex("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ('[^']*')")]
    private static partial Regex Refusal();
}
