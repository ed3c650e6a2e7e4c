using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>How a database comes to the schema of this build, from wherever it was left.</summary>
public abstract class MigratorContract
{
    protected static readonly CancellationToken None = CancellationToken.None;

    protected static readonly Migration First = Migration.Parse(1, "first", "CREATE TABLE one (id INT NOT NULL PRIMARY KEY); CREATE TABLE two (id INT NOT NULL PRIMARY KEY);");
    protected static readonly Migration Second = Migration.Parse(2, "second", "INSERT INTO one (id) VALUES (1); CREATE INDEX two_id ON two (id);");

    /// <summary>An empty database, not migrated.</summary>
    protected abstract TestDatabase New();

    [DatabaseFact]
    public async Task A_fresh_database_gets_everything_and_a_second_time_nothing()
    {
        await using var test = await EmptyAsync();

        Assert.Equal(TestDatabase.Schema.Count, await PendingAsync(test.Database, TestDatabase.Schema));
        Assert.Equal(TestDatabase.Schema.Count, await ApplyAsync(test.Database, TestDatabase.Schema));
        Assert.Equal(0, await PendingAsync(test.Database, TestDatabase.Schema));
        Assert.Equal(0, await ApplyAsync(test.Database, TestDatabase.Schema));
    }

    [DatabaseFact]
    public async Task A_later_build_adds_its_own_step_to_what_is_there()
    {
        await using var test = await EmptyAsync();
        await ApplyAsync(test.Database, [First]);

        Assert.Equal(1, await PendingAsync(test.Database, [First, Second]));
        Assert.Equal(1, await ApplyAsync(test.Database, [First, Second]));
        Assert.Equal(1, await CountAsync(test.Database, "one"));
    }

    [DatabaseFact]
    public async Task An_applied_step_that_was_edited_is_refused()
    {
        await using var test = await EmptyAsync();
        await ApplyAsync(test.Database, [First]);
        var edited = Migration.Parse(1, "first", "CREATE TABLE one (id BIGINT NOT NULL PRIMARY KEY);");

        await RefusedAsync("migration_edited", () => ApplyAsync(test.Database, [edited, Second]));
        await RefusedAsync("migration_edited", () => PendingAsync(test.Database, [edited, Second]));
        Assert.Equal(1, await CountAsync(test.Database, "migration"));
    }

    [DatabaseFact]
    public async Task A_database_of_a_newer_build_is_refused()
    {
        await using var test = await EmptyAsync();
        await ApplyAsync(test.Database, [First, Second]);

        var failure = await RefusedAsync("database_newer", () => ApplyAsync(test.Database, [First]));
        Assert.Contains("schema 2, this program knows up to 1", failure.Sentence.En);
        await RefusedAsync("database_newer", () => PendingAsync(test.Database, [First]));
    }

    [DatabaseFact]
    public async Task Two_programs_that_migrate_at_once_apply_each_step_once()
    {
        await using var test = await EmptyAsync();
        await using var other = test.OpenAnother();

        var applied = await Task.WhenAll(
            Task.Run(() => ApplyAsync(test.Database, TestDatabase.Schema)), Task.Run(() => ApplyAsync(other, TestDatabase.Schema)));

        Assert.Equal([0, TestDatabase.Schema.Count], applied.Order());
    }

    [DatabaseFact]
    public async Task A_step_that_fails_says_so_and_can_be_tried_again()
    {
        await using var test = await EmptyAsync();
        await ApplyAsync(test.Database, [First]);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("INSERT INTO one (id) VALUES (1)"), None);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => ApplyAsync(test.Database, [First, Second]));
        Assert.Equal(1, await PendingAsync(test.Database, [First, Second]));

        await test.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM one"), None);
        Assert.Equal(1, await ApplyAsync(test.Database, [First, Second]));
        Assert.Equal(1, await CountAsync(test.Database, "one"));
    }

    protected async Task<TestDatabase> EmptyAsync()
    {
        var test = New();
        await test.InitializeAsync();
        return test;
    }

    protected static Task<int> ApplyAsync(Database database, IReadOnlyList<Migration> migrations) =>
        new Migrator(database, migrations, TimeProvider.System).ApplyAsync(None);

    protected static Task<int> PendingAsync(Database database, IReadOnlyList<Migration> migrations) =>
        new Migrator(database, migrations, TimeProvider.System).PendingAsync(None);

    protected static Task<long> CountAsync(Database database, string table) =>
        database.ReadAsync(session => session.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}"), None);

    protected static async Task<StorageException> RefusedAsync(string code, Func<Task> act)
    {
        var failure = await Assert.ThrowsAsync<StorageException>(act);
        Assert.Equal(code, failure.Code);
        return failure;
    }
}

public sealed class MigratorOnSqlite : MigratorContract
{
    protected override TestDatabase New() => new SqliteTestDatabase { Migrated = false };
}

public sealed class MigratorOnMySql : MigratorContract
{
    protected override TestDatabase New() => new MySqlTestDatabase { Migrated = false };

