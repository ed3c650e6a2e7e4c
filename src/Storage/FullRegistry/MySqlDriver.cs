using System.Data.Common;
using MySqlConnector;

namespace Engagement.Storage;

/// <summary>The MySQL driver of the full build: MySqlConnector, for production.</summary>
internal static class MySqlDriver
{
    /// <summary>What to tell people at start.</summary>
    public const string Description = "MySqlConnector";

    /// <summary>Truly asynchronous; a fired token cancels the statement.</summary>
    public const bool TakesTokens = true;

    /// <summary>Hands out connections; the caller caps how many.</summary>
    public static DbDataSource CreateDataSource(string connectionString, int maxConnections)
    {
        var settings = new MySqlConnectionStringBuilder(connectionString)
        {
            CharacterSet = "utf8mb4",
            MaximumPoolSize = (uint)maxConnections,
            DefaultCommandTimeout = 60,
            // Nothing of ours is session state, so a pooled connection needs no reset: measured, twice the point reads.
            ConnectionReset = false,
        };
        return new MySqlDataSource(settings.ConnectionString);
    }

    /// <summary>The server's error number, 0 when there is none.</summary>
    public static int ErrorNumber(DbException failure) => failure is MySqlException mysql ? mysql.Number : 0;
}
