using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Engagement.Sandbox.WeChat;

/// <summary>Who follows the official account, and by which unionid the mini-program knows them.</summary>
internal sealed class FollowerCalls(People people)
{
    private const int LargestBatch = 100;
    private const int LargestPage = 10_000;

    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        gate.Map(app, "GET", "/cgi-bin/user/info", AccountKind.OfficialAccount, call =>
            Info(call.Text("openid")) is { } info ? WeChatReply.Of(info) : WeChatError.InvalidOpenId);
        gate.Map(app, "POST", "/cgi-bin/user/info/batchget", AccountKind.OfficialAccount, Batch);
        gate.Map(app, "GET", "/cgi-bin/user/get", AccountKind.OfficialAccount, List);
        gate.Map(app, "POST", "/cgi-bin/user/info/updateremark", AccountKind.OfficialAccount, Remark);
    }

    private object? Info(string openId) => people.With<object?>(openId, AccountKind.OfficialAccount, person =>
    {
        // Of somebody who does not follow nothing else is told.
        if (!person.Follows) return new { subscribe = 0, openid = openId };
        var info = new Dictionary<string, object>
        {
            ["subscribe"] = 1,
            ["openid"] = openId,
            ["language"] = "zh_CN",
            ["subscribe_time"] = person.FollowedAt.ToUnixTimeSeconds(),
            ["remark"] = person.Remark,
            ["groupid"] = 0,
            ["tagid_list"] = Array.Empty<int>(),
            ["subscribe_scene"] = person.Scene,
            ["qr_scene"] = int.TryParse(person.QrScene, NumberStyles.None, CultureInfo.InvariantCulture, out var scene) ? scene : 0,
            ["qr_scene_str"] = person.QrScene.All(char.IsAsciiDigit) ? "" : person.QrScene,
        };
        if (person.Setup.Unionid is { } unionid) info["unionid"] = unionid;
        return info;
    });

    private WeChatReply Batch(WeChatCall call)
    {
        if (call.Part("user_list") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0) return WeChatError.NotJson;
        if (list.GetArrayLength() > LargestBatch) return new WeChatError(40032, "invalid openid list size");
        var infos = list.EnumerateArray().Select(user => Info(WeChatCall.TextIn(user, "openid"))).ToList();
        return infos.Contains(null) ? WeChatError.InvalidOpenId : WeChatReply.Of(new { user_info_list = infos });
    }

    private WeChatReply List(WeChatCall call)
    {
        var all = people.Followers();
        var next = call.Text("next_openid");
        var page = all.Where(openId => string.CompareOrdinal(openId, next) > 0).Take(LargestPage).ToList();
        return page.Count == 0
            ? WeChatReply.Of(new { total = all.Count, count = 0, next_openid = "" })
            : WeChatReply.Of(new { total = all.Count, count = page.Count, data = new { openid = page }, next_openid = page[^1] });
    }

    private WeChatReply Remark(WeChatCall call)
    {
        if (!people.Knows(call.Text("openid"), AccountKind.OfficialAccount)) return WeChatError.InvalidOpenId;
        if (Encoding.UTF8.GetByteCount(call.Text("remark")) >= 30) return new WeChatError(40092, "invalid remark name");
        people.Do(call.Text("openid"), AccountKind.OfficialAccount, person => person.Remark = call.Text("remark"));
        return WeChatReply.Ok;
    }
}