    // A crash can leave the work before or after a schema change that the journal has not heard of.
    [DatabaseTheory]
    [InlineData(1, "done = 0", "two")]
    [InlineData(1, "done = 1", "two")]
    [InlineData(1, "done = 0", "two", "one")]
    [InlineData(1, "done = 1")]
    public async Task A_crash_in_the_middle_of_a_step_is_taken_up_where_it_was(int number, string journal, params string[] lost)
    {
        await using var test = await EmptyAsync();
        await ApplyAsync(test.Database, [First]);
        await test.Database.WriteAsync(async tx =>
        {
            foreach (var table in lost) await tx.ExecuteAsync($"DROP TABLE {table}");
            await tx.ExecuteAsync($"UPDATE migration SET {journal} WHERE number = {number}");
        }, None);

        Assert.Equal(2, await PendingAsync(test.Database, [First, Second]));
        Assert.Equal(2, await ApplyAsync(test.Database, [First, Second]));
        Assert.Equal((1, 0), (await CountAsync(test.Database, "one"), await CountAsync(test.Database, "two")));
    }

    [DatabaseFact]
    public async Task An_index_a_column_or_a_drop_that_was_done_before_the_crash_is_not_done_twice()
    {
        var steps = Migration.Parse(1, "steps", """
            CREATE TABLE one (id INT NOT NULL PRIMARY KEY, old INT);
            ALTER TABLE one ADD COLUMN fresh INT;
            CREATE INDEX one_fresh ON one (fresh);
            ALTER TABLE one DROP COLUMN old;
            CREATE TABLE gone (id INT NOT NULL PRIMARY KEY);
            DROP TABLE gone;
            """);
        for (var done = 1; done < steps.Statements.Count; done++)
        {
            await using var test = await EmptyAsync();
            await ApplyAsync(test.Database, [steps with { Statements = [.. steps.Statements.Take(done + 1)] }]);
            await test.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE migration SET done = @done, statements = @all", new { done, all = steps.Statements.Count }), None);

            Assert.Equal(1, await ApplyAsync(test.Database, [steps]));
            Assert.Equal(0, await CountAsync(test.Database, "one"));
        }
    }

    [DatabaseFact]
    public async Task Rows_whose_journal_line_was_lost_were_never_there()
    {
        await using var test = await EmptyAsync();
        await ApplyAsync(test.Database, [First]);
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("CREATE TRIGGER crash BEFORE UPDATE ON migration FOR EACH ROW SIGNAL SQLSTATE '45000'"), None);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => ApplyAsync(test.Database, [First, Second]));
        Assert.Equal(0, await CountAsync(test.Database, "one"));

        await test.Database.WriteAsync(tx => tx.ExecuteAsync("DROP TRIGGER crash"), None);
        Assert.Equal(1, await ApplyAsync(test.Database, [First, Second]));
        Assert.Equal(1, await CountAsync(test.Database, "one"));
    }

    [DatabaseFact]
    public async Task Chinese_text_and_emoji_fit_whatever_the_server_was_installed_with()
    {
        await using var test = await EmptyAsync();
        var server = await test.Database.ReadAsync(session => session.ScalarAsync<string>("SELECT @@character_set_server"), None);
        Assert.NotEqual("utf8mb4", server);

        await ApplyAsync(test.Database, TestDatabase.Schema);

        var odd = await test.Database.ReadAsync(session => session.QueryAsync<string>("""
            SELECT CONCAT(table_name, '.', column_name, ' ', collation_name) FROM information_schema.columns
            WHERE table_schema = DATABASE() AND collation_name <> 'utf8mb4_bin' AND table_name <> 'migration'
            """), None);
        Assert.Empty(odd);
    }
}

/// <summary>How a migration file is read.</summary>
public sealed class MigrationFiles
{
    [Fact]
    public void A_checkout_with_other_line_endings_is_the_same_migration()
    {
        const string Text = "-- 会员\nCREATE TABLE one (\n  id INT\n);\nINSERT INTO one (id) VALUES (1);\n";

        var unix = Migration.Parse(1, "one", Text);
        var windows = Migration.Parse(1, "one", Text.Replace("\n", "\r\n"));

        Assert.Equal(unix.Checksum, windows.Checksum);
        Assert.Equal(unix.Statements, windows.Statements);
    }

    [Fact]
    public void Statements_end_at_semicolons_and_comment_lines_are_no_statements()
    {
        var migration = Migration.Parse(1, "one", "-- one; two\nCREATE TABLE one (id INT);\n  -- three;\n\nDROP TABLE one;\n;\n");

        Assert.Equal(["CREATE TABLE one (id INT)", "DROP TABLE one"], migration.Statements);
    }

    [Fact]
    public void Any_other_change_of_the_text_changes_the_checksum()
    {
        Assert.NotEqual(Migration.Parse(1, "one", "DROP TABLE one;").Checksum, Migration.Parse(1, "one", "DROP TABLE  one;").Checksum);
    }

    [Fact]
    public void The_steps_of_all_projects_are_one_series()
    {
        Assert.Equal(1, TestDatabase.Schema[0].Number);
        Assert.Equal(TestDatabase.Schema.Select(m => m.Number).Order(), TestDatabase.Schema.Select(m => m.Number));
    }

    [Fact]
    public void Two_steps_with_one_number_are_refused()
    {
        var storage = typeof(Database).Assembly;

        Assert.Contains("number 1", Assert.Throws<InvalidOperationException>(() => Migration.In(storage, storage)).Message);
    }
}
