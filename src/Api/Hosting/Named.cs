using System.Text.Json;

namespace Engagement.Api.Hosting;

/// <summary>A value of an enumeration in an address, by the name that it has in JSON too: <c>otc_a</c>, where the framework by itself would take <c>OtcA</c> only.</summary>
internal readonly record struct Named<T>(T Value) where T : struct, Enum
{
    private static readonly Dictionary<string, T> s_byName = Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    public static bool TryParse(string? text, out Named<T> named)
    {
        var isKnown = s_byName.TryGetValue(text ?? "", out var value);
        named = new(value);
        return isKnown;
    }
}
