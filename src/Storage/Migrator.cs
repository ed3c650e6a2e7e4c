using System.Data.Common;

namespace Engagement.Storage;

/// <summary>Brings a database to the schema of this build, and refuses one that it does not understand.</summary>
/// <remarks>
/// The journal has one row a migration with the number of its statements that are done: MySQL commits each schema change by
/// itself, so after a crash the work goes on at the statement that was under way. Changes of rows commit with their journal line.
/// </remarks>
public sealed class Migrator(Database database, IReadOnlyList<Migration> migrations, TimeProvider systemClock)
{
    private const string CreateJournal = """
        CREATE TABLE migration (
            number     INT          NOT NULL PRIMARY KEY,
            name       VARCHAR(100) NOT NULL,
            checksum   VARCHAR(64)  NOT NULL,
            statements INT          NOT NULL,
            done       INT          NOT NULL,
            applied_at BIGINT       NOT NULL
        )
        """;

    private const string SelectJournal = "SELECT number, name, checksum, statements, done FROM migration ORDER BY number";

    private const string InsertJournal = """
        INSERT INTO migration (number, name, checksum, statements, done, applied_at)
        VALUES (@Number, @Name, @Checksum, @Statements, 0, @Now)
        """;

    private const string AdvanceJournal = "UPDATE migration SET done = @done, applied_at = @now WHERE number = @number";

    // Table, column, index or trigger exists already, or is gone already: the statement was done, only its journal line was lost.
    private static readonly int[] s_alreadyDone = [1050, 1060, 1061, 1051, 1091, 1359];

    /// <summary>Applies what is missing; returns how many migrations were applied, 0 when the database was current.</summary>
    /// <exception cref="StorageException"><c>database_newer</c>, <c>migration_edited</c> or <c>migration_locked</c>.</exception>
    public Task<int> ApplyAsync(CancellationToken ct) => database.MigrateAsync(async tx =>
    {
        var journal = await JournalAsync(tx).ConfigureAwait(false);
        Refuse(journal);
        var applied = 0;
        foreach (var migration in migrations)
        {
            var line = journal.Find(j => j.Number == migration.Number);
            if (line is not null && line.Done == line.Statements) continue;
            await ApplyOneAsync(tx, migration, line).ConfigureAwait(false);
            applied++;
        }

        return applied;
    }, ct);

    /// <summary>How many migrations of this build the database lacks; refuses what applying would refuse, changes nothing.</summary>
    public Task<int> PendingAsync(CancellationToken ct) => database.ReadAsync(async session =>
    {
        var journal = await session.ScalarAsync<long>(JournalExists(session.Dialect)).ConfigureAwait(false) == 0
            ? [] : await session.QueryAsync<Line>(SelectJournal).ConfigureAwait(false);
        Refuse(journal);
        return migrations.Count - journal.Count(line => line.Done == line.Statements);
    }, ct);

    private static async Task<List<Line>> JournalAsync(Tx tx)
    {
        if (await tx.ScalarAsync<long>(JournalExists(tx.Dialect)).ConfigureAwait(false) == 0) await tx.ExecuteAsync(CreateJournal).ConfigureAwait(false);
        return await tx.QueryAsync<Line>(SelectJournal).ConfigureAwait(false);
    }

    private static string JournalExists(Dialect dialect) => dialect == Dialect.MySql
        ? "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'migration'"
        : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'migration'";

    private void Refuse(List<Line> journal)
    {
        foreach (var line in journal)
        {
            var mine = migrations.FirstOrDefault(m => m.Number == line.Number);
            if (mine is null)
            {
                throw new StorageException("database_newer", new(
                    $"数据库来自更新的版本（结构编号 {line.Number}，本程序只到 {migrations.Max(m => m.Number)}），请升级程序后再打开。",
                    $"The database is from a newer version (schema {line.Number}, this program knows up to {migrations.Max(m => m.Number)}): upgrade the program to open it."));
            }

            if (mine.Checksum != line.Checksum)
            {
                throw new StorageException("migration_edited", new(
                    $"已应用的结构文件 {line.Number:0000}_{line.Name} 被改动过，请恢复原文件，并用新编号的文件做修改。",
                    $"The applied migration {line.Number:0000}_{line.Name} has been edited: restore it and make the change in a file with a new number."));
            }
        }
    }

    private async Task ApplyOneAsync(Tx tx, Migration migration, Line? line)
    {
        if (line is null)
        {
            await tx.ExecuteAsync(InsertJournal, new
            {
                migration.Number, migration.Name, migration.Checksum, Statements = migration.Statements.Count, Now = Now(),
            }).ConfigureAwait(false);
        }

        var first = line?.Done ?? 0;
        for (var i = (int)first; i < migration.Statements.Count; i++)
        {
            await OnMySqlAsync(tx, "START TRANSACTION").ConfigureAwait(false);
            try
            {
                await tx.ExecuteAsync(tx.Dialect.Schema(migration.Statements[i])).ConfigureAwait(false);
            }
            catch (DbException failure) when (line is not null && i == first && s_alreadyDone.Contains(MySqlDriver.ErrorNumber(failure)))
            {
                // Done before the crash; only the journal did not hear of it.
            }

            await tx.ExecuteAsync(AdvanceJournal, new { done = i + 1, now = Now(), number = migration.Number }).ConfigureAwait(false);
            await OnMySqlAsync(tx, "COMMIT").ConfigureAwait(false);
        }
    }

    private static Task OnMySqlAsync(Tx tx, string statement) => tx.Dialect == Dialect.MySql ? tx.ExecuteAsync(statement) : Task.CompletedTask;

    private long Now() => systemClock.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Line
    {
        public long Number { get; init; }
        public string Name { get; init; } = "";
        public string Checksum { get; init; } = "";
        public long Statements { get; init; }
        public long Done { get; init; }
    }
}
