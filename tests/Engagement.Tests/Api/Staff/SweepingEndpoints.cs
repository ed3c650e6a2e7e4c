using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Engagement.Tests.Api.Staff;

/// <summary>Every endpoint × role × foreign store. Endpoints are found in the running application: one that is added is swept without a line here.</summary>
/// <remarks>
/// A new route parameter needs a sample of the foreign store (<see cref="Samples"/>), and new data of stores a row of it in <see cref="StaffApp"/>,
/// with <see cref="StaffApp.ForeignMark"/> in its texts: what reaches a caller of another store is then found by the mark.
/// </remarks>
public sealed class SweepingEndpoints(StaffApp app) : IClassFixture<StaffApp>
{
    private static readonly string[] s_refused = ["forbidden", "not_found"];

    // For each route parameter: a thing of the foreign store, or of nobody.
    private Dictionary<string, string> Samples => new()
    {
        ["memberId"] = app.ForeignMember.ToString(),
        ["storeId"] = app.ForeignStore.ToString(),
        ["accountId"] = "1",
        ["couponId"] = "1",
        ["definitionId"] = "1",
        ["proposalId"] = "1",
        ["version"] = "1",
        ["adjustmentId"] = "1",
        ["productId"] = "1",
        ["importId"] = "1",
        ["replyId"] = app.ForeignReply.ToString(),
        ["code"] = "AAAAAAAAAAAAAAAA",
        ["kind"] = "promotion",
        ["lineId"] = "1",
        ["mergeId"] = "1",
        ["messageId"] = "1",
        ["purpose"] = "tips",
        ["requestId"] = "1",
        ["reviewId"] = "1",
        ["tipId"] = "1",
        ["caseId"] = "1",
        ["photoId"] = "1",
        ["surveyId"] = "1",
        ["recallId"] = "1",
    };

    [Fact]
    public async Task Nobody_gets_in_without_a_sign_in()
    {
        using var stranger = app.Client();
        var wrong = new List<string>();
        foreach (var endpoint in Guarded())
        {
            var said = await SendAsync(stranger, endpoint);
            if (said.Status != 401) wrong.Add($"{endpoint.DisplayName}: {said}");
        }

        Assert.Empty(wrong);
        Assert.True(Guarded().Count >= 12);
    }

    [Fact]
    public async Task A_role_without_the_right_is_refused_and_one_of_a_store_sees_no_other_store()
    {
        var wrong = new List<string>();
        foreach (var endpoint in Guarded().Where(endpoint => endpoint.Metadata.GetMetadata<RightRequirement>() is not null))
        {
            foreach (var role in Enum.GetValues<StaffRole>())
            {
                var reach = RoleMatrix.Of(endpoint.Metadata.GetMetadata<RightRequirement>()!.Right, role);
                using var caller = await app.InRoleAsync(role);
                var said = await SendAsync(caller, endpoint);
                if (Problem(reach, endpoint, said) is { } problem) wrong.Add($"{endpoint.DisplayName} as {role} ({reach}): {problem}, got {said.Status} {said.Body}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_endpoint_names_its_guard_and_every_parameter_has_a_sample()
    {
        Assert.Empty(app.Endpoints.Where(EndpointGuard.Unguarded).Select(endpoint => endpoint.DisplayName));
        Assert.Empty(from endpoint in Guarded()
                     from parameter in endpoint.RoutePattern.Parameters
                     where !Samples.ContainsKey(parameter.Name)
                     select $"{endpoint.DisplayName}: give {{{parameter.Name}}} a sample of the foreign store");
        Assert.Empty(Guarded().Where(TakesBody).Where(endpoint => endpoint.Metadata.GetMetadata<ExampleBody>() is null).Select(endpoint => $"{endpoint.DisplayName}: .WithExample(…)"));
    }

    [Fact]
    public async Task An_endpoint_without_a_guard_stops_the_start()
    {
        await using var bare = WebApplication.CreateSlimBuilder().Build();
        bare.MapGet("/api/staff/members", () => "everybody");
        bare.MapGet("/api/member/home", () => "anybody").RequireAuthorization();
        bare.MapGet("/api/staff/session", () => "a page").OpenTo("anybody");
        bare.MapGet("/health/live", () => "ok");

        var refused = Assert.Throws<InvalidOperationException>(() => EndpointGuard.Check(bare));

        Assert.Contains("/api/staff/members", refused.Message);
        Assert.DoesNotContain("home", refused.Message);
        Assert.DoesNotContain("session", refused.Message);
    }

    private static string? Problem(Reach reach, RouteEndpoint endpoint, (int Status, string Body) said)
    {
        if (said.Status >= 500) return "an error of ours";
        var forStores = reach is Reach.Store or Reach.Own;
        if (reach == Reach.None) return said.Status == 403 && !Leaks(said.Body) ? null : "expected 403 and nothing else";
        if (forStores && Leaks(said.Body)) return "data of the foreign store";
        if (forStores && endpoint.RoutePattern.Parameters.Count > 0 && said.Status < 400) return "the foreign store's thing was reached";
        return forStores && said.Status is 403 or 404 && !s_refused.Any(code => said.Body.Contains(code, StringComparison.Ordinal)) ? "an unknown refusal" : null;
    }

    private static bool Leaks(string body) => body.Contains(StaffApp.ForeignMark, StringComparison.Ordinal) || body.Contains("foreignforeign", StringComparison.Ordinal);

    private static bool TakesBody(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IAcceptsMetadata>()?.ContentTypes.Contains("application/json") == true;

    private List<RouteEndpoint> Guarded() =>
        [.. app.Endpoints.Where(endpoint => Path(endpoint).StartsWith("/api/", StringComparison.Ordinal) && endpoint.Metadata.GetMetadata<OpenEndpoint>() is null)];

    private static string Path(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private async Task<(int Status, string Body)> SendAsync(HttpClient caller, RouteEndpoint endpoint)
    {
        var path = endpoint.RoutePattern.Parameters.Aggregate(Path(endpoint), (path, parameter) => System.Text.RegularExpressions.Regex.Replace(path, $@"\{{{parameter.Name}[^}}]*\}}", Samples.GetValueOrDefault(parameter.Name, "1")));
        var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
        using var answer = await caller.SendExampleAsync(method, path, endpoint.Metadata.GetMetadata<ExampleBody>(), ("Idempotency-Key", $"sweep-{Random.Shared.NextInt64()}"), ("If-Match", "\"v1\""));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
