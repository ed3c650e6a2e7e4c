using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>The values that the writer's prepared statements take, as they come back.</summary>
public sealed class SqliteStatementTests(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>
{
    [Fact]
    public async Task Values_of_every_kind_come_back_as_they_went_in()
    {
        object?[] values = [null, DBNull.Value, "", "药房🌿𠮷", new string('长', 5000), Array.Empty<byte>(), new byte[] { 1, 0, 2 }, 7, long.MinValue, (short)3, true, 0.5, DayOfWeek.Friday];

        var kinds = await test.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("CREATE TABLE kind (n INT NOT NULL PRIMARY KEY, value)");
            await tx.InsertManyAsync("INSERT INTO kind (n, value)", values.Index().ToList(), (item, row) => (row[0], row[1]) = (item.Index, item.Item));
            return await tx.QueryAsync<(string, string?)>("SELECT typeof(value), hex(value) FROM kind ORDER BY n");
        }, default);

        Assert.Equal(
            ["null", "null", "text", "text", "text", "blob", "blob", "integer", "integer", "integer", "integer", "real", "integer"], kinds.Select(k => k.Item1));
        Assert.Equal(["", "", "", Hex("药房🌿𠮷"), Hex(new string('长', 5000)), "", "010002", Hex("7"), Hex("-9223372036854775808"), Hex("3"), Hex("1"), Hex("0.5"), Hex("5")],
            kinds.Select(k => k.Item2));
    }

    [Fact]
    public async Task A_value_without_a_form_names_its_type_and_the_next_row_is_not_harmed()
    {
        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => InsertAsync("a", new Version(1, 2)));
        Assert.Contains("System.Version", failure.Message);

        await InsertAsync("b", "1");
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => InsertAsync("b", "2"));
        await InsertAsync("c", "3");

        Assert.Equal(["b", "c"], await test.Database.ReadAsync(s => s.QueryAsync<string>("SELECT name FROM setting WHERE name IN ('a', 'b', 'c') ORDER BY name"), default));
    }

    private Task<int> InsertAsync(string name, object value) =>
        test.Database.WriteAsync(tx => tx.InsertManyAsync("INSERT INTO setting (name, value)", [name], (n, row) => (row[0], row[1]) = (n, value)), default);

    private static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
}
