using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Sandbox.Control;

/// <summary>The JSON of the control surface: camelCase, Chinese left readable, and a misspelt property is refused, not ignored.</summary>
internal static class ControlJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The body, or <c>null</c> after it has been refused.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext http)
        where T : class
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Options, http.RequestAborted) is { } value) return value;
            await RefuseAsync(http, "the body is null");
        }
        catch (JsonException fault)
        {
            await RefuseAsync(http, fault.Message);
        }
        return null;
    }

    /// <summary>Takes an array in, item by item.</summary>
    public static async Task AddManyAsync<T>(HttpContext http, Action<T> add)
    {
        var added = 0;
        try
        {
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable<T>(http.Request.Body, Options, http.RequestAborted))
            {
                if (item is null) continue;
                add(item);
                added++;
            }
        }
        catch (JsonException fault)
        {
            await RefuseAsync(http, fault.Message);
            return;
        }
        await WriteAsync(http, new { added });
    }

    public static Task RefuseAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return WriteAsync(http, new { error = why });
    }

    public static Task WriteAsync<T>(HttpContext http, T value) => http.Response.WriteAsJsonAsync(value, Options, http.RequestAborted);
}

internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;

internal sealed class SmsSignatureConverter : JsonConverter<SmsSignature>
{
    public override SmsSignature Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return new SmsSignature(reader.GetString()!);
        var fields = JsonSerializer.Deserialize<Fields>(ref reader, options) ?? throw new JsonException("a signature is a text or an object");
        return new SmsSignature(fields.Name, fields.State, fields.VerificationOnly);
    }

    public override void Write(Utf8JsonWriter writer, SmsSignature value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new Fields(value.Name, value.State, value.VerificationOnly), options);

    private sealed record Fields(string Name, ApprovalState State = ApprovalState.Approved, bool VerificationOnly = false);
}
