using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;

namespace Engagement.Storage;

/// <summary>A typed id: a member's id cannot be passed where a campaign's belongs.</summary>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    /// <summary>The 63 bits, as tables keep them.</summary>
    long Value { get; }

    /// <summary>The id with these bits.</summary>
    static abstract TSelf From(long value);
}

/// <summary>Teaches Dapper the typed ids; each project registers its own once.</summary>
/// <remarks>Dapper knows them as parameters and columns. Elements of a list (<c>IN @ids</c>) and values of prepared statements are
/// plain numbers: pass <see cref="IId{TSelf}.Value"/>; anything else is refused by the driver.</remarks>
public static class Ids
{
    /// <summary>Registers one id type.</summary>
    public static void Register<T>() where T : struct, IId<T> => SqlMapper.AddTypeHandler(new Handler<T>());

    private sealed class Handler<T> : SqlMapper.TypeHandler<T> where T : struct, IId<T>
    {
        public override T Parse(object value) => T.From(Convert.ToInt64(value));

        public override void SetValue(IDbDataParameter parameter, T value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.Value;
        }
    }
}

/// <summary>Writes ids as strings: JavaScript loses bits of large numbers.</summary>
public sealed class IdJsonConverter<T> : JsonConverter<T> where T : struct, IId<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        long.TryParse(reader.GetString(), out var value) ? T.From(value) : throw new JsonException("An id is a string of digits.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value.ToString());
}
