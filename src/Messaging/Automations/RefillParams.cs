using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Messaging.Automations;

/// <summary>The therapy lines that a reminder is about.</summary>
/// <param name="Lines">Each with the coverage end that it was planned for: a later one means that it was bought since.</param>
internal sealed record RefillParams(IReadOnlyList<RefillLine> Lines)
{
    public string ToJson() => JsonSerializer.Serialize(this, RefillJson.Default.RefillParams);

    /// <summary>Reads what <see cref="ToJson"/> wrote; <c>null</c> for anything else.</summary>
    public static RefillParams? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RefillJson.Default.RefillParams);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>One therapy line of a reminder.</summary>
internal sealed record RefillLine(long Id, int End);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RefillParams))]
internal sealed partial class RefillJson : JsonSerializerContext;
