using System.Net;
using System.Net.Http.Headers;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Hosting;

/// <summary>What every endpoint under /api shares: problem documents in two languages, strict JSON, limits.</summary>
public sealed class AnsweringRequests(StaffApp app) : IClassFixture<StaffApp>
{
    private const string Session = "/api/staff/session";

    [Theory]
    [InlineData(null, "尚未登录")]
    [InlineData("zh-CN,en;q=0.8", "尚未登录")]
    [InlineData("fr-FR", "尚未登录")]
    [InlineData("en-GB,zh;q=0.8", "Not signed in")]
    [InlineData("zh;q=0.2, en;q=0.9", "Not signed in")]
    [InlineData("en;q=0", "尚未登录")]
    [InlineData("<script>", "尚未登录")]
    public async Task A_refusal_speaks_the_language_that_the_caller_prefers(string? accepts, string title)
    {
        using var client = app.Client();

        using var answer = await client.SendAsync("GET", Session, null, accepts is null ? [] : [("Accept-Language", accepts)]);

        var problem = await answer.JsonAsync();
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith(title, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal(("signed_out", "urn:engagement:problem:signed_out", 401), (problem.GetProperty("code").GetString(), problem.GetProperty("type").GetString(), problem.GetProperty("status").GetInt32()));
    }

    [Theory]
    [InlineData("""{"name":"a","password":"b","admin":true}""", "$.admin")]
    [InlineData("""{"name":"a","name":"c","password":"b"}""", "$.name")]
    [InlineData("""{"name":7,"password":"b"}""", "$.name")]
    [InlineData("""{"name":null,"password":"b"}""", "$.name")]
    [InlineData("""{"Name":"a","password":"b"}""", "$.Name")]
    [InlineData("""{"name":"a"}""", "$")]
    [InlineData("""{"name":"a","password":"b""", "$.password")]
    [InlineData("""{"name":"a","password":"b"} {}""", "$")]
    [InlineData("[]", "$")]
    [InlineData("nonsense", "$")]
    public async Task A_body_is_read_strictly_and_the_refusal_says_where(string body, string path)
    {
        using var client = app.Client();

        using var answer = await client.SendAsync("POST", Session, body);

        var problem = await answer.JsonAsync();
        Assert.Equal((400, "body_invalid", path), ((int)answer.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("at").GetProperty("path").GetString()));
    }

    [Fact]
    public async Task A_list_holds_no_null_and_json_is_utf8()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        const string account = """{"name":"null.in.list","displayName":"空","role":"cashier","disabled":false,"stores":[null],"regions":[]}""";

        Assert.Equal((400, "body_invalid"), await admin.SendAsync("POST", "/api/staff/accounts", account, ("Idempotency-Key", "null-in-list")).SaidAsync());
        using var odd = new HttpRequestMessage(HttpMethod.Post, Session) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        odd.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-7");
        Assert.Equal((415, "media_type_unsupported"), await admin.SendAsync(odd).SaidAsync());
    }

    [Fact]
    public async Task Broken_text_is_refused_with_its_place()
    {
        using var client = app.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, Session)
        {
            Content = new ByteArrayContent([.. "{\"name\":\""u8, 0xE4, 0xBD, .. "\",\"password\":\"b\"}"u8]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };

        using var body = await client.SendAsync(request);
        var problem = await body.JsonAsync();
        Assert.Equal((400, "body_invalid", "$.name"), ((int)body.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("at").GetProperty("path").GetString()));
        Assert.Equal((400, "text_invalid"), await client.SendAsync("GET", "/api/staff/audit?action=%E4%BD").SaidAsync());
        Assert.Equal((401, "signed_out"), await client.SendAsync("GET", "/api/staff/audit?action=%E4%BD%A0").SaidAsync());
    }

    [Fact]
    public async Task What_is_no_request_of_ours_is_refused_with_a_code()
    {
        using var client = app.Client();
        using var form = new HttpRequestMessage(HttpMethod.Post, Session) { Content = new FormUrlEncodedContent([new("name", "a")]) };

        Assert.Equal((415, "media_type_unsupported"), await client.SendAsync(form).SaidAsync());
        Assert.Equal((404, "not_found"), await client.SendAsync("GET", "/api/staff/nothing").SaidAsync());
        Assert.Equal((404, "not_found"), await client.SendAsync("GET", "/api/nothing").SaidAsync());
        Assert.Equal((405, "method_not_allowed"), await client.SendAsync("PATCH", Session).SaidAsync());
        Assert.Equal((413, "too_large"), await client.SendAsync("POST", Session, $$"""{"name":"a","password":"{{new string('x', (int)ApiSurface.BodyLimit)}}"}""").SaidAsync());
        Assert.Equal((403, "cross_site"), await client.SendAsync("POST", Session, "{}", ("Sec-Fetch-Site", "cross-site")).SaidAsync());
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        Assert.Equal((400, "bad_request"), await admin.SendAsync("GET", "/api/staff/accounts?limit=many").SaidAsync());
        Assert.Equal((400, "bad_request"), await admin.SendAsync("GET", "/api/staff/accounts/99999999999999999999999").SaidAsync());
    }

