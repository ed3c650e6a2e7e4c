using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

public abstract class BatchUpdateContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly BatchUpdate s_move = new(
        "parcel", "id, was, place, weight", "place = {place}, weight = {weight}, moves = moves + 1", "state = 1 AND place = {was:text}");

    public async Task InitializeAsync() => await test.Database.WriteAsync(async tx =>
    {
        await tx.ExecuteAsync(tx.Dialect.Schema("CREATE TABLE parcel (id BIGINT NOT NULL PRIMARY KEY, place VARCHAR(20) NOT NULL, weight BIGINT, moves INT NOT NULL, state INT NOT NULL)"));
        await tx.InsertManyAsync("INSERT INTO parcel (id, place, weight, moves, state)", [.. Enumerable.Range(1, 700)],
            static (id, v) => (v[0], v[1], v[2], v[3], v[4]) = (id, "仓库", null, 0, id % 10 == 0 ? 2 : 1));
    }, None);

    public Task DisposeAsync() => test.Database.WriteAsync(tx => tx.ExecuteAsync("DROP TABLE parcel"), None);

    [DatabaseFact]
    public async Task Each_row_gets_its_own_values_and_says_whether_it_was_changed()
    {
        var told = new Dictionary<int, bool>();
        await test.Database.WriteAsync(tx => tx.UpdateManyAsync(s_move, [.. Enumerable.Range(1, 710)], static (id, v) =>
            (v[0], v[1], v[2], v[3]) = (id, "仓库", $"门店{id}", id % 3 == 0 ? null : id), (id, changed) => told.Add(id, changed)), None);

        Assert.Equal(710, told.Count);
        Assert.All(told, row => Assert.Equal(row.Key <= 700 && row.Key % 10 != 0, row.Value));
        var rows = await test.Database.ReadAsync(session => session.QueryAsync<(long Id, string Place, long? Weight, long Moves)>(
            "SELECT id, place, weight, moves FROM parcel ORDER BY id"), None);
        Assert.All(rows, row => Assert.Equal(
            row.Id % 10 == 0 ? (row.Id, "仓库", null, 0) : (row.Id, $"门店{row.Id}", row.Id % 3 == 0 ? null : row.Id, 1), row));
    }

    [DatabaseFact]
    public async Task When_every_row_is_changed_every_row_is_told_so()
    {
        var changed = 0;
        await test.Database.WriteAsync(tx => tx.UpdateManyAsync(s_move, [1, 2, 3], static (id, v) =>
            (v[0], v[1], v[2], v[3]) = (id, "仓库", "门店", 1), (_, was) => changed += was ? 1 : 0), None);

        Assert.Equal(3, changed);
    }

    [Fact]
    public void A_value_that_is_not_listed_is_refused_at_once() =>
        Assert.Throws<ArgumentException>(() => new BatchUpdate("parcel", "id, place", "place = {plase}", "state = 1"));
}

public sealed class BatchUpdateOnSqlite(SqliteTestDatabase test) : BatchUpdateContract(test), IClassFixture<SqliteTestDatabase>;

public sealed class BatchUpdateOnMySql(MySqlTestDatabase test) : BatchUpdateContract(test), IClassFixture<MySqlTestDatabase>;
