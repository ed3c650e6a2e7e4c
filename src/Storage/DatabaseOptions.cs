using System.ComponentModel.DataAnnotations;

namespace Engagement.Storage;

/// <summary>Which database keeps the state. Bound from <c>Database</c>; refused at start when invalid.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Database";

    /// <summary>The kind of database.</summary>
    /// <value>Default <see cref="DatabaseProvider.Sqlite"/>, which needs no server.</value>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>For SQLite <c>Data Source=FILE</c>; for MySQL a connection string of the driver.</summary>
    /// <value>Default <c>Data Source=data/engagement.db</c>.</value>
    [Required]
    public string ConnectionString { get; set; } = "Data Source=data/engagement.db";

    /// <summary>How many connections a MySQL process opens at most; waiting work queues in front of them.</summary>
    /// <value>Default 20, from 2 to 500. SQLite ignores it.</value>
    [Range(2, 500)]
    public int MaxConnections { get; set; } = 20;
}

/// <summary>The kinds of database.</summary>
public enum DatabaseProvider
{
    /// <summary>Embedded: one file, one process.</summary>
    Sqlite = 1,

    /// <summary>MySQL 8, MariaDB 10.6 and later, or a cluster that speaks their protocol: any number of processes.</summary>
    MySql = 2,
}
