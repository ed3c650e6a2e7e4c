using System.Text.Json.Nodes;
using Engagement.Api.Pos.Keys;
using Engagement.Api.Staff.Roles;
using Microsoft.OpenApi;

namespace Engagement.Api.Hosting;

/// <summary>An example of what an endpoint takes; the description shows it, and the tests send it.</summary>
/// <param name="Json">The body.</param>
/// <param name="MediaType">What it is.</param>
internal sealed record ExampleBody(string Json, string MediaType = "application/json");

/// <summary>An example of what stands in an endpoint's query.</summary>
/// <param name="Values">Values by name.</param>
internal sealed record ExampleQuery(IReadOnlyDictionary<string, string> Values);

/// <summary>The OpenAPI document: guards, keys, examples and refusals are read from the endpoints' own metadata.</summary>
internal static class Description
{
    public static IServiceCollection AddDescription(this IServiceCollection services) => services.AddOpenApi(openApi =>
    {
        openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "Engagement", Version = "1", Description = "Errors are RFC 9457 problem documents with a stable code. Ids are strings, times ISO 8601 with offset." };
            return Task.CompletedTask;
        });
        openApi.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context.Description.ActionDescriptor.EndpointMetadata);
            Refusals.Describe(operation, context.Description, context.Document);
            return Task.CompletedTask;
        });
        openApi.AddSchemaTransformer((schema, context, _) =>
        {
            if (StrictJson.IdType(Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type))
            {
                (schema.Type, schema.Pattern, schema.Properties, schema.Required) = (JsonSchemaType.String, "^[0-9]{1,19}$", null, null);
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>Shows a body that the endpoint takes.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder endpoint, string json) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ExampleBody(json));

    /// <summary>Shows a body that is no JSON.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder endpoint, string text, string mediaType) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ExampleBody(text, mediaType));

    /// <summary>Shows what may stand in the query.</summary>
    public static TBuilder WithExampleQuery<TBuilder>(this TBuilder endpoint, params IEnumerable<(string Name, string Value)> values) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ExampleQuery(values.ToDictionary(value => value.Name, value => value.Value)));

    private static void Describe(OpenApiOperation operation, IList<object> metadata)
    {
        if (metadata.OfType<ExampleBody>().LastOrDefault() is { } example && operation.RequestBody?.Content is { } contents && contents.TryGetValue(example.MediaType, out var body))
        {
            body.Example = example.MediaType == "application/json" ? JsonNode.Parse(example.Json) : JsonValue.Create(example.Json);
        }

        var shown = metadata.OfType<ExampleQuery>().LastOrDefault()?.Values ?? new Dictionary<string, string>();
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if (shown.TryGetValue(parameter.Name ?? "", out var value)) parameter.Example = value;
        }

        if (metadata.OfType<IdempotentEndpoint>().Any()) AddHeader(operation, "Idempotency-Key", 80, "The same key with the same body gets the first answer.");
        if (metadata.OfType<VersionedEndpoint>().Any()) AddHeader(operation, "If-Match", 30, "The ETag of the version that was read.");
        if (metadata.OfType<RightRequirement>().LastOrDefault() is { } right) operation.Description = $"{operation.Description} Right: {RoleMatrix.Code(right.Right)}.".TrimStart();
        if (metadata.OfType<PosRightRequirement>().LastOrDefault() is { } key) operation.Description = $"{operation.Description} API key with: {PosKey.Code(key.Right)}.".TrimStart();
    }

    private static void AddHeader(OpenApiOperation operation, string name, int longest, string description) => (operation.Parameters ??= []).Add(new OpenApiParameter
    {
        Name = name, In = ParameterLocation.Header, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = longest }, Description = description,
    });
}
