using Engagement.Tests.Api.Staff;
using Engagement.Tests.Docs;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>The OpenAPI document is complete: whoever reads it alone can call every endpoint, and knows how it may refuse.</summary>
public sealed class DescribingTheApi(StaffApp app) : IClassFixture<StaffApp>
{
    [Fact]
    public async Task Every_operation_says_what_it_does_shows_a_body_and_names_its_refusals()
    {
        using var client = app.Client();
        var operations = await ApiDocument.ReadAsync(client);

        Assert.True(operations.Count(operation => operation.IsOfApi) >= 40);
        Assert.Empty(operations.Where(operation => string.IsNullOrWhiteSpace(operation.Summary)).Select(operation => $"{operation}: .WithSummary(…)"));
        Assert.Empty(operations.Where(operation => operation is { IsOfApi: true, MediaTypes.Count: > 0, Example: null }).Select(operation => $"{operation}: .WithExample(…)"));
        Assert.Empty(operations.Where(operation => operation.IsOfApi && !operation.Refusals.Values.Any(codes => codes.Count > 0)).Select(operation => $"{operation}: no refusals"));
        Assert.DoesNotContain(operations, operation => operation.Right is not null && !(operation.Refusals[401].Contains("signed_out") && operation.Refusals[403].Contains("forbidden")));
    }

    [Fact]
    public async Task Every_endpoint_of_the_program_is_in_the_document()
    {
        using var client = app.Client();
        var described = (await ApiDocument.ReadAsync(client)).Select(operation => $"{operation.Method} {operation.Path.TrimEnd('/')}").ToHashSet();

        Assert.Empty(from endpoint in app.Endpoints
                     let path = "/" + System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!, @"\{(\w+)[^}]*\}", "{$1}").Trim('/')
                     where path.StartsWith("/api/", StringComparison.Ordinal)
                     from method in endpoint.Metadata.OfType<Microsoft.AspNetCore.Routing.HttpMethodMetadata>().SelectMany(methods => methods.HttpMethods)
                     where !described.Contains($"{method} {path}")
                     select $"{method} {path}");
    }

    [Fact]
    public async Task Every_request_under_http_is_an_operation_of_the_document()
    {
        using var client = app.Client();
        var described = (await ApiDocument.ReadAsync(client)).Where(operation => operation.IsOfApi).ToList();

        var unknown = (from file in Directory.GetFiles(Repository.Path("http"), "*.http").Select(file => System.IO.Path.GetFileName(file)!)
                       from request in SendingRequestFiles.Read(file, new Dictionary<string, string> { ["api"] = "" })
                       let path = request.Address.Split('?')[0].TrimEnd('/')
                       where path.StartsWith("/api/", StringComparison.Ordinal) && !request.Expected.StartsWith("405", StringComparison.Ordinal)
                       where !described.Exists(operation => operation.Method == request.Method && Fits(operation.Path, path))
                       select $"{file}: {request.Method} {path}").ToList();

        Assert.Empty(unknown);
    }

    private static bool Fits(string template, string path)
    {
        var (parts, steps) = (template.TrimEnd('/').Split('/'), path.Split('/'));
        return parts.Length == steps.Length && parts.Zip(steps).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }
}
