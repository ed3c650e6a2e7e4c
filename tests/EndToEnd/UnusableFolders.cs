using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Engagement.EndToEnd;

/// <summary>A folder that cannot be worked on says why in one sentence, ends with 1, and stays as it is.</summary>
public sealed class UnusableFolders : IDisposable
{
    private readonly DemoFolder _folder = new();

    static UnusableFolders() => SQLitePCL.Batteries_V2.Init();

    private string DatabaseFile => Path.Combine(_folder.Path, "engagement.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_that_another_program_holds_and_one_from_a_newer_version()
    {
        await PrepareAsync();
        await using var other = Open();
        await using (var transaction = other.BeginTransaction())
        {
            Refused(await _folder.EngageAsync("why", "王秀兰"), "in use");
            await transaction.RollbackAsync();
        }

        await using var later = other.CreateCommand();
        later.CommandText = "INSERT INTO migration (number, name, checksum, statements, done, applied_at) VALUES (9999, 'later', 'x', 1, 1, 1)";
        await later.ExecuteNonQueryAsync();
        Refused(await _folder.EngageAsync("why", "王秀兰"), "newer version");
    }

    [Fact]
    public async Task A_folder_of_a_real_installation_for_the_demo()
    {
        await PrepareAsync();
        var before = await File.ReadAllBytesAsync(DatabaseFile);

        Refused(await _folder.OnceAsync("--members", "100"), "holds a real installation");

        Assert.Equal(before, await File.ReadAllBytesAsync(DatabaseFile));
    }

    [Fact]
    public async Task A_database_file_that_may_not_be_written()
    {
        await PrepareAsync();

        Refused(await _folder.EngageAsync(("Engagement__Database__ConnectionString", $"Data Source={DatabaseFile};Mode=ReadOnly"), "why", "王秀兰"), "written");
    }

    [Fact]
    public async Task A_folder_in_which_a_server_works_already()
    {
        await using (new FileStream(Path.Combine(_folder.Path, "server.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Refused(await _folder.OnceAsync("--members", "100"), "already using");
        }

        Assert.False(File.Exists(DatabaseFile));
    }

    [Fact]
    public async Task A_port_of_the_sandbox_that_somebody_else_uses()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString();

        Refused(await _folder.OnceOnAsync("0", port, "--members", "100"), $"port {port}");
    }

    [Fact]
    public async Task A_refused_purchases_file_leaves_no_member_and_no_purchase_behind()
    {
        var file = Path.Combine(_folder.Path, "till.csv");
        await File.WriteAllTextAsync(file, "master_id,date,cds,value\n1,19970101,1,9.90\n");

        Refused(await _folder.OnceAsync("--purchases", file), "Missing: sample_id");

        await using var database = Open();
        await using var count = database.CreateCommand();
        count.CommandText = "SELECT (SELECT COUNT(*) FROM member) + (SELECT COUNT(*) FROM purchase)";
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    private static void Refused(Finished run, string sentence)
    {
        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Trim().Split('\n'));
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    private async Task PrepareAsync()
    {
        Assert.Equal(0, (await _folder.EngageAsync("keys", "create")).ExitCode);
        Assert.Equal(0, (await _folder.EngageAsync("migrate")).ExitCode);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        return connection;
    }
}
