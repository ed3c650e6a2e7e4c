using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>What holds for many rows in one call, whichever way a database likes them best.</summary>
public abstract class ManyRowsContract(TestDatabase test) : IAsyncLifetime
{
    private const string Into = "INSERT INTO many (id, words, bytes, number)";
    private const string All = "SELECT id, words, bytes, number FROM many ORDER BY id";
    private static readonly CancellationToken None = CancellationToken.None;

    private Database Database => test.Database;

    public async Task InitializeAsync()
    {
        await Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DROP TABLE IF EXISTS many");
            await tx.ExecuteAsync("CREATE TABLE many (id BIGINT NOT NULL PRIMARY KEY, words VARCHAR(100), bytes BLOB, number BIGINT)");
        }, None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [DatabaseTheory]
    [InlineData(1)]
    [InlineData(149)]
    [InlineData(150)]
    [InlineData(151)]
    [InlineData(1_000)]
    public async Task Rows_come_back_as_they_were_given(int count)
    {
        var random = new Random(count);
        var rows = Enumerable.Range(1, count).Select(id => Row.Any(random, id)).ToList();

        Assert.Equal(count, await Database.WriteAsync(tx => tx.InsertManyAsync(Into, rows, Row.Fill), None));

        Assert.Equal(rows.Select(row => row.ToString()), (await AllAsync()).Select(row => row.ToString()));
    }

    [DatabaseFact]
    public async Task No_rows_are_no_statement()
    {
        Assert.Equal(0, await Database.WriteAsync(tx => tx.InsertManyAsync("INSERT INTO nowhere (id)", Array.Empty<Row>(), Row.Fill), None));
    }

    [DatabaseFact]
    public async Task An_upsert_replaces_what_is_there_and_adds_the_rest()
    {
        await InsertAsync(Rows(1, 200, "旧"));

        await Database.WriteAsync(tx => tx.InsertManyAsync(Into, Rows(101, 200, "新"), Row.Fill,
            $"{tx.Dialect.OnConflictUpdate("id")} words = {tx.Dialect.New("words")}, number = many.number + {tx.Dialect.New("number")}"), None);

        var all = await AllAsync();
        Assert.Equal(300, all.Count);
        Assert.All(all, row => Assert.Equal(row.Id <= 100 ? "旧" : "新", row.Words));
        Assert.All(all, row => Assert.Equal(row.Id is > 100 and <= 200 ? 2 * row.Id : row.Id, row.Number));
    }

    [DatabaseFact]
    public async Task Keeping_leaves_what_is_there_alone_and_adds_the_rest()
    {
        await InsertAsync(Rows(1, 200, "旧"));

        var kept = await Database.WriteAsync(tx => tx.InsertManyAsync(Into, Rows(101, 200, "新"), Row.Fill, tx.Dialect.OnConflictKeep("id")), None);
        // Why nobody may count by it.
        Assert.Equal(Database.Dialect == Dialect.MySql ? 200 : 100, kept);

        var all = await AllAsync();
        Assert.Equal(300, all.Count);
        Assert.All(all, row => Assert.Equal(row.Id <= 200 ? "旧" : "新", row.Words));
    }

    [DatabaseFact]
    public async Task Keeping_hides_no_other_error()
    {
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Database.WriteAsync(tx => tx.InsertManyAsync(
            "INSERT INTO many (id, words)", Rows(1, 2, "空"), (row, values) => (values[0], values[1]) = (row.Id == 2 ? null : row.Id, row.Words), tx.Dialect.OnConflictKeep("id")), None));

