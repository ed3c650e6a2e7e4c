using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>One operation of the OpenAPI document, as a client sees it: nothing here knows our code.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path with its parameters in braces.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Parameters">Path, query and header parameters.</param>
/// <param name="MediaTypes">What bodies it takes; none without one.</param>
/// <param name="Example">An example of its body, as text.</param>
/// <param name="Right">The right that it names, for staff.</param>
/// <param name="Refusals">The codes that it may refuse with, by status.</param>
internal sealed record Operation(
    string Method, string Path, string? Summary, IReadOnlyList<Parameter> Parameters, IReadOnlyList<string> MediaTypes, string? Example, string? Right, IReadOnlyDictionary<int, IReadOnlyList<string>> Refusals)
{
    /// <summary>The first two steps of its path: who calls it.</summary>
    public string Surface => string.Join('/', Path.Split('/').Take(3));

    public bool IsOfApi => Path.StartsWith("/api/", StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>A parameter.</summary>
internal sealed record Parameter(string Name, string In, string? Example);

/// <summary>Reads the document of a running application.</summary>
internal static partial class ApiDocument
{
    public static async Task<IReadOnlyList<Operation>> ReadAsync(HttpClient client)
    {
        var document = (await client.GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!;
        return [.. from path in document["paths"]!.AsObject()
                   from method in path.Value!.AsObject()
                   select Read(method.Key.ToUpperInvariant(), path.Key, method.Value!.AsObject())];
    }

    private static Operation Read(string method, string path, JsonObject operation)
    {
        var contents = operation["requestBody"]?["content"]?.AsObject();
        var example = contents?.Select(content => content.Value?["example"]).FirstOrDefault(one => one is not null);
        return new Operation(
            method, path, (string?)operation["summary"], [.. (operation["parameters"]?.AsArray() ?? []).Select(one => new Parameter((string)one!["name"]!, (string)one["in"]!, (string?)one["example"]))],
            [.. contents?.Select(content => content.Key) ?? []], example is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : example?.ToJsonString(),
            RightName().Match((string?)operation["description"] ?? "") is { Success: true } right ? right.Groups[1].Value : null,
            (operation["responses"]?.AsObject() ?? []).Where(response => int.TryParse(response.Key, out var status) && status >= 400)
                .ToDictionary(response => int.Parse(response.Key), response => (IReadOnlyList<string>)[.. response.Value?["content"]?["application/problem+json"]?["examples"]?.AsObject().Select(one => one.Key) ?? []]));
    }

    [GeneratedRegex(@"Right: (\w+)\.")]
    private static partial Regex RightName();
}
