using System.Diagnostics;
using System.Text.Json;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;
using Microsoft.Data.Sqlite;

namespace Engagement.Bench.Import;

/// <summary>One round in a process of its own, so that its peak memory is its own: an import, then SQLite's bare inserts of as many lines.</summary>
internal static class ImportRound
{
    private static readonly int s_batch = new ImportOptions().BatchRows;

    /// <summary>Runs the round that <paramref name="argument"/> describes (LINES@CSV) and prints its figures as JSON.</summary>
    public static async Task<int> RunAsync(string argument, CancellationToken ct)
    {
        var (lines, csv) = (int.Parse(argument[..argument.IndexOf('@')]), argument[(argument.IndexOf('@') + 1)..]);
        var folder = Directory.CreateTempSubdirectory("engagement-bench-").FullName;
        try
        {
            var import = await ImportAsync(Path.Combine(folder, "import.db"), csv, lines, folder, ct);
            var peak = PeakMegabytes();
            var ceiling = await CeilingAsync(Path.Combine(folder, "ceiling.db"), lines, ct);
            Console.WriteLine(JsonSerializer.Serialize(new[] { lines / import.Seconds, lines / ceiling.Seconds, peak, import.Cpu * 1e6 / lines, ceiling.Cpu * 1e6 / lines }));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task<(double Seconds, double Cpu)> ImportAsync(string path, string csv, int lines, string folder, CancellationToken ct)
    {
        await using var database = Database.Open(new DatabaseOptions { ConnectionString = $"Data Source={path}" });
        await new Migrator(database, Schema(), TimeProvider.System).ApplyAsync(ct);
        await using var ids = await IdGenerator.LeaseAsync(database, TimeProvider.System, ct);
        var keys = KeyRing.Create(Path.Combine(folder, "keys"), demo: true);
        var (cipher, index, clocks) = (new FieldCipher(keys), new BlindIndex(keys), new Clocks(TimeProvider.System, TimeProvider.System));
        var options = new ImportOptions();
        await new StoreImport(database, ids).RunAsync(Rows(PurchaseCsv.Stores, i => new StoreRow($"S{i:00}", $"店{i}", "杭州")), options, null, null, ct);
        await new ProductImport(database, ids, clocks).RunAsync(Rows(PurchaseCsv.Products, Product), options, null, null, ct);
        await new MemberImport(database, ids, cipher, index, clocks).RunAsync(
            Rows(PurchaseCsv.Members(lines), i => new MemberRow { Source = "till", MemberNo = $"M{i:0000000}", Joined = "2024-01-01" }), options, null, null, ct);

        var watch = Watch.Start();
        var result = await new ImportFile(database, ids, cipher, index, clocks).RunAsync(ImportKind.Purchases, csv, options, null, null, ct);
        var spent = watch.Stop();
        return result.Report?.Added == lines ? spent : throw new InvalidOperationException($"Only {result.Report?.Added} of {lines} lines came in.");
    }

    // Every tenth product is taken for long, as in a real chain.
    private static ProductRow Product(int i) => new()
    {
        Sku = $"P{i:000}", Name = $"商品{i}", GenericName = $"通用名{i}", Strength = "5mg", Class = ProductClass.OtcA, Therapy = i % 10 == 0 ? "chronic" : null,
        PackUnits = 28, UnitsPerDayMilli = 1000, PriceFen = 1000,
    };

    /// <summary>The table of purchase lines with its own indexes, filled by one prepared statement in batches of the same size: nothing else is done.</summary>
    private static async Task<(double Seconds, double Cpu)> CeilingAsync(string path, int lines, CancellationToken ct)
    {
        await using (var database = Database.Open(new DatabaseOptions { ConnectionString = $"Data Source={path}" }))
        {
            await new Migrator(database, Schema(), TimeProvider.System).ApplyAsync(ct);
        }

        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;");
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO purchase_line VALUES ({string.Join(',', Enumerable.Range(0, 15).Select(i => "@p" + i))})";
        for (var i = 0; i < 15; i++) command.Parameters.Add(new SqliteParameter("@p" + i, DBNull.Value));
        var watch = Watch.Start();
        for (var line = 0; line < lines;)
        {
            Execute(connection, "BEGIN IMMEDIATE");
            for (var end = Math.Min(lines, line + s_batch); line < end; line++)
            {
                Fill(command.Parameters, line);
                command.ExecuteNonQuery();
            }

            Execute(connection, "COMMIT");
        }

        return watch.Stop();
    }

    private static void Fill(SqliteParameterCollection p, int line)
    {
        const long Base = 250_000_000_000_000_000;
        (p[0].Value, p[1].Value, p[2].Value, p[3].Value) = (Base + line, Base + line / 3, line % 3 + 1, Base + line % PurchaseCsv.Products);
        (p[4].Value, p[5].Value, p[6].Value, p[7].Value) = (1, 2580L, 0L, 2580L);
        (p[9].Value, p[11].Value, p[12].Value) = ("B0001", line % 4 == 0 ? "[\"81001234567890123456\"]" : DBNull.Value, "");
        p[14].Value = "0123456789012345678901";
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static double PeakMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line["VmHWM:".Length..].Replace("kB", "")) / 1024;
    }

    // Wall time swings with whatever else the machine does; processor time is the steadier figure.
    private readonly record struct Watch(long Started, TimeSpan Processor)
    {
        public static Watch Start() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        public (double Seconds, double Cpu) Stop() => (Stopwatch.GetElapsedTime(Started).TotalSeconds, (Environment.CpuUsage.TotalTime - Processor).TotalSeconds);
    }

    private static IReadOnlyList<Migration> Schema() => Migration.In(typeof(Database).Assembly, typeof(ImportFile).Assembly);

    private static async IAsyncEnumerable<T> Rows<T>(int count, Func<int, T> row)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.CompletedTask;
            yield return row(i);
        }
    }
}
