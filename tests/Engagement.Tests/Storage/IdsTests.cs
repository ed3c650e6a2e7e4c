using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

/// <summary>A typed id goes through SQL as a number and through JSON as a string.</summary>
public abstract class IdsContract(TestDatabase test)
{
    private static readonly CancellationToken None = CancellationToken.None;

    static IdsContract() => Ids.Register<ShelfId>();

    [DatabaseFact]
    public async Task It_is_a_parameter_and_a_column()
    {
        var id = new ShelfId(long.MaxValue);

        var row = await test.Database.ReadAsync(session => session.SingleOrDefaultAsync<Shelf>("SELECT @id AS id, '保健品' AS name", new { id }), None);

        Assert.Equal(id, row?.Id);
    }

    internal sealed class Shelf
    {
        public ShelfId Id { get; init; }
        public string Name { get; init; } = "";
    }

    [JsonConverter(typeof(IdJsonConverter<ShelfId>))]
    internal readonly record struct ShelfId(long Value) : IId<ShelfId>
    {
        public static ShelfId From(long value) => new(value);
    }
}

public sealed class IdsOnSqlite(SqliteTestDatabase test) : IdsContract(test), IClassFixture<SqliteTestDatabase>
{
    [Fact]
    public void Json_carries_a_string_because_javascript_loses_bits()
    {
        Assert.Equal("\"9223372036854775807\"", JsonSerializer.Serialize(new ShelfId(long.MaxValue)));
        Assert.Equal(new ShelfId(9_007_199_254_740_993), JsonSerializer.Deserialize<ShelfId>("\"9007199254740993\""));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"abc\"")]
    [InlineData("\"92233720368547758070\"")]
    [InlineData("null")]
    [InlineData("12")]
    public void Json_that_is_no_string_of_digits_is_a_json_error(string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ShelfId>(json));
    }
}

public sealed class IdsOnMySql(MySqlTestDatabase test) : IdsContract(test), IClassFixture<MySqlTestDatabase>;
