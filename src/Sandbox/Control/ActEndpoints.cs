using System.Globalization;
using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Sms;
using Engagement.Sandbox.Tencent;
using Engagement.Sandbox.WeChat;

namespace Engagement.Sandbox.Control;

/// <summary>What people are and do: <c>/_sandbox/people codes grants openids acts taps replies</c>.</summary>
internal sealed class ActEndpoints(
    People people, GrantLedger grants, MessageLedger ledger, MiniProgramPushes miniProgram, OfficialAccountPushes official, SmsUpPushes smsUps,
    TencentReplyPushes tencentReplies, CurrentSetup setup, SandboxClock clock)
{
    private long _lastMessageId = 24_000_000_000_000_000 + clock.GetUtcNow().ToUnixTimeSeconds() * 1_000;

    public void Map(IEndpointRouteBuilder control)
    {
        // Element by element: a benchmark grants a million at once.
        control.MapPost("/grants", http => ControlJson.AddManyAsync<Grant>(http, grant => grants.Add(grant.Openid, grant.TemplateId, grant.Count)));
        control.MapPost("/openids", http => ControlJson.AddManyAsync<string>(http, grants.Know));
        control.MapPost("/people", http => ControlJson.AddManyAsync<PersonSetup>(http, AddPerson));
        control.MapPost("/codes", NewCode);
        control.MapPost("/replies", Reply);
        control.MapPost("/taps", Tap);
        control.MapPost("/acts", DoAct);
    }

    private void AddPerson(PersonSetup person)
    {
        people.Put(person);
        if (person.Openid is { } openId) grants.Know(openId);
    }

    private async Task NewCode(HttpContext http)
    {
        if (await ControlJson.ReadAsync<CodeWish>(http) is not { } wish) return;
        grants.Know(wish.Openid);
        if (wish.Kind is "login" or "phone")
            await ControlJson.WriteAsync(http, new { code = people.NewCode(wish.Openid, wish.Kind == "phone" ? CodeKind.Phone : CodeKind.Login) });
        else
            await ControlJson.RefuseAsync(http, "kind is login or phone");
    }

    private async Task Reply(HttpContext http)
    {
        if (await ControlJson.ReadAsync<MemberReply>(http) is not { } reply) return;
        if (ChinaPhone.Digits(reply.Phone) is not { } phone) await ControlJson.RefuseAsync(http, "phone is not a mainland mobile number");
        else await ControlJson.WriteAsync(http, new { sequenceId = Reply(phone, reply.Content) });
    }

    // A phone answers the newest message that it got; without one the reply has no signature and goes to the first provider.
    private long Reply(string phone, string content)
    {
        var (aliyun, tencent) = (ledger.Newest(Channel.AliyunSms, phone), ledger.Newest(Channel.TencentSms, phone));
        if (tencent is null || aliyun?.Seq > tencent.Value.Seq) return smsUps.Reply(phone, content);
        tencentReplies.Reply(tencent.Value.Entry, content);
        return tencent.Value.Seq;
    }

    private async Task Tap(HttpContext http)
    {
        if (await ControlJson.ReadAsync<MemberTap>(http) is not { } tap) return;
        Choose(tap.Openid, [new Choice(tap.TemplateId, tap.Accept ? "accept" : "reject")], inSettings: !tap.Accept);
        await ControlJson.WriteAsync(http, new { ok = true });
    }

    private async Task DoAct(HttpContext http)
    {
        if (await ControlJson.ReadAsync<Act>(http) is not { } act) return;
        if (act.Account is not ("official" or "mini")) await ControlJson.RefuseAsync(http, "account is official or mini");
        else if (act.Openid.Length == 0 || !Perform(act)) await ControlJson.RefuseAsync(http, Act.Known);
        else await ControlJson.WriteAsync(http, new { ok = true });
    }

    private bool Perform(Act act)
    {
        switch (act.Do)
        {
            case "popup" or "change":
                if (act.Choices.Count == 0) return false;
                Choose(act.Openid, act.Choices, inSettings: act.Do == "change");
                return true;
            case "text" or "image":
                people.Wrote(act.Openid, KindOf(act));
                Tell(act, Message(act));
                return true;
            case "follow" or "unfollow" or "scan" or "click" or "view" or "enter" or "revoke" or "event":
                if (Event(act) is not { } pushed) return false;
                Remember(act);
                Tell(act, pushed);
                return true;
            default:
                return false;
        }
    }

    // The panel tells of both answers; the settings page tells of a refusal alone.
    private void Choose(string openId, IReadOnlyList<Choice> choices, bool inSettings)
    {
        foreach (var choice in choices)
        {
            if (choice.Status == "accept") grants.Add(openId, choice.TemplateId, 1);
            else if (inSettings) grants.Zero(openId, choice.TemplateId);
        }
        var told = inSettings ? choices.Where(choice => choice.Status == "reject") : choices;
        var entries = told.Select(choice => (choice.TemplateId, choice.Status)).ToList();
        if (entries.Count == 0) return;
        miniProgram.Tell(inSettings ? WeChatEvent.Changes(openId, entries, clock.GetUtcNow()) : WeChatEvent.Popups(openId, entries, clock.GetUtcNow()));
    }

    private WeChatNotice Message(Act act)
    {
        var id = Interlocked.Increment(ref _lastMessageId).ToString(CultureInfo.InvariantCulture);
        List<EventField> fields = act.Do == "text"
            ? [new("Content", act.Content ?? ""), new("MsgId", id, IsNumber: true)]
            : [new("PicUrl", "http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0"), new("MediaId", act.Content ?? "sandbox-media"), new("MsgId", id, IsNumber: true)];
        // A choice from a menu of ours comes as a text with the choice's id.
        if (act is { Do: "text", Key: { } choice }) fields.Add(new("bizmsgmenuid", choice));
        return new WeChatNotice(act.Do, act.Openid, clock.GetUtcNow(), fields);
    }

    private WeChatNotice? Event(Act act)
    {
        var (openId, now, key) = (act.Openid, clock.GetUtcNow(), act.Key ?? "");
        return act.Do switch
        {
            "follow" when key.Length == 0 => WeChatNotice.Event("subscribe", openId, now, new EventField("EventKey", "")),
            "follow" => WeChatNotice.Event("subscribe", openId, now, new("EventKey", "qrscene_" + key), new("Ticket", act.Ticket)),
            "unfollow" => WeChatNotice.Event("unsubscribe", openId, now, new EventField("EventKey", "")),
            "scan" => WeChatNotice.Event("SCAN", openId, now, new("EventKey", key), new("Ticket", act.Ticket)),
            "click" => WeChatNotice.Event("CLICK", openId, now, new EventField("EventKey", key)),
            "view" => WeChatNotice.Event("VIEW", openId, now, new EventField("EventKey", key)),
            "enter" => WeChatNotice.Event("user_enter_tempsession", openId, now, new EventField("SessionFrom", key)),
            "revoke" => WeChatNotice.Event(act.Event ?? "user_authorization_revoke", openId, now,
                new("OpenID", openId), new("AppID", setup.WeChat?.AppId ?? ""), new("RevokeInfo", key)),
            "event" when act.Event is { Length: > 0 } name => WeChatNotice.Event(name, openId, now, [.. act.Fields.Select(f => new EventField(f.Key, f.Value))]),
            _ => null,
        };
    }

    private void Remember(Act act)
    {
        if (act.Do is "follow" or "unfollow")
        {
            people.Do(act.Openid, AccountKind.OfficialAccount, person =>
            {
                if (act.Do == "follow" && !person.Follows) person.FollowedAt = clock.GetUtcNow();
                person.Follows = act.Do == "follow";
                person.QrScene = act.Key ?? "";
                person.Scene = person.QrScene.Length > 0 ? "ADD_SCENE_QR_CODE" : "ADD_SCENE_SEARCH";
            });
        }
        if (act.Do is "follow" or "scan" or "click") people.Touched(act.Openid, KindOf(act));
    }

    // Everything but chats and settings of the mini-program happens in the official account.
    private static AccountKind KindOf(Act act) => act.Account == "mini" || act.Do is "enter" or "revoke" ? AccountKind.MiniProgram : AccountKind.OfficialAccount;

    private void Tell(Act act, IWeChatPush pushed)
    {
        WeChatPushes line = KindOf(act) == AccountKind.MiniProgram ? miniProgram : official;
        line.Tell(pushed);
    }

    private sealed record Grant(string Openid, string TemplateId, int Count = 1);

    private sealed record CodeWish(string Openid, string Kind = "login");

    private sealed record MemberReply(string Phone, string Content);

    private sealed record MemberTap(string Openid, string TemplateId, bool Accept = true);

    private sealed record Choice(string TemplateId, string Status);

    private sealed record Act(string Do, string Openid, string Account = "official")
    {
        public const string Known = "do is follow, unfollow, scan, click, view, text, image, enter, revoke, popup, change (with choices) or event (with a name), and openid is needed";

        public string? Content { get; init; }

        /// <summary>The scene of a QR code, the key of a menu entry or of a choice, what was revoked.</summary>
        public string? Key { get; init; }

        public string Ticket { get; init; } = "gQH47joAAAAAAAAAASxodHRwOi8vd2VpeGluLnFxLmNvbS9xLw";

        /// <summary>The name of an event that is not in the list.</summary>
        public string? Event { get; init; }

        public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

        public IReadOnlyList<Choice> Choices { get; init; } = [];
    }
}
