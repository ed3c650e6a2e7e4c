using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Engagement.Tests.Storage;

/// <summary>A database that cannot be used says so in one sentence that a person can act on, in both languages.</summary>
public sealed class TroubleWithTheFile : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly SqliteTestDatabase _test = new();

    public Task InitializeAsync() => _test.InitializeAsync();

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Locked_by_another_program()
    {
        await using var other = new SqliteConnection($"Data Source={_test.File};Pooling=False");
        await other.OpenAsync();
        await using var transaction = other.BeginTransaction();
        await using var impatient = Open($"Data Source={_test.File};Default Timeout=1");

        await RefusedAsync("database_locked", "在用|占用", () => impatient.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None));

        await transaction.RollbackAsync();
        await impatient.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None);
    }

    [Fact]
    public async Task Opened_without_the_right_to_write()
    {
        await _test.Database.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None);
        await using var readOnly = Open($"Data Source={_test.File};Mode=ReadOnly");

        Assert.Equal("1", await readOnly.ReadAsync(session => session.SettingAsync("a"), None));
        await RefusedAsync("database_read_only", "不可写", () => readOnly.WriteAsync(tx => tx.SetSettingAsync("a", "2"), None));
    }

    [Fact]
    public async Task Not_a_database_at_all()
    {
        var file = _test.File + ".txt";
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("会员,手机号\n", 500)));
        await using var database = Open($"Data Source={file}");

        await RefusedAsync("database_unreadable", "备份", () => database.ReadAsync(session => session.SettingAsync("a"), None));
        await RefusedAsync("database_unreadable", "备份", () => database.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None));
        Assert.StartsWith("会员", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Damaged_in_the_middle()
    {
        await _test.Database.WriteAsync(tx => tx.InsertManyAsync("INSERT INTO setting (name, value)", Enumerable.Range(0, 2_000).ToList(),
            (i, values) => (values[0], values[1]) = ($"n{i}", new string('药', 30))), None);
        await _test.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM node"), None);
        await _test.Database.DisposeAsync();
        await using (var file = new FileStream(_test.File, FileMode.Open, FileAccess.Write))
        {
            var size = (int)file.Length;
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xAA, size - 4096).ToArray());
        }

        await using var database = Open($"Data Source={_test.File}");
        await RefusedAsync("database_unreadable", "备份", () => database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM setting WHERE value <> ''"), None));
        await RefusedAsync("database_unreadable", "备份", () => database.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None));
    }

    [Fact]
    public async Task In_a_folder_that_is_not_there()
    {
        await using var database = Open($"Data Source={Path.Combine(_test.File + ".d", "engagement.db")}");

        await RefusedAsync("database_unopenable", "文件夹", () => database.ReadAsync(session => session.SettingAsync("a"), None));
        await RefusedAsync("database_unopenable", "文件夹", () => database.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None));
    }

    [Fact]
    public async Task A_full_disk_undoes_the_write_and_spares_the_file()
    {
        await _test.Database.WriteAsync(tx => tx.SetSettingAsync("a", "1"), None);
        var pages = await _test.Database.WriteAsync(tx => tx.ScalarAsync<long>("PRAGMA page_count"), None);
        await _test.Database.WriteAsync(tx => tx.ScalarAsync<long>($"PRAGMA max_page_count = {pages + 2}"), None);

        await RefusedAsync("disk_full", "磁盘", () => _test.Database.WriteAsync(tx => tx.SetSettingAsync("large", new string('x', 100_000)), None));

        await _test.Database.WriteAsync(tx => tx.SetSettingAsync("a", "2"), None);
        Assert.Equal("2", await _test.Database.ReadAsync(session => session.SettingAsync("a"), None));
    }

    [Fact]
    public void Named_by_words_that_the_driver_does_not_know()
    {
        var failure = Assert.Throws<StorageException>(() => Open("Datei=engagement.db"));

        Assert.Equal("connection_string_invalid", failure.Code);
    }

    private static Database Open(string connectionString) => Database.Open(new DatabaseOptions { ConnectionString = connectionString });

    private static async Task RefusedAsync(string code, string chinese, Func<Task> act)
    {
        var failure = await Assert.ThrowsAsync<StorageException>(act);
        Assert.Equal(code, failure.Code);
        Assert.Matches(chinese, failure.Sentence.Zh);
        Assert.Equal(failure.Message, failure.Sentence.En);
        Assert.DoesNotContain('\n', failure.Message);
    }
}

/// <summary>The same for a server.</summary>
public sealed class TroubleWithTheServer
{
    [Fact]
    public async Task Nobody_listens()
    {
        await using var database = Open("Server=127.0.0.1;Port=1;User ID=root;Password=geheim;SslMode=None");

        var failure = await Assert.ThrowsAsync<StorageException>(() => database.ReadAsync(session => session.ScalarAsync<long>("SELECT 1"), CancellationToken.None));

        Assert.Equal("database_unreachable", failure.Code);
        Assert.DoesNotContain("geheim", failure.Message);
    }

    [Fact]
    public void The_connection_string_makes_no_sense()
    {
        var failure = Assert.Throws<StorageException>(() => Open("Server=127.0.0.1;Passwort=geheim"));

        Assert.Equal("connection_string_invalid", failure.Code);
        Assert.DoesNotContain("geheim", failure.Message);
    }

    private static Database Open(string connectionString) =>
        Database.Open(new DatabaseOptions { Provider = DatabaseProvider.MySql, ConnectionString = connectionString });
}