    [Fact]
    public async Task Who_is_refused_with_a_body_too_large_to_be_read_is_told_that_the_connection_ends()
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false }) { BaseAddress = app.Client().BaseAddress };
        var large = $$"""{"name":"{{new string('x', (int)ApiSurface.BodyLimit)}}"}""";

        for (var i = 0; i < 50; i++)
        {
            using var refused = await client.SendAsync("POST", "/api/staff/tips", large);
            Assert.Equal((HttpStatusCode.Unauthorized, true), (refused.StatusCode, refused.Headers.ConnectionClose));
            using var next = await client.SendAsync("POST", "/api/staff/tips", "{}");
            Assert.Equal((HttpStatusCode.Unauthorized, null), (next.StatusCode, next.Headers.ConnectionClose));
        }
    }

    [Fact]
    public async Task Answers_are_not_kept_by_anybody_on_the_way()
    {
        using var client = app.Client();

        using var answer = await client.SendAsync("GET", Session);

        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", string.Concat(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Every_staff_endpoint_is_described_with_its_right_and_an_example()
    {
        using var client = app.Client();

        var paths = (await (await client.GetAsync("/openapi/v1.json")).JsonAsync()).GetProperty("paths");

        var operations = paths.EnumerateObject().Where(path => path.Name.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject().Select(method => (Name: $"{method.Name} {path.Name}", method.Value))).ToList();
        Assert.True(operations.Count >= 15);
        Assert.All(operations, operation => Assert.True(operation.Value.TryGetProperty("summary", out _), operation.Name));
        Assert.All(operations, operation => Assert.DoesNotContain("StaffCaller", operation.Value.GetRawText()));
        Assert.All(operations.Where(operation => operation.Value.TryGetProperty("requestBody", out _)),
            operation => Assert.True(operation.Value.GetProperty("requestBody").GetProperty("content").EnumerateObject().Any(content => content.Value.TryGetProperty("example", out _)), operation.Name));
        Assert.Contains("Right: audit_read.", paths.GetProperty("/api/staff/audit").GetProperty("get").GetProperty("description").GetString());
    }

    [Fact]
    public void Every_refusal_has_one_code_and_speaks_both_languages()
    {
        var all = typeof(Problems).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(Problem)).Select(field => (Problem)field.GetValue(null)!).ToList();

        Assert.True(all.Count > 30);
        Assert.Empty(all.DistinctBy(problem => (problem.Code, problem.Status, problem.Title)).GroupBy(problem => problem.Code).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.All(all, problem => Assert.Matches("^[a-z][a-z0-9_.]+$", problem.Code));
        Assert.All(all, problem => Assert.Matches("[\u4e00-\u9fff]", problem.Title.Zh));
        Assert.All(all, problem => Assert.DoesNotMatch("[\u4e00-\u9fff]", problem.Title.En));
    }

    [Fact]
    public async Task Guessing_from_one_address_is_slowed_down()
    {
        using var folder = new TempFolder();
        KeyRing.Create(folder["keys"], demo: true);
        var settings = Settings.Read(folder.Path, [.. DemoSettings.For(FakeProvider.NobodyThere()), new("Limits:SignIns", "3"), new("Limits:PerAddress", "10")]);
        await using var installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        await using var one = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await one.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(EngagementApp.Address(one)) };
        const string guess = """{"name":"liu.fang","password":"guess"}""";

        for (var i = 0; i < 3; i++) Assert.Equal((401, "sign_in_refused"), await client.SendAsync("POST", Session, guess).SaidAsync());
        using var fourth = await client.SendAsync("POST", Session, guess);
        Assert.Equal(HttpStatusCode.TooManyRequests, fourth.StatusCode);
        Assert.Equal("rate_limited", (await fourth.JsonAsync()).GetProperty("code").GetString());
        Assert.True(fourth.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        var said = new List<(int, string?)>();
        for (var i = 0; i < 10; i++) said.Add(await client.SendAsync("GET", Session).SaidAsync());
        Assert.Equal((401, "signed_out"), said[0]);
        Assert.Equal((429, "rate_limited"), said[^1]);
        Assert.Equal((200, null), await client.SendAsync("GET", "/health/live").SaidAsync());
    }
}
