using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Settling;
using Engagement.Tests.Messaging.Channels;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>A message by the official account and into a chat, from the outbox to the wire and back, over real HTTP.</summary>
public abstract class OtherWeChatChannelsContract(TestDatabase test) : IAsyncLifetime
{
    private const string Official = "wx0000000000000002";
    private const string TemplatePath = "/cgi-bin/message/template/send";
    private const string ChatPath = "/cgi-bin/message/custom/send";
    private const string Phone = "19900001234";

    private FakeProvider _weChat = null!;
    private MessagingHouse _house = null!;

    public async Task InitializeAsync()
    {
        _weChat = (await FakeProvider.StartAsync())
            .On(WeChatAccount.TokenPath, WeChatAccount.Token("token-1"))
            .On(TemplatePath, FakeProvider.Json("""{"errcode":0,"errmsg":"ok","msgid":200163836}"""))
            .On(ChatPath, FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""))
            .On(WeChatAccount.SendPath, WeChatAccount.Accepted);
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
        {
            ["WeChat:BaseUrl"] = _weChat.Address.ToString(), ["WeChat:OfficialAccount:AppId"] = Official, ["WeChat:OfficialAccount:AppSecret"] = "s",
        });
    }

    public async Task DisposeAsync()
    {
        await _house.DisposeAsync();
        await _weChat.DisposeAsync();
    }

    [DatabaseFact]
    public async Task A_follower_gets_a_template_message_with_our_reference_and_its_end_comes_back()
    {
        var member = await FollowerAsync();
        var id = await _house.EnqueueAsync(member, Recall, template: Whole());

        await _house.RoundAsync();

        var sent = await _house.MessageAsync(id);
        Assert.Equal((MessageState.Sent, Channel.OfficialAccount, "200163836", 0L, 0L), (sent.State, sent.Channel, sent.ProviderRef, sent.CostFen, sent.Segments));
        Assert.Equal("customer_service=window_closed,wechat_subscribe=no_openid", sent.Verdicts);
        using var body = JsonDocument.Parse(_weChat.Requests.Single(r => r.Path == TemplatePath).Body);
        Assert.Equal((sent.Reference, "of1"), (body.RootElement.GetProperty("client_msg_id").GetString(), body.RootElement.GetProperty("touser").GetString()));
        Assert.Equal($"pages/recall/detail?ref={sent.Reference}", body.RootElement.GetProperty("miniprogram").GetProperty("pagepath").GetString());
        Assert.Equal(body.RootElement.GetProperty("data").GetProperty("thing1").GetProperty("value").GetString(), await _house.TextAsync(id));

        await FinishedAsync("200163836", "success");
        Assert.Equal(MessageState.Delivered, (await _house.MessageAsync(id)).State);
    }

    [DatabaseFact]
    public async Task One_who_blocks_the_account_is_an_undelivered_message()
    {
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());
        await _house.RoundAsync();

        await FinishedAsync("200163836", "failed:user block");

        var row = await _house.MessageAsync(id);
        Assert.Equal((MessageState.Undelivered, "failed:user block"), (row.State, row.Code));
    }

    [DatabaseTheory]
    [InlineData(43004)]
    [InlineData(50005)]
    public async Task Only_a_definite_refusal_moves_a_message_on_and_the_price_is_that_of_the_attempt_that_went(long code)
    {
        _weChat.On(TemplatePath, WeChatAccount.Error(code));
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());

        await _house.RoundAsync();
        await _house.RoundAsync();

        var row = await _house.MessageAsync(id);
        Assert.Equal((MessageState.Sent, Channel.Sms, 2L), (row.State, row.Channel, row.Attempt));
        Assert.True(row.CostFen > 0 && row.Segments > 0);
        Assert.Equal(1, _weChat.Count(TemplatePath));
        Assert.Equal((3L, $"{code}"), await _house.Database.ReadAsync(s => s.SingleOrDefaultAsync<(long, string)>("SELECT channel, outcome_code FROM attempt"), default));
    }

    [DatabaseFact]
    public async Task A_doubt_moves_nothing_on()
    {
        _weChat.On(TemplatePath, FakeProvider.Reset);
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());

        await _house.RoundAsync();
        await _house.RoundAsync();

        var row = await _house.MessageAsync(id);
        Assert.Equal((MessageState.InDoubt, Channel.OfficialAccount, 1L), (row.State, row.Channel, row.Attempt));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task The_end_of_a_send_in_doubt_finds_the_one_message_that_it_can_mean()
    {
        _weChat.On(TemplatePath, FakeProvider.Reset);
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());
        await _house.RoundAsync();

        await FinishedAsync("200163999", "success");

        var row = await _house.MessageAsync(id);
        Assert.Equal((MessageState.Delivered, "200163999"), (row.State, row.ProviderRef));
    }

    [DatabaseFact]
    public async Task An_open_chat_is_the_cheapest_way_and_the_intent_takes_one_from_its_window()
    {
        var member = await FollowerAsync();
        await OpenWindowAsync(remaining: 1);
        var (first, second) = (await _house.EnqueueAsync(member, Recall, template: Whole()), await _house.EnqueueAsync(member, Recall, template: Whole()));

        await _house.RoundAsync();
        await _house.RoundAsync();

        Assert.Equal(new Channel?[] { Channel.CustomerService, Channel.OfficialAccount }, [(await _house.MessageAsync(first)).Channel, (await _house.MessageAsync(second)).Channel]);
        Assert.Equal(0, await RemainingAsync());
        using var body = JsonDocument.Parse(_weChat.Requests.Single(r => r.Path == ChatPath).Body);
        Assert.Equal(("of1", "text"), (body.RootElement.GetProperty("touser").GetString(), body.RootElement.GetProperty("msgtype").GetString()));
        Assert.Equal(body.RootElement.GetProperty("text").GetProperty("content").GetString(), await _house.TextAsync(first));
    }

    [DatabaseFact]
    public async Task A_chat_has_no_receipt_and_is_not_taken_for_lost()
    {
        await OpenWindowAsync(remaining: 3);
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());
        await _house.RoundAsync();

        _house.Clock.Advance(TimeSpan.FromDays(4));
        await _house.Get<Settler>().RoundAsync(default);

        var row = await _house.MessageAsync(id);
        Assert.Equal((MessageState.Sent, null, null), (row.State, row.Reason, row.ReadyAt));
    }

    [DatabaseTheory]
    [InlineData(45015, 0)]
    [InlineData(45047, 0)]
    [InlineData(48002, 3)]
    public async Task A_refused_chat_gives_its_place_back_unless_WeChat_counts_no_window_and_the_next_channel_carries_it(long code, long remaining)
    {
        _weChat.On(ChatPath, WeChatAccount.Error(code));
        await OpenWindowAsync(remaining: 3);
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());

        await _house.RoundAsync();
        await _house.RoundAsync();

        Assert.Equal((Channel.OfficialAccount, remaining), ((await _house.MessageAsync(id)).Channel, await RemainingAsync()));
    }

    [DatabaseFact]
    public async Task A_template_that_WeChat_no_longer_lists_is_passed_over_until_it_is_back()
    {
        var member = await _house.JoinAsync("王秀兰", Phone, "o-mini");
        await _house.GrantAsync(member, Recall, 2);
        var ours = MessagingHouse.Template(Recall).Contents.WeChatSubscribe!.TemplateId;
        await _house.EnqueueAsync(member, Recall);
        List("SOMETHING-ELSE");

        var sync = Assert.Single(await _house.Get<ProviderTemplates>().SyncAsync(default), sync => sync.Provider == "wechat");
        Assert.Equal((null, 1), (sync.Problem, sync.Usable));
        await _house.RoundAsync();
        var row = await OnlyAsync();
        Assert.Equal((Channel.Sms, "wechat_subscribe=template_gone"), (row.Channel, row.Verdicts));
        Assert.Contains(await _house.Get<ProviderTemplates>().AllAsync(default), t => t.TemplateId == ours && t.State == ProviderTemplateState.Gone);

        List(ours);
        await _house.Get<ProviderTemplates>().SyncAsync(default);
        Assert.False(_house.Get<ProviderTemplates>().IsGone("wechat", ours));
        Assert.True(_house.Get<ProviderTemplates>().IsGone("wechat", "SOMETHING-ELSE"));
        await _house.EnqueueAsync(member, Recall);
        await _house.RoundAsync();
        Assert.Equal(Channel.WeChatSubscribe, (await OnlyAsync()).Channel);
    }

    [DatabaseTheory]
    [InlineData(40037)]
    [InlineData(43107)]
    public async Task A_template_that_WeChat_refuses_is_tried_by_few_and_not_by_a_whole_campaign(long code)
    {
        var member = await _house.JoinAsync("王秀兰", Phone, "o-mini");
        await _house.GrantAsync(member, Recall, 2, atWeChat: 0);
        _weChat.On(WeChatAccount.SendPath, WeChatAccount.Error(code));
        await _house.EnqueueAsync(member, Recall);
        await _house.RoundAsync();
        await _house.Get<ProviderTemplates>().RefreshAsync(default);

        await _house.EnqueueAsync(member, Recall);
        await _house.RoundAsync();

        Assert.Equal((Channel.Sms, "wechat_subscribe=template_gone"), ((await OnlyAsync()).Channel, (await OnlyAsync()).Verdicts));
        Assert.Equal(1, _weChat.Count(WeChatAccount.SendPath));
        Assert.Equal(ProviderTemplateState.Refused, (await _house.Get<ProviderTemplates>().AllAsync(default)).Single().State);
        Assert.Equal(2, await _house.GrantsLeftAsync(member, Recall));

        List(MessagingHouse.Template(Recall).Contents.WeChatSubscribe!.TemplateId);
        await _house.Get<ProviderTemplates>().SyncAsync(default);
        Assert.Equal(ProviderTemplateState.Usable, (await _house.Get<ProviderTemplates>().AllAsync(default)).Single(t => t.Provider == "wechat").State);
    }

    public static TheoryData<ProviderScript, string> BadLists => new()
    {
        { FakeProvider.Json("""{"errcode":0,"data":[]}"""), "empty_list" },
        { FakeProvider.Json("""{"errcode":0,"data":[{"priTmpl"""), "unreadable" },
        { FakeProvider.Answer("<html/>", "text/html", 502), "http_502" },
        { WeChatAccount.Error(48001), "48001" },
    };

    [DatabaseTheory]
    [MemberData(nameof(BadLists))]
    public async Task A_list_that_cannot_be_had_stops_nothing(ProviderScript list, string problem)
    {
        await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", Phone), Recall);
        _weChat.On("/wxaapi/newtmpl/gettemplate", list);

        Assert.Equal(problem, (await _house.Get<ProviderTemplates>().SyncAsync(default))[0].Problem);
        Assert.Empty(await _house.Get<ProviderTemplates>().AllAsync(default));
    }

    [DatabaseFact]
    public async Task A_code_that_nobody_knows_is_kept_with_its_message_and_counted()
    {
        _weChat.On(TemplatePath, WeChatAccount.Error(999_888));
        var id = await _house.EnqueueAsync(await FollowerAsync(), Recall, template: Whole());

        await _house.RoundAsync();

        Assert.Equal((MessageState.InDoubt, "999888"), ((await _house.MessageAsync(id)).State, (await _house.MessageAsync(id)).Code));
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT mended_total FROM sweep WHERE name = 'unknown_provider_codes'"));
    }

    private static TemplateFile Whole()
    {
        var template = DemoTemplates.All.First(t => t.Kind == Recall);
        return template with
        {
            Contents = template.Contents with
            {
                OfficialAccount = new OfficialAccountContent("OT-RECALL", "pages/recall/detail", new Dictionary<string, string> { ["thing1"] = "您有一条安全通知" }),
                CustomerService = new CustomerServiceContent("{{ member.title }}，您有一条安全通知，请登录小程序查看。"),
            },
        };
    }

    // A member who follows the official account and is not known in the mini-program.
    private async Task<MemberId> FollowerAsync()
    {
        var member = await _house.JoinAsync("王秀兰", Phone);
        await _house.ExecuteAsync("INSERT INTO member_identity (account, openid, member_id, unionid) VALUES (@account, 'of1', @id, 'u1')", new { account = Official, id = member.Value });
        return member;
    }

    private Task OpenWindowAsync(int remaining) => _house.ExecuteAsync(
        "INSERT INTO wechat_window (id, account, openid, source, remaining, until_at) VALUES (1, @account, 'of1', 1, @remaining, @until)",
        new { account = Official, remaining, until = (TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)).ToUnixTimeMilliseconds() });

    private Task<long> RemainingAsync() => _house.ScalarAsync<long>("SELECT remaining FROM wechat_window");

    private async Task FinishedAsync(string msgId, string status)
    {
        var body = $"<xml><ToUserName>gh_1</ToUserName><FromUserName>of1</FromUserName><CreateTime>{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}</CreateTime><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>{msgId}</MsgID><Status><![CDATA[{status}]]></Status></xml>";
        await _house.Get<InboundStore>().AddAsync(InboundSource.WeChatOfficial, "finished", System.Text.Encoding.UTF8.GetBytes(body), default);
        await _house.Get<InboundApplier>().ApplyAsync(default);
    }

    private void List(string id) => _weChat
        .On("/wxaapi/newtmpl/gettemplate", FakeProvider.Json($$"""{"errcode":0,"data":[{"priTmplId":"{{id}}","title":"一","content":"","type":2}]}"""))
        .On("/cgi-bin/template/get_all_private_template", FakeProvider.Json("""{"template_list":[{"template_id":"OT","title":"一"}]}"""));

    private async Task<MessageRow> OnlyAsync() => await _house.MessageAsync(new MessageId(await _house.ScalarAsync<long>("SELECT MAX(id) FROM message")));
}

public sealed class OtherWeChatChannelsOnSqlite(SqliteTestDatabase database) : OtherWeChatChannelsContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class OtherWeChatChannelsOnMySql(MySqlTestDatabase database) : OtherWeChatChannelsContract(database), IClassFixture<MySqlTestDatabase>;
