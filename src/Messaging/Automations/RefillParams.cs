using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Messaging.Automations;

/// <summary>The therapy lines that a reminder is about.</summary>
/// <param name="Lines">Each with the coverage end that it was planned for: a later one means that it was bought since.</param>
internal sealed record RefillParams(IReadOnlyList<RefillLine> Lines)
{
    public string ToJson() => JsonSerializer.Serialize(this, RefillJson.Default.RefillParams);

    public static RefillParams FromJson(string json) => JsonSerializer.Deserialize(json, RefillJson.Default.RefillParams)!;
}

/// <summary>One therapy line of a reminder.</summary>
internal sealed record RefillLine(long Id, int End);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RefillParams))]
internal sealed partial class RefillJson : JsonSerializerContext;
