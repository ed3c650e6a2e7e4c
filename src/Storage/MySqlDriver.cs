using System.Data.Common;
using System.Reflection;
using MySql.Data.MySqlClient;

namespace Engagement.Storage;

/// <summary>The MySQL driver of the default build: MySql.Data 8.0.16, a stand-in for trial and tests.</summary>
/// <remarks>The full build puts MySqlConnector here; see <c>FullRegistry/MySqlDriver.cs</c>. Nothing else knows the driver.</remarks>
internal static class MySqlDriver
{
    /// <summary>What to tell people at start.</summary>
    public const string Description = "MySql.Data 8.0.16 (stand-in for trial and tests; production builds use MySqlConnector)";

    /// <summary>Its asynchronous calls run synchronously and break when a token fires, so they get none.</summary>
    public const bool TakesTokens = false;

    /// <summary>Hands out connections; the caller caps how many.</summary>
    public static DbDataSource CreateDataSource(string connectionString, int maxConnections)
    {
        TeachUtf8Mb3();
        var settings = new MySqlConnectionStringBuilder(connectionString)
        {
            CharacterSet = "utf8mb4",
            MaximumPoolSize = (uint)maxConnections,
            DefaultCommandTimeout = 60,
        };
        return MySqlClientFactory.Instance.CreateDataSource(settings.ConnectionString);
    }

    /// <summary>The server's error number, 0 when there is none.</summary>
    public static int ErrorNumber(DbException failure) =>
        failure.Data["Server Error Code"] is int number ? number
        : failure is MySqlException { Number: > 0 } mysql ? mysql.Number
        : (failure.InnerException as MySqlException)?.Number ?? 0;

    // This driver does not know the name utf8mb3, which newer servers report for their own columns: every warning would
    // then fail with a misleading error. Teaching it the name costs nothing per connection.
    private static void TeachUtf8Mb3()
    {
        var map = typeof(MySqlConnection).Assembly.GetType("MySql.Data.MySqlClient.CharSetMap")
            ?.GetField("_mapping", BindingFlags.NonPublic | BindingFlags.Static)
            ?.GetValue(null) as System.Collections.IDictionary
            ?? throw new InvalidOperationException("MySql.Data has changed: its character set map is not where the utf8mb3 cure expects it.");
        lock (map)
        {
            if (!map.Contains("utf8mb3")) map["utf8mb3"] = map["utf8"];
        }
    }
}
