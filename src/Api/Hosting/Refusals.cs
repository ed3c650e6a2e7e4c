using System.Reflection;
using System.Text.Json.Nodes;
using Engagement.Api.Staff;
using Engagement.Api.Staff.Roles;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;

namespace Engagement.Api.Hosting;

/// <summary>Refusals that an endpoint gives beside those that follow from its form.</summary>
internal sealed record KnownRefusals(IReadOnlyList<Problem> Problems);

/// <summary>Which refusals an endpoint may give, for the description: by its form (a body, a key, a guard), by what stands beside its handler, and by <see cref="Refuses"/>.</summary>
/// <remarks>A test drives bad requests over every endpoint, and a code that comes back and is not described is an error.</remarks>
internal static class Refusals
{
    private const string Json = "application/problem+json";
    private const string SchemaName = "Problem";

    // What any address may say: it is unknown, called too often, or broken.
    private static readonly Problem[] s_always = [Problems.BadRequest, Problems.TextInvalid, Problems.RateLimited];

    /// <summary>Names refusals of this endpoint for the description. Those in static fields beside the handler need no mention.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params IReadOnlyList<Problem> problems) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new KnownRefusals(problems));

    /// <summary>Names every refusal that stands in a class of refusals, for a group of endpoints that shares it.</summary>
    public static TBuilder RefusesAsIn<TBuilder>(this TBuilder endpoints, Type problems) where TBuilder : IEndpointConventionBuilder => endpoints.Refuses([.. In(problems)]);

    internal static void Describe(OpenApiOperation operation, ApiDescription endpoint, OpenApiDocument? document)
    {
        var responses = operation.Responses ??= [];
        if (!$"/{endpoint.RelativePath}".StartsWith($"{ApiSurface.Root}/", StringComparison.Ordinal))
        {
            responses.TryAdd("default", new OpenApiResponse { Description = "Refused." });
            return;
        }

        document?.AddComponent(SchemaName, Schema());
        foreach (var status in Of(endpoint).DistinctBy(problem => problem.Code).GroupBy(problem => problem.Status).OrderBy(group => group.Key))
        {
            responses[status.Key.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join(" · ", status.Select(problem => $"`{problem.Code}` {problem.Title.En}")),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Json] = new() { Schema = new OpenApiSchemaReference(SchemaName, document), Examples = status.ToDictionary(problem => problem.Code, Example) },
                },
            };
        }
    }

    private static IEnumerable<Problem> Of(ApiDescription endpoint)
    {
        var metadata = endpoint.ActionDescriptor.EndpointMetadata;
        IEnumerable<Problem> problems = [.. s_always, .. metadata.OfType<KnownRefusals>().SelectMany(known => known.Problems), .. Beside(metadata.OfType<MethodInfo>().LastOrDefault())];
        if (metadata.Any(one => one is IAuthorizeData or AuthorizationPolicy)) problems = problems.Append(Problems.SignedOut);
        if (metadata.OfType<RightRequirement>().LastOrDefault() is { } right)
        {
            problems = problems.Append(Problems.Forbidden);
            if (!right.DuringSignIn) problems = problems.Concat([StaffProblems.CodeNeeded, StaffProblems.PasswordNeeded, StaffProblems.EnrolmentNeeded]);
        }

        if (endpoint.HttpMethod is not "GET") problems = problems.Append(Problems.CrossSite);
        if (metadata.OfType<IAcceptsMetadata>().Any()) problems = problems.Concat([Problems.BodyInvalid, Problems.FieldsInvalid, Problems.TooLarge, Problems.MediaType]);
        if (endpoint.ParameterDescriptions.Any(parameter => parameter.Source.Id == "Path")) problems = problems.Append(Problems.NotFound);
        if (endpoint.ParameterDescriptions.Any(parameter => parameter.Name.Equals("cursor", StringComparison.OrdinalIgnoreCase))) problems = problems.Append(Problems.CursorInvalid);
        if (metadata.OfType<IdempotentEndpoint>().Any()) problems = problems.Concat([Problems.KeyMissing, Problems.KeyReused, Problems.InProgress, Problems.AnswerLost, Problems.TooLarge]);
        if (metadata.OfType<VersionedEndpoint>().Any()) problems = problems.Concat([Problems.TagMissing, Problems.TagUnknown, Problems.StaleVersion]);
        return problems;
    }

    // A feature's refusals stand beside its endpoints.
    private static IEnumerable<Problem> Beside(MethodInfo? handler)
    {
        var type = handler?.DeclaringType;
        // A lambda lives in a class of the compiler's, inside ours.
        while (type is { IsNested: true } && type.Name.StartsWith('<')) type = type.DeclaringType;
        return type is null ? [] : In(type);
    }

    private static IEnumerable<Problem> In(Type type) => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(field => field.FieldType == typeof(Problem)).Select(field => (Problem)field.GetValue(null)!);

    private static IOpenApiExample Example(Problem problem) => new OpenApiExample
    {
        Summary = problem.Title.En,
        Value = new JsonObject { ["type"] = $"urn:engagement:problem:{problem.Code}", ["title"] = problem.Title.Zh, ["status"] = problem.Status, ["code"] = problem.Code },
    };

    private static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object, Description = "RFC 9457. Branch on code; title is for people, in the language of Accept-Language.",
        Required = new HashSet<string> { "type", "title", "status", "code" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String }, ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer }, ["code"] = new OpenApiSchema { Type = JsonSchemaType.String },
        },
    };
}