        Assert.Empty(await AllAsync());
    }

    [DatabaseFact]
    public async Task One_row_that_cannot_be_undoes_them_all()
    {
        var rows = Rows(1, 400, "一");
        rows.Add(rows[^1]);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => InsertAsync(rows));

        Assert.Empty(await AllAsync());
    }

    [DatabaseFact]
    public async Task A_token_that_fires_between_rows_undoes_them_all()
    {
        using var cancelling = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.WriteAsync(tx => tx.InsertManyAsync(Into, Rows(1, 400, "一"), (row, values) =>
        {
            Row.Fill(row, values);
            if (row.Id == 300) cancelling.Cancel();
        }), cancelling.Token));

        Assert.Empty(await AllAsync());
    }

    [DatabaseFact]
    public async Task Many_statements_tell_which_rows_they_changed()
    {
        await InsertAsync(Rows(1, 100, "旧"));
        var changed = new Dictionary<long, int>();

        await Database.WriteAsync(tx => tx.ExecuteManyAsync(
            "UPDATE many SET words = @p0 WHERE id = @p1 AND number < @p2", 3, Rows(81, 40, "新"),
            (row, values) => (values[0], values[1], values[2]) = (row.Words, row.Id, 91),
            (row, count) => changed.Add(row.Id, count)), None);

        Assert.Equal(Enumerable.Range(81, 40).Select(i => (Id: (long)i, Count: i < 91 ? 1 : 0)), changed.Select(c => (c.Key, c.Value)));
        Assert.Equal(10, (await AllAsync()).Count(row => row.Words == "新"));
    }

    [DatabaseFact]
    public async Task An_update_that_sets_what_was_there_already_counts_as_a_change()
    {
        await InsertAsync(Rows(1, 1, "同"));

        Assert.Equal(1, await Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE many SET words = '同' WHERE id = 1"), None));
    }

    [DatabaseFact]
    public async Task One_prepared_statement_takes_nulls_and_values_in_any_order()
    {
        var rows = new List<Row>
        {
            new() { Id = 1 },
            new() { Id = 2, Words = "", Bytes = [], Number = 0 },
            new() { Id = 3, Words = "二甲双胍 0.5g×60片 💊", Bytes = [0, 255, 0, 39, 92], Number = long.MaxValue },
            new() { Id = 4 },
        };

        await Database.WriteAsync(tx => tx.ExecuteManyAsync("INSERT INTO many (id, words, bytes, number) VALUES (@p0, @p1, @p2, @p3)", 4, rows, Row.Fill), None);

        Assert.Equal(rows.Select(row => row.ToString()), (await AllAsync()).Select(row => row.ToString()));
    }

    [DatabaseFact]
    public async Task Rows_are_read_one_by_one_without_objects()
    {
        await InsertAsync(Rows(1, 300, "行"));
        var ids = new List<long>();

        await Database.ReadAsync(async session =>
        {
            for (var again = 0; again < 2; again++)
            {
                await session.ReadRowsAsync($"SELECT id FROM many WHERE id IN {Session.InList(3)} AND words = @p3 ORDER BY id",
                    row => ids.Add(row.GetInt64(0)), 5L, 250L, 999L, "行");
            }

            return true;
        }, None);

        Assert.Equal([5, 250, 5, 250], ids);
    }

    [DatabaseFact]
    public async Task A_list_in_a_parameter_expands()
    {
        await InsertAsync(Rows(1, 20, "行"));

        var found = await Database.ReadAsync(session => session.QueryAsync<long>("SELECT id FROM many WHERE id IN @ids ORDER BY id", new { ids = new long[] { 3, 7, 77 } }), None);

        Assert.Equal([3, 7], found);
    }

    [DatabaseFact]
    public async Task The_dialect_knows_the_smaller_and_the_larger_of_two()
    {
        var (least, greatest) = (test.Database.Dialect.Least, test.Database.Dialect.Greatest);

        Assert.Equal(3, await Database.ReadAsync(session => session.ScalarAsync<long>($"SELECT {least}(3, 8)"), None));
        Assert.Equal(8, await Database.ReadAsync(session => session.ScalarAsync<long>($"SELECT {greatest}(3, 8)"), None));
    }

    private static List<Row> Rows(int first, int count, string words) =>
        [.. Enumerable.Range(first, count).Select(id => new Row { Id = id, Words = words, Number = id })];

    private Task<int> InsertAsync(IReadOnlyList<Row> rows) => Database.WriteAsync(tx => tx.InsertManyAsync(Into, rows, Row.Fill), None);

    private Task<List<Row>> AllAsync() => Database.ReadAsync(session => session.QueryAsync<Row>(All), None);

    private sealed class Row
    {
        // What customers type, and what breaks a driver that knows three-byte characters only or quotes by hand.
        private static readonly string[] s_pieces =
            ["王秀兰", "𠮷野家", "💊", "👨‍👩‍👧", "é", "'", "\"", "\\", "%", "_", "\n", "--", ";", "@p0", "?", " ", "a", "Ａ", "0", "​"];

        public long Id { get; init; }
        public string? Words { get; init; }
        public byte[]? Bytes { get; init; }
        public long? Number { get; init; }

        public static Row Any(Random random, long id)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            return new Row
            {
                Id = id,
                Words = random.Next(5) == 0 ? null : string.Concat(random.GetItems(s_pieces, random.Next(10))),
                Bytes = random.Next(5) == 0 ? null : bytes,
                Number = random.Next(5) == 0 ? null : random.NextInt64(long.MinValue, long.MaxValue),
            };
        }

        public static void Fill(Row row, object?[] values) =>
            (values[0], values[1], values[2], values[3]) = (row.Id, row.Words, row.Bytes, row.Number);

        public override string ToString() => $"{Id}|{Words ?? "null"}|{(Bytes is null ? "null" : Convert.ToHexString(Bytes))}|{Number?.ToString() ?? "null"}";
    }
}

public sealed class ManyRowsOnSqlite(SqliteTestDatabase test) : ManyRowsContract(test), IClassFixture<SqliteTestDatabase>;

public sealed class ManyRowsOnMySql(MySqlTestDatabase test) : ManyRowsContract(test), IClassFixture<MySqlTestDatabase>;
