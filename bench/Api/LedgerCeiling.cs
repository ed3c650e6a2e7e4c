using System.Diagnostics;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Microsoft.Data.Sqlite;

namespace Engagement.Bench.Api;

/// <summary>SQLite's own ceiling beside the ledger: as many rows in the same tables, inserted by prepared statements in as large batches, and nothing read or decided.</summary>
internal static class LedgerCeiling
{
    private const long Base = 250_000_000_000_000_000;
    private const int Batch = 2_000;

    /// <summary>Seconds for the rows of <paramref name="of"/>.</summary>
    public static async Task<double> SecondsAsync(string folder, LedgerRate of, CancellationToken ct)
    {
        var file = Path.Combine(folder, "ceiling.db");
        await using (var database = Database.Open(new DatabaseOptions { ConnectionString = $"Data Source={file}" }))
        {
            await new Migrator(database, Installation.Schema, TimeProvider.System).ApplyAsync(ct);
        }

        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using (var pragma = connection.CreateCommand())
        {
            pragma.CommandText = "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;";
            pragma.ExecuteNonQuery();
        }

        var watch = Stopwatch.StartNew();
        Fill(connection, "points_entry", of.Entries, (i, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]) = (Base + i, Base + i / 3, 1, $"ticket:{Base + i}", 20700, 1_790_000_000_000, 29, 0, 20707, Base + i, ""));
        Fill(connection, "points_posting", of.Postings, (i, v) => (v[0], v[1], v[2], v[3], v[4]) = (Base + i / 2, i % 2, 1, 1, 29));
        Fill(connection, "points_lot", of.Lots, (i, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]) = (Base + i / 3, Base + i, Base + i, 29, 29, 20707, 365, DBNull.Value));
        Fill(connection, "points_order", of.Orders, (i, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]) = (Base + i, Base + i / 3, 1, 20700, 29, 0, 1000, 0, 0, "[[1,2980,1000],[2,1290,1000]]"));
        return watch.Elapsed.TotalSeconds;
    }

    private static void Fill(SqliteConnection connection, string table, long rows, Action<long, object[]> row)
    {
        using var columns = connection.CreateCommand();
        columns.CommandText = $"SELECT COUNT(*) FROM pragma_table_info('{table}')";
        var values = new object[(int)(long)columns.ExecuteScalar()!];
        using var insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO {table} VALUES ({string.Join(',', values.Select((_, i) => "@p" + i))})";
        for (var i = 0; i < values.Length; i++) insert.Parameters.Add(new SqliteParameter("@p" + i, DBNull.Value));
        for (long done = 0; done < rows;)
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            for (var end = Math.Min(rows, done + Batch); done < end; done++)
            {
                row(done, values);
                for (var i = 0; i < values.Length; i++) insert.Parameters[i].Value = values[i];
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }
}
