using System.Text;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.WeChat;

/// <summary>Customer-service messages of both apps, inside the windows that a person's own message or tap opens.</summary>
internal sealed class CustomerServiceCalls(People people, Faults faults, SendDesk desk, SandboxClock clock)
{
    private const int LongestText = 2_048;

    // Branch → the field that it cannot do without.
    private static readonly Dictionary<string, string> Branches = new(StringComparer.Ordinal)
    {
        ["text"] = "content", ["image"] = "media_id", ["voice"] = "media_id", ["mpnews"] = "media_id", ["video"] = "media_id", ["music"] = "musicurl",
        ["news"] = "articles", ["mpnewsarticle"] = "article_id", ["msgmenu"] = "list", ["wxcard"] = "card_id", ["miniprogrampage"] = "title", ["link"] = "url",
    };

    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        gate.MapAsync(app, "POST", "/cgi-bin/message/custom/send", AccountKind.Either, call => desk.SendAsync(call.Http, new Message(this, call)));
        gate.Map(app, "POST", "/cgi-bin/message/custom/typing", AccountKind.Either, Typing);
    }

    private WeChatReply Typing(WeChatCall call) =>
        call.Text("command") is not ("Typing" or "CancelTyping") ? WeChatError.InvalidArguments
        : !people.Knows(call.Text("touser"), call.Kind) ? WeChatError.InvalidOpenId
        : WeChatReply.Ok;

    private WeChatError? Refusal(WeChatCall call)
    {
        var to = call.Text("touser");
        if (faults.RefusalFor(Channel.CustomerService, to) is { } forced) return WeChatError.Forced(forced);
        if (call.Setup.AcceptAnyOpenid) return ContentFault(call);
        if (!people.Knows(to, call.Kind)) return WeChatError.InvalidOpenId;
        if (ContentFault(call) is { } wrong) return wrong;
        return people.With(to, call.Kind, person =>
            person.Setup.RefusesMessages ? WeChatError.RefusesMessages : person.Contact(call.Kind).Take(clock.GetUtcNow()));
    }

    private static WeChatError? ContentFault(WeChatCall call)
    {
        var type = call.Text("msgtype");
        if (!Branches.TryGetValue(type, out var needed)) return WeChatError.InvalidType;
        if (call.Part(type) is not { ValueKind: JsonValueKind.Object } branch || !branch.TryGetProperty(needed, out var content)) return WeChatError.NotJson;
        return content.ValueKind switch
        {
            JsonValueKind.String when content.GetString()!.Length == 0 => new WeChatError(44004, "empty content"),
            JsonValueKind.String when type == "text" && Encoding.UTF8.GetByteCount(content.GetString()!) > LongestText => WeChatError.TooLong,
            JsonValueKind.Array when type == "news" && content.GetArrayLength() > 1 => WeChatError.TooManyArticles,
            _ => null,
        };
    }

    private LedgerEntry Describe(WeChatCall call, string msgId)
    {
        var type = call.Text("msgtype");
        var branch = call.Part(type) ?? default;
        var page = type == "miniprogrampage" ? WeChatCall.TextIn(branch, "pagepath") : WeChatCall.TextIn(branch, "url");
        return new LedgerEntry(
            Channel.CustomerService, DeliveryStatus.Accepted, clock.GetUtcNow().ToUnixTimeMilliseconds(), call.Text("touser"), type,
            SubscribeRequest.ReferenceIn(page), msgId, Text: TextOf(type, branch), Page: page, DataJson: SubscribeSend.Flatten(Shown(call, type, branch)));
    }

    private static string TextOf(string type, JsonElement branch) => type switch
    {
        "text" => WeChatCall.TextIn(branch, "content"),
        "news" => branch.GetProperty("articles").EnumerateArray().Select(article => $"{WeChatCall.TextIn(article, "title")}\n{WeChatCall.TextIn(article, "description")}").FirstOrDefault() ?? "",
        "msgmenu" => $"{WeChatCall.TextIn(branch, "head_content")}\n{WeChatCall.TextIn(branch, "tail_content")}".Trim('\n'),
        "image" or "voice" or "video" or "mpnews" => $"[{type}] {WeChatCall.TextIn(branch, "media_id")}",
        _ => $"{WeChatCall.TextIn(branch, "title")}\n{WeChatCall.TextIn(branch, "description")}".Trim('\n'),
    };

    // What the inbox page needs besides the text: whose chat it is, and the choices of a menu.
    private static IEnumerable<KeyValuePair<string, string?>> Shown(WeChatCall call, string type, JsonElement branch)
    {
        yield return new("account", call.Kind == AccountKind.OfficialAccount ? "official" : "mini");
        if (type != "msgmenu") yield break;
        foreach (var choice in branch.GetProperty("list").EnumerateArray()) yield return new(WeChatCall.TextIn(choice, "id"), WeChatCall.TextIn(choice, "content"));
    }

    private sealed class Message(CustomerServiceCalls calls, WeChatCall call) : IWeChatMessage
    {
        public Channel Channel => Channel.CustomerService;

        public WeChatError? Refusal() => calls.Refusal(call);

        public LedgerEntry Describe(string msgId) => calls.Describe(call, msgId);
    }
}
