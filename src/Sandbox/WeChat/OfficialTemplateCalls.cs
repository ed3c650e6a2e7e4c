using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.WeChat;

/// <summary>The official account's template messages, and the administration of its templates.</summary>
internal sealed class OfficialTemplateCalls(CurrentSetup setup, People people, Faults faults, SendDesk desk, SandboxClock clock)
{
    private const int MostTemplates = 25;
    private const int LongestUrl = 2_048;
    private const int LongestUntypedValue = 200;

    private static readonly TimeSpan RepeatWindow = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string OpenId, string ClientMsgId), (DateTimeOffset At, long MsgId)> _sent = [];

    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        gate.MapAsync(app, "POST", "/cgi-bin/message/template/send", AccountKind.OfficialAccount, call => desk.SendAsync(call.Http, new Message(this, call)));
        gate.Map(app, "GET", "/cgi-bin/template/get_all_private_template", AccountKind.OfficialAccount, All);
        gate.Map(app, "POST", "/cgi-bin/template/api_add_template", AccountKind.OfficialAccount, Add);
        gate.Map(app, "POST", "/cgi-bin/template/del_private_template", AccountKind.OfficialAccount, Delete);
        gate.Map(app, "POST", "/cgi-bin/template/api_set_industry", AccountKind.OfficialAccount, _ => WeChatReply.Ok);
        gate.Map(app, "GET", "/cgi-bin/template/get_industry", AccountKind.OfficialAccount, _ => WeChatReply.Of(new
        {
            primary_industry = new { first_class = "医疗护理", second_class = "药店" },
            secondary_industry = new { first_class = "消费品", second_class = "消费品" },
        }));
    }

    public void Clear()
    {
        lock (_gate) _sent.Clear();
    }

    /// <summary>43 characters, as the real ones.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(33))[..43];

    private WeChatError? Refusal(WeChatCall call)
    {
        var to = call.Text("touser");
        if (faults.RefusalFor(Channel.OfficialAccount, to) is { } forced) return WeChatError.Forced(forced);
        if (to.Length == 0 || (!call.Setup.AcceptAnyOpenid && !people.Knows(to, AccountKind.OfficialAccount))) return WeChatError.InvalidOpenId;
        if (setup.FindOfficialTemplate(call.Text("template_id")) is not { } template) return WeChatError.InvalidTemplateId;
        if (template.Banned) return WeChatError.TemplateRestricted;
        if (!call.Setup.AcceptAnyOpenid && !people.With(to, AccountKind.OfficialAccount, person => person.Follows)) return WeChatError.NotFollowing;
        if (call.Text("url").Length > LongestUrl) return WeChatError.UrlLength;
        if (call.Part("miniprogram") is { ValueKind: JsonValueKind.Object } jump && JumpFault(jump) is { } wrong) return wrong;
        return DataFault(call, template);
    }

    private WeChatError? JumpFault(JsonElement jump)
    {
        if (setup.WeChat?.AppId != WeChatCall.TextIn(jump, "appid")) return WeChatError.InvalidAppId;
        var page = WeChatCall.TextIn(jump, "pagepath");
        return page.Length > 0 && !setup.HasPage(page) ? WeChatError.InvalidPagePath : null;
    }

    private static WeChatError? DataFault(WeChatCall call, WeChatTemplate template)
    {
        var data = Values(call);
        foreach (var key in template.Keywords.Keys)
        {
            if (!data.Exists(pair => pair.Key == key)) return WeChatError.Argument(key, "is empty");
        }
        foreach (var (key, value) in data)
        {
            if (!template.Keywords.ContainsKey(key)) return WeChatError.Argument(key, "is not in the template");
            if (value is null) return WeChatError.Argument(key, "invalid");
            var fault = KeywordRules.IsTyped(key) ? KeywordRules.Fault(key, value, call.Setup.CountCodePoints) : value.Length > LongestUntypedValue ? "invalid" : null;
            if (fault is not null) return WeChatError.Argument(key, fault);
            if (call.Setup.MarketingWords.Any(word => value.Contains(word, StringComparison.Ordinal))) return WeChatError.MarketingContent;
        }
        return null;
    }

    private static List<KeyValuePair<string, string?>> Values(WeChatCall call)
    {
        var values = new List<KeyValuePair<string, string?>>();
        if (call.Part("data") is not { ValueKind: JsonValueKind.Object } data) return values;
        foreach (var field in data.EnumerateObject())
        {
            var text = field.Value.ValueKind == JsonValueKind.Object && field.Value.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString() : null;
            values.Add(new(field.Name, text));
        }
        return values;
    }

    private LedgerEntry Describe(WeChatCall call, string msgId)
    {
        var template = setup.FindOfficialTemplate(call.Text("template_id"));
        var values = Values(call);
        var text = new StringBuilder(template?.Title);
        foreach (var (key, value) in values) text.Append('\n').Append(template?.Keywords.GetValueOrDefault(key)).Append('：').Append(value);
        var page = call.Part("miniprogram") is { } jump ? WeChatCall.TextIn(jump, "pagepath") : call.Text("url");
        var reference = call.Text("client_msg_id") is { Length: > 0 } id ? id : SubscribeRequest.ReferenceIn(page);
        return new LedgerEntry(
            Channel.OfficialAccount, DeliveryStatus.Accepted, clock.GetUtcNow().ToUnixTimeMilliseconds(), call.Text("touser"), call.Text("template_id"),
            reference, msgId, Text: text.ToString(), Page: page, DataJson: SubscribeSend.Flatten(values));
    }

    // The answer to a repeat is not documented: here the first number again.
    private long Register(WeChatCall call, long msgId)
    {
        if (call.Text("client_msg_id") is not { Length: > 0 } id) return msgId;
        lock (_gate)
        {
            var key = (call.Text("touser"), id);
            var now = clock.GetUtcNow();
            if (_sent.TryGetValue(key, out var first) && now - first.At < RepeatWindow) return first.MsgId;
            _sent[key] = (now, msgId);
            return msgId;
        }
    }

    private static WeChatReply All(WeChatCall call) => WeChatReply.Of(new
    {
        template_list = call.Setup.Templates.Select(t => new
        {
            template_id = t.Id,
            title = t.Title,
            primary_industry = "医疗护理",
            deputy_industry = "药店",
            content = string.Concat(t.Keywords.Select(k => $"{k.Value}：{{{{{k.Key}.DATA}}}}\n")),
            example = string.Concat(t.Keywords.Select(k => $"{k.Value}：示例\n")),
        }),
    });

    private WeChatReply Add(WeChatCall call)
    {
        if (call.Text("template_id_short").Length == 0) return WeChatError.InvalidTemplateId;
        if (call.Part("keyword_name_list") is not { ValueKind: JsonValueKind.Array } names || names.GetArrayLength() == 0)
            return new WeChatError(40246, "invalid keyword_name_list");
        if (call.Setup.Templates.Count >= MostTemplates) return new WeChatError(45026, "template num exceeds limit");

        var labels = names.EnumerateArray().Select(name => name.ToString()).ToList();
        var added = new WeChatTemplate(NewId(), call.Text("template_id_short"))
        {
            Keywords = labels.Select((label, i) => (Key: $"thing{i + 1}", label)).ToDictionary(pair => pair.Key, pair => pair.label),
        };
        setup.ChangeTemplates(AccountKind.OfficialAccount, all => [.. all, added]);
        return WeChatReply.Of(new { errcode = 0, errmsg = "ok", template_id = added.Id });
    }

    private WeChatReply Delete(WeChatCall call)
    {
        var id = call.Text("template_id");
        if (setup.FindOfficialTemplate(id) is null) return WeChatError.InvalidTemplateId;
        setup.ChangeTemplates(AccountKind.OfficialAccount, all => [.. all.Where(t => t.Id != id)]);
        return WeChatReply.Ok;
    }

    private sealed class Message(OfficialTemplateCalls calls, WeChatCall call) : IWeChatMessage
    {
        public Channel Channel => Channel.OfficialAccount;

        public WeChatError? Refusal() => calls.Refusal(call);

        public LedgerEntry Describe(string msgId) => calls.Describe(call, msgId);

        public long Register(long msgId) => calls.Register(call, msgId);
    }
}
