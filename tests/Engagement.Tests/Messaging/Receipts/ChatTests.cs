using System.Text;
using Engagement.Members;
using Engagement.Members.Cases;
using Engagement.Members.Consents;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Tests.Messaging.Channels;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Receipts;

/// <summary>Who follows, scans, taps and writes: what it opens, who answers, and what is forgotten.</summary>
public abstract class ChatContract(TestDatabase test) : IAsyncLifetime
{
    private const string Official = "wx0000000000000002";
    private const string OpenId = "ofFollowerWangXiulan00000001";

    private FakeProvider _weChat = null!;
    private MessagingHouse _house = null!;
    private int _count;

    public async Task InitializeAsync()
    {
        _weChat = (await FakeProvider.StartAsync())
            .On(WeChatAccount.TokenPath, WeChatAccount.Token("token-1"))
            .On("/cgi-bin/message/custom/send", FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""))
            .On("/cgi-bin/user/info", FakeProvider.Json($$"""{"subscribe":1,"openid":"{{OpenId}}","unionid":"union-1"}"""));
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
        {
            ["WeChat:BaseUrl"] = _weChat.Address.ToString(), ["WeChat:OfficialAccount:AppId"] = Official, ["WeChat:OfficialAccount:AppSecret"] = "s",
            ["WeChat:Replies:营业时间"] = "每天 8:00-21:30",
        });
    }

    public async Task DisposeAsync()
    {
        await _house.DisposeAsync();
        await _weChat.DisposeAsync();
    }

    [DatabaseFact]
    public async Task A_follower_is_found_to_be_a_member_by_the_unionid_and_forgotten_when_gone()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "o-mini-1", consents: [Purpose.Membership]);
        await _house.ExecuteAsync("UPDATE member_identity SET unionid = 'union-1' WHERE member_id = @id", new { id = member.Value });
        var version = await VersionAsync(member);

        await PushAsync("event", ("Event", "subscribe"), ("EventKey", "qrscene_store-7"));
        Assert.Equal(1, await _house.Get<FollowerLinks>().RunAsync(default));

        Assert.Equal(OpenId, await IdentityAsync(member));
        Assert.True(await VersionAsync(member) > version);
        Assert.Equal(0, await _house.Get<FollowerLinks>().RunAsync(default));

        version = await VersionAsync(member);
        await PushAsync("event", ("Event", "unsubscribe"), ("EventKey", ""));

        Assert.Null(await IdentityAsync(member));
        Assert.True(await VersionAsync(member) > version);
        Assert.Equal((0, 0), (await CountAsync("wechat_follower"), await CountAsync("wechat_window")));
    }

    [DatabaseFact]
    public async Task A_follower_whom_nobody_knows_is_asked_about_again_tomorrow_and_one_whom_WeChat_does_not_know_never()
    {
        await PushAsync("event", ("Event", "subscribe"), ("EventKey", ""));
        await _house.Get<FollowerLinks>().RunAsync(default);
        Assert.True(await _house.ScalarAsync<long>("SELECT look_at FROM wechat_follower") > DateTimeOffset.UnixEpoch.ToUnixTimeMilliseconds());
        Assert.Equal(0, await _house.Get<FollowerLinks>().RunAsync(default));

        _weChat.On("/cgi-bin/user/info", WeChatAccount.Error(40003));
        await _house.ExecuteAsync("UPDATE wechat_follower SET look_at = 0");
        await _house.Get<FollowerLinks>().RunAsync(default);
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM wechat_follower WHERE look_at IS NULL"));
    }

    [DatabaseFact]
    public async Task A_configured_word_is_answered_once_and_takes_one_from_the_window()
    {
        await PushAsync("text", ("Content", " 营业时间 "), ("MsgId", "1"));
        Assert.Equal(5, await RemainingAsync(WindowSource.Message));

        Assert.Equal(1, await _house.Get<ChatReplies>().RunAsync(default));
        Assert.Equal(0, await _house.Get<ChatReplies>().RunAsync(default));

        Assert.Equal($$$"""{"touser":"{{{OpenId}}}","msgtype":"text","text":{"content":"每天 8:00-21:30"}}""", _weChat.Requests.Single(r => r.Path.EndsWith("custom/send", StringComparison.Ordinal)).Body);
        Assert.Equal(4, await RemainingAsync(WindowSource.Message));
        Assert.Equal((long)ChatState.Answered, await _house.ScalarAsync<long>("SELECT state FROM wechat_chat"));
        Assert.Empty(await _house.Get<ChatsWaiting>().WaitingAsync(10, default));
    }

    [DatabaseFact]
    public async Task Anything_else_waits_for_staff_encrypted_and_a_persons_answer_goes_out()
    {
        await PushAsync("text", ("Content", "我的血压药断货了"), ("MsgId", "2"));
        await PushAsync("image", ("MediaId", "MEDIA1"), ("MsgId", "3"));
        await _house.Get<ChatReplies>().RunAsync(default);

        var waiting = await _house.Get<ChatsWaiting>().WaitingAsync(10, default);
        Assert.Equal([("text", "我的血压药断货了"), ("image", null)], waiting.Select(chat => (chat.MessageType, chat.Text)));
        Assert.DoesNotContain("血压", Encoding.UTF8.GetString(await _house.ScalarAsync<byte[]>("SELECT text_cipher FROM wechat_chat WHERE text_cipher IS NOT NULL")));

        Assert.True(await _house.Get<ChatsWaiting>().AnswerAsync(waiting[0].Id, "已为您调货，后天到店", default));
        Assert.False(await _house.Get<ChatsWaiting>().AnswerAsync(waiting[0].Id, "再说一次", default));
        await _house.Get<ChatReplies>().RunAsync(default);
        Assert.Contains("已为您调货", _weChat.Requests[^1].Body);
        Assert.Single(await _house.Get<ChatsWaiting>().WaitingAsync(10, default));
    }

    [DatabaseFact]
    public async Task What_a_member_writes_is_one_case_whose_answer_goes_back_to_WeChat()
    {
        var member = await FollowedByMemberAsync();

        await PushAsync("text", ("Content", "我的会员卡丢了"), ("MsgId", "20"));
        await PushAsync("image", ("MediaId", "MEDIA1"), ("MsgId", "21"));

        var desk = _house.Get<CaseDesk>();
        var opened = Assert.Single(await desk.ListAsync(member, null, 10, default));
        Assert.Equal((CaseCategory.Consultation, CaseChannel.WeChat, CaseState.Open), (opened.Category, opened.Source, opened.State));
        Assert.Equal(["我的会员卡丢了", "[图片]"], (await desk.ReadAsync(member, opened.Id, default)).Thread.Select(entry => entry.Text));
        Assert.Empty(await _house.Get<ChatsWaiting>().WaitingAsync(10, default));

        Assert.True(await _house.Get<Database>().WriteAsync(tx => _house.Get<ChatsWaiting>().AnswerAsync(tx, member, "已为您补办"), default));
        await _house.Get<ChatReplies>().RunAsync(default);
        Assert.Contains("已为您补办", _weChat.Requests[^1].Body);
    }

    [DatabaseFact]
    public async Task An_answer_for_somebody_who_wrote_three_days_ago_goes_to_the_inbox_only()
    {
        var member = await FollowedByMemberAsync();
        await PushAsync("text", ("Content", "我的会员卡丢了"), ("MsgId", "22"));
        await _house.ExecuteAsync("UPDATE wechat_chat SET said_at = said_at - 259200000");

        Assert.False(await _house.Get<Database>().WriteAsync(tx => _house.Get<ChatsWaiting>().AnswerAsync(tx, member, "已为您补办"), default));
        Assert.Equal((long)ChatState.InCase, await _house.ScalarAsync<long>("SELECT state FROM wechat_chat"));
    }

    [DatabaseTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_may_be_an_emergency_is_answered_at_once_and_is_a_case_whoever_writes(bool isMember)
    {
        if (isMember) await FollowedByMemberAsync();

        await PushAsync("text", ("Content", "我爸误服了两倍的药"), ("MsgId", "23"));
        await _house.Get<ChatReplies>().RunAsync(default);

        Assert.Contains("120", _weChat.Requests[^1].Body);
        Assert.Equal(isMember ? 1 : 0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM service_case WHERE member_id IS NOT NULL"));
        Assert.Equal([(long)CaseCategory.Pharmacist], await _house.QueryAsync<long>("SELECT category FROM service_case"));
        Assert.Equal(2, await CountAsync("case_entry"));
    }

    [DatabaseTheory]
    [InlineData(45015, 0, 5)]
    [InlineData(45047, 0, 5)]
    [InlineData(48002, 5, 5)]
    [InlineData(-1, 5, 1)]
    public async Task A_refused_answer_gives_its_place_back_unless_WeChat_counts_no_window(long code, long remaining, long state)
    {
        _weChat.On("/cgi-bin/message/custom/send", WeChatAccount.Error(code));
        await PushAsync("text", ("Content", "营业时间"), ("MsgId", "4"));

        await _house.Get<ChatReplies>().RunAsync(default);
        await _house.Get<ChatReplies>().RunAsync(default);

        Assert.Equal(1, _weChat.Count("/cgi-bin/message/custom/send"));
        Assert.Equal((remaining, state), (await RemainingAsync(WindowSource.Message), await _house.ScalarAsync<long>("SELECT state FROM wechat_chat")));
    }

    [DatabaseFact]
    public async Task An_answer_of_which_nobody_can_say_is_never_sent_again()
    {
        _weChat.On("/cgi-bin/message/custom/send", FakeProvider.Reset);
        await PushAsync("text", ("Content", "营业时间"), ("MsgId", "5"));

        await _house.Get<ChatReplies>().RunAsync(default);
        await _house.Get<ChatReplies>().RunAsync(default);

        Assert.Equal(1, _weChat.Count("/cgi-bin/message/custom/send"));
        Assert.Equal((4, "reset"), (await RemainingAsync(WindowSource.Message), (await _house.Get<ChatsWaiting>().WaitingAsync(10, default)).Single().Code));
    }

    [DatabaseFact]
    public async Task Outside_the_window_nothing_is_tried()
    {
        await PushAsync("text", ("Content", "营业时间"), ("MsgId", "6"));
        await _house.ExecuteAsync("UPDATE wechat_window SET until_at = 1");

        await _house.Get<ChatReplies>().RunAsync(default);

        Assert.Equal(0, _weChat.Count("/cgi-bin/message/custom/send"));
        Assert.Equal("window_closed", (await _house.Get<ChatsWaiting>().WaitingAsync(10, default)).Single().Code);
    }

    [DatabaseFact]
    public async Task A_tap_opens_three_for_a_minute_and_an_entry_that_opens_a_page_none()
    {
        await PushAsync("event", ("Event", "VIEW"), ("EventKey", "https://example.com/"));
        Assert.Equal(0, await CountAsync("wechat_window"));

        await PushAsync("event", ("Event", "CLICK"), ("EventKey", "HELP"));
        Assert.Equal(3, await RemainingAsync(WindowSource.Tap));
        var open = await _house.ScalarAsync<long>("SELECT until_at FROM wechat_window") - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.InRange(open, 50_000, 60_000);
    }

    [DatabaseFact]
    public async Task A_push_that_comes_late_takes_nothing_from_a_window_that_was_opened_since()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await PushAsync("text", ("Content", "你好"), ("MsgId", "7"), ("CreateTime", $"{now}"));
        await _house.ExecuteAsync("UPDATE wechat_window SET remaining = 2");
        await PushAsync("text", ("Content", "在吗"), ("MsgId", "8"), ("CreateTime", $"{now - 60}"));
        Assert.Equal(2, await RemainingAsync(WindowSource.Message));

        await PushAsync("text", ("Content", "谢谢"), ("MsgId", "9"), ("CreateTime", $"{now + 1}"));
        Assert.Equal(5, await RemainingAsync(WindowSource.Message));
    }

    [DatabaseFact]
    public async Task An_event_that_nobody_knows_is_kept_and_counted()
    {
        await PushAsync("event", ("Event", "wxa_punish_event"), ("EventKey", ""));

        Assert.Equal((long)InboundState.NotUnderstood, await _house.ScalarAsync<long>("SELECT state FROM inbound"));
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT mended_total FROM sweep WHERE name = 'pushes_not_understood'"));
    }

    // Two nodes read the same rows before either has written; a tap is one grant.
    [DatabaseFact]
    public async Task A_push_that_another_node_has_applied_meanwhile_is_not_applied_again()
    {
        await _house.JoinAsync("王秀兰", openId: "o-mini-2", consents: [Purpose.Membership]);
        for (var i = 0; i < 20; i++) await KeepAsync(InboundSource.WeChat, $$$"""{"FromUserName":"o-mini-2","CreateTime":{{{1_790_000_000 + i}}},"MsgType":"event","Event":"subscribe_msg_popup_event","List":{"TemplateId":"T1","SubscribeStatusString":"accept"}}""");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _house.Get<InboundApplier>().ApplyAsync(default))));

        Assert.Equal(20, await _house.ScalarAsync<long>("SELECT remaining FROM wechat_grant"));
    }

    private async Task<MemberId> FollowedByMemberAsync()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "o-mini-1", consents: [Purpose.Membership]);
        await _house.ExecuteAsync("UPDATE member_identity SET unionid = 'union-1' WHERE member_id = @id", new { id = member.Value });
        await PushAsync("event", ("Event", "subscribe"), ("EventKey", ""));
        await _house.Get<FollowerLinks>().RunAsync(default);
        return member;
    }

    private async Task PushAsync(string msgType, params (string Name, string Value)[] fields)
    {
        var at = fields.Any(f => f.Name == "CreateTime") ? "" : $"<CreateTime>{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}</CreateTime>";
        var body = string.Concat(fields.Select(f => $"<{f.Name}><![CDATA[{f.Value}]]></{f.Name}>"));
        await KeepAsync(InboundSource.WeChatOfficial, $"<xml><ToUserName>gh_1</ToUserName><FromUserName><![CDATA[{OpenId}]]></FromUserName>{at}<MsgType><![CDATA[{msgType}]]></MsgType>{body}</xml>");
        await _house.Get<InboundApplier>().ApplyAsync(default);
    }

    private Task KeepAsync(string source, string body) => _house.Get<InboundStore>().AddAsync(source, $"test:{++_count}", Encoding.UTF8.GetBytes(body), default);

    private Task<long> RemainingAsync(WindowSource source) => _house.ScalarAsync<long>("SELECT remaining FROM wechat_window WHERE source = @source", new { source = (int)source });

    private Task<long> CountAsync(string table) => _house.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}");

    private async Task<string?> IdentityAsync(MemberId member) =>
        (await _house.QueryAsync<string>("SELECT openid FROM member_identity WHERE account = @account AND member_id = @id", new { account = Official, id = member.Value })).SingleOrDefault();

    private Task<long> VersionAsync(MemberId member) => _house.ScalarAsync<long>("SELECT gate_version FROM member WHERE id = @id", new { id = member.Value });
}

public sealed class ChatOnSqlite(SqliteTestDatabase database) : ChatContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class ChatOnMySql(MySqlTestDatabase database) : ChatContract(database), IClassFixture<MySqlTestDatabase>;
