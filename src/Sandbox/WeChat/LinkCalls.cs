using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>Codes and links that lead into the mini-program.</summary>
internal sealed class LinkCalls(CurrentSetup setup, SandboxClock clock)
{
    private const string SceneMarks = "!#$&'()*+,/:;=?@-._~";
    private const int LongestScene = 32;
    private const int LongestQuery = 1_024;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, Link> _links = new(StringComparer.Ordinal);

    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        gate.Map(app, "POST", "/wxa/getwxacodeunlimit", AccountKind.MiniProgram, Unlimited);
        gate.Map(app, "POST", "/wxa/getwxacode", AccountKind.MiniProgram, call => Code(call, longest: 1_024));
        gate.Map(app, "POST", "/cgi-bin/wxaapp/createwxaqrcode", AccountKind.MiniProgram, call => Code(call, longest: 128));
        gate.Map(app, "POST", "/wxa/generatescheme", AccountKind.MiniProgram, Scheme);
        gate.Map(app, "POST", "/wxa/generate_urllink", AccountKind.MiniProgram, UrlLink);
        gate.Map(app, "POST", "/wxa/queryscheme", AccountKind.MiniProgram, call => Query(call, call.Text("scheme"), "scheme_info"));
        gate.Map(app, "POST", "/wxa/query_urllink", AccountKind.MiniProgram, call => Query(call, call.Text("url_link"), "url_link_info"));
    }

    private WeChatReply Unlimited(WeChatCall call)
    {
        var (scene, page) = (call.Text("scene"), call.Text("page"));
        if (scene.Length is 0 or > LongestScene || !scene.All(c => char.IsAsciiLetterOrDigit(c) || SceneMarks.Contains(c))) return WeChatError.InvalidScene;
        if (page.StartsWith('/') || page.Contains('?')) return new WeChatError(40159, "invalid length for path, or the data is not json string");
        if (call.Flag("check_path", otherwise: true) && page.Length > 0 && !setup.HasPage(page)) return WeChatError.InvalidPage;
        return Picture(call, $"{page}?{scene}");
    }

    private static WeChatReply Code(WeChatCall call, int longest)
    {
        var path = call.Text("path");
        return path.Length == 0 || path.Length > longest ? new WeChatError(40159, "invalid length for path, or the data is not json string") : Picture(call, path);
    }

    private static WeChatReply Picture(WeChatCall call, string content) =>
        call.Text("env_version") is not ("" or "release" or "trial" or "develop") ? WeChatError.InvalidArguments
        : WeChatReply.OfPicture(CodePicture.Draw(content, (int)Math.Clamp(call.Number("width", 430), 280, 1_280)));

    private WeChatReply Scheme(WeChatCall call)
    {
        var jump = call.Part("jump_wxa") ?? default;
        var (link, refusal) = Make(call, jump, WeChatCall.TextIn(jump, "env_version"));
        if (refusal is { } error) return error;
        var text = "weixin://dl/business/?t=" + NewName();
        _links[text] = link!;
        return WeChatReply.Of(new { errcode = 0, errmsg = "ok", openlink = text });
    }

    private WeChatReply UrlLink(WeChatCall call)
    {
        var (link, refusal) = Make(call, call.Body, call.Text("env_version"));
        if (refusal is { } error) return error;
        var text = "https://wxaurl.cn/" + NewName();
        _links[text] = link!;
        return WeChatReply.Of(new { errcode = 0, errmsg = "ok", url_link = text });
    }

    private (Link? Link, WeChatError? Refusal) Make(WeChatCall call, JsonElement target, string version)
    {
        var (path, query) = (WeChatCall.TextIn(target, "path"), WeChatCall.TextIn(target, "query"));
        if (path.Contains('?')) return (null, WeChatError.InvalidPagePath);
        if (path.Length > 0 && !setup.HasPage(path)) return (null, WeChatError.InvalidPagePath);
        if (query.Length > LongestQuery) return (null, new WeChatError(40212, "invalid query"));
        if (version is not ("" or "release" or "trial" or "develop")) return (null, new WeChatError(85402, "invalid env_version"));

        var now = clock.GetUtcNow();
        var until = call.Number("expire_type", 0) == 1 ? now.AddDays(call.Number("expire_interval", 30))
            : call.Number("expire_time", 0) is > 0 and < 100_000_000_000 and var at ? DateTimeOffset.FromUnixTimeSeconds(at)
            : now + LongestLife;
        if (until - now < ShortestLife || until - now > LongestLife) return (null, new WeChatError(85401, "time limit between 1min and 30 days"));
        return (new Link(path, query, version.Length == 0 ? "release" : version, now, until), null);
    }

    private WeChatReply Query(WeChatCall call, string text, string name)
    {
        if (!_links.TryGetValue(text, out var link)) return new WeChatError(85403, "scheme or link not found");
        return WeChatReply.Of(new Dictionary<string, object>
        {
            ["errcode"] = 0,
            ["errmsg"] = "ok",
            [name] = new
            {
                appid = call.Setup.AppId,
                path = link.Path,
                query = link.Query,
                create_time = link.MadeAt.ToUnixTimeSeconds(),
                expire_time = link.Until.ToUnixTimeSeconds(),
                env_version = link.Version,
            },
            ["quota_info"] = new { remain_visit_quota = 6_000_000 },
        });
    }

    private static string NewName() => RandomNumberGenerator.GetString(Letters, 11);

    private sealed record Link(string Path, string Query, string Version, DateTimeOffset MadeAt, DateTimeOffset Until);
}
