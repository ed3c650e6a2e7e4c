using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Engagement.EndToEnd.Preview;

/// <summary>The Member API as the mini-program sees it: answers from <c>answers.json</c>, by person, and a note of every request. With it a page can be held in any state.</summary>
internal sealed class MemberApiFake : IAsyncDisposable
{
    /// <summary>Somebody whose every request is refused.</summary>
    public const string Broken = "broken";

    private const string Root = "/api/member";
    private const string Visitor = "visitor";

    private static readonly JsonObject s_answers = JsonNode.Parse(File.ReadAllText(Path.Combine(DemoFolder.Root, "tests", "EndToEnd", "Preview", "answers.json")))!.AsObject();
    private static readonly string[] s_open = ["/privacy-guide", "/home", "/stores"];

    private readonly WebApplication _app;

    private MemberApiFake(WebApplication app) => _app = app;

    /// <summary>Where it answers.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<Asked> Requests { get; } = new();

    /// <summary>Requests that wait until they are let go: <c>GET /home</c>.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Held { get; } = new();

    public static async Task<MemberApiFake> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new MemberApiFake(app);
        var pages = new PhysicalFileProvider(PreviewBuild.Folder);
        app.UseStaticFiles(new StaticFileOptions { FileProvider = pages, RequestPath = "/preview" });
        app.MapGet("/preview", () => Results.File(Path.Combine(PreviewBuild.Folder, "index.html"), "text/html; charset=utf-8"));
        app.MapGet("/preview/people", () => Results.Json(new { items = s_answers["people"]!.AsObject().Select(person => new { key = person.Key, name = (string)person.Value!["name"]!, text = (string)person.Value["text"]! }) }));
        app.MapPost("/preview/codes", (HttpRequest request) => Results.Json(new { code = request.Query["as"].ToString() }));
        app.Map(Root + "/{**path}", fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    /// <summary>What was asked of one address.</summary>
    public IReadOnlyList<Asked> Of(string request) => [.. Requests.Where(asked => asked.Request == request)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var asked = await Asked.ReadAsync(http.Request, Root);
        Requests.Enqueue(asked);
        if (Held.TryGetValue(asked.Request, out var gate)) await gate.Task;
        if (asked.Path is "/session" or "/session/refresh") await SignInAsync(http, asked);
        else if (asked.Path != "/privacy-guide" && asked.Who.Length == 0) await RefuseAsync(http, 401, "signed_out", "请重新登录");
        else if (asked.Who == Broken) await RefuseAsync(http, 503, "busy", "系统正忙，请稍后再试");
        else if (asked.Who == Visitor && !s_open.Contains(asked.Path) && !asked.Path.StartsWith("/phone", StringComparison.Ordinal)) await RefuseAsync(http, 403, "phone_needed", "请先授权手机号，成为会员后再使用。");
        else await GiveAsync(http, asked);
    }

    // A phone that was allowed makes a member of the visitor.
    private Task SignInAsync(HttpContext http, Asked asked)
    {
        var who = (string?)asked.Body["code"] ?? (string)asked.Body["refreshToken"]!;
        var joined = Of("POST /phone").Count + Of("POST /phone/sms/confirm").Count > 0;
        if (who == Visitor && joined) who = "zhou";
        return http.Response.WriteAsJsonAsync(new { accessToken = who, refreshToken = who, expiresIn = 3600, state = who == Visitor ? "visitor" : "member" });
    }

    private static async Task GiveAsync(HttpContext http, Asked asked)
    {
        var tables = new[] { s_answers["people"]?[asked.Who]?["answers"]?.AsObject(), s_answers["default"]!.AsObject() }.OfType<JsonObject>().ToList();
        var found = tables.SelectMany(table => new[] { asked.Request + asked.Query, asked.Request }.Where(table.ContainsKey).Select(key => (table, key))).Concat(
            tables.SelectMany(table => table.Where(entry => Pattern(entry.Key).IsMatch(asked.Request)).Select(entry => (table, entry.Key)))).FirstOrDefault();
        if (found.table is null) await RefuseAsync(http, 404, "not_found", "没有找到");
        else if (found.table[found.Item2] is not { } answer) http.Response.StatusCode = 204;
        else await WriteAsync(http, 200, answer);
    }

    private static Regex Pattern(string key) => new("^" + Regex.Replace(Regex.Escape(key), @"\\\{\w+}", "[^/]+") + "$");

    private static Task RefuseAsync(HttpContext http, int status, string code, string title) => WriteAsync(http, status, new JsonObject { ["code"] = code, ["title"] = title, ["status"] = status });

    private static Task WriteAsync(HttpContext http, int status, JsonNode answer)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(answer.ToJsonString(), Encoding.UTF8);
    }
}

/// <summary>One request of the mini-program.</summary>
internal sealed record Asked(string Method, string Path, string Query, string Who, string Key, JsonObject Body)
{
    public string Request => $"{Method} {Path}";

    public static async Task<Asked> ReadAsync(HttpRequest request, string root)
    {
        using var reader = new StreamReader(request.Body);
        var text = request.HasJsonContentType() ? await reader.ReadToEndAsync() : "";
        var told = request.Headers["X-HTTP-Method-Override"].ToString();
        return new Asked(
            told.Length > 0 ? told : request.Method, request.Path.Value![root.Length..], request.QueryString.Value ?? "",
            request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal), request.Headers["Idempotency-Key"].ToString(),
            text.Length > 0 ? JsonNode.Parse(text)!.AsObject() : []);
    }
}
