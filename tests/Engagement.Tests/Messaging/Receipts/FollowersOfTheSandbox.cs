using Engagement.Api.Demo;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Receipts;

/// <summary>The whole circle over HTTP, with a WeChat that shares no line with us: people follow, scan and write; it pushes; we link, answer and send; it tells of the end.</summary>
public sealed class FollowersOfTheSandbox(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>, IAsyncLifetime
{
    private const string OfficialAppId = "wx0000000000000002";
    private const string OfficialSecret = "official-secret-of-the-sandbox";
    private const string OfficialToken = "OfficialPushToken";
    private const string Key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    private const string OpenId = "oMiniWangXiulan00000000000000";
    private const string OfficialId = "oOfflWangXiulan00000000000000";

    private MessagingHouse _house = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
        {
            ["WeChat:OfficialAccount:AppId"] = OfficialAppId, ["WeChat:OfficialAccount:AppSecret"] = OfficialSecret, ["WeChat:OfficialAccount:PushToken"] = OfficialToken,
            ["WeChat:OfficialAccount:EncodingAesKey"] = Key, ["WeChat:Replies:营业时间"] = "每天 8:00-21:30",
        });
        await _house.SetUpAsync(api => new
        {
            wechat = new { appId = DemoSettings.AppId, appSecret = DemoSettings.AppSecret, push = new { url = $"{api}/webhooks/wechat/main/", token = DemoSettings.PushToken, format = "json" } },
            officialAccount = new
            {
                appId = OfficialAppId, appSecret = OfficialSecret, templates = new[] { new { id = "OT-RECALL", title = "安全通知", keywords = new { thing1 = "事项" } } },
                push = new { url = $"{api}/webhooks/wechat/official/", token = OfficialToken, mode = "safe", encodingAesKey = Key },
            },
            receipts = new { minDelayMs = 0, maxDelayMs = 1 },
        });
        _member = await _house.JoinAsync("王秀兰", openId: OpenId, consents: [Purpose.Membership]);
        await _house.ExecuteAsync("UPDATE member_identity SET unionid = 'union-1' WHERE openid = @OpenId", new { OpenId });
        await _house.SandboxAsync("people", new[] { new { openid = OpenId, officialOpenid = OfficialId, unionid = "union-1" } });
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [Fact]
    public async Task A_follower_becomes_a_members_second_address_gets_a_template_message_and_is_gone_with_the_unfollowing()
    {
        await FollowAsync();
        var id = await _house.EnqueueAsync(_member, Recall, template: ByOfficialAccount());

        await _house.RoundAsync();

        Assert.Equal((MessageState.Sent, Channel.OfficialAccount), ((await _house.MessageAsync(id)).State, (await _house.MessageAsync(id)).Channel));
        await _house.BecomesAsync(id, MessageState.Delivered);

        await _house.SandboxAsync("acts", new { @do = "unfollow", account = "official", openid = OfficialId });
        await _house.AppliedAsync(async () => await FollowersAsync() == 0);
    }

    [Fact]
    public async Task A_follower_who_blocks_us_is_not_reached_and_we_hear_why()
    {
        await FollowAsync();
        await _house.SandboxAsync("people", new[] { new { openid = OpenId, officialOpenid = OfficialId, unionid = "union-1", follows = true, blocks = true } });
        var id = await _house.EnqueueAsync(_member, Recall, template: ByOfficialAccount());

        await _house.RoundAsync();
        await _house.BecomesAsync(id, MessageState.Undelivered);

        Assert.Equal("failed:user block", (await _house.MessageAsync(id)).Code);
    }

    [Fact]
    public async Task Who_writes_is_answered_and_reached_in_the_chat_as_often_as_WeChat_lets_us()
    {
        await FollowAsync();
        await _house.SandboxAsync("acts", new { @do = "text", account = "official", openid = OfficialId, content = "营业时间" });
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM wechat_chat") == 1);

        await _house.Get<ChatReplies>().RunAsync(default);
        Assert.Equal((long)ChatState.Answered, await _house.ScalarAsync<long>("SELECT state FROM wechat_chat"));

        // Three by the tap of following and five by the message, less the answer; then the next channel.
        var sent = new List<Channel?>();
        for (var i = 0; i < 8; i++)
        {
            var id = await _house.EnqueueAsync(_member, Recall, template: ByOfficialAccount(chat: true));
            await _house.RoundAsync();
            sent.Add((await _house.MessageAsync(id)).Channel);
        }

        Assert.Equal([.. Enumerable.Repeat<Channel?>(Channel.CustomerService, 7), Channel.OfficialAccount], sent);
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM attempt"));
    }

    [Fact]
    public async Task What_is_written_in_the_mini_program_is_answered_there()
    {
        await _house.SandboxAsync("acts", new { @do = "text", account = "mini", openid = OpenId, content = "营业时间" });
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM wechat_chat") == 1);

        await _house.Get<ChatReplies>().RunAsync(default);

        Assert.Equal((long)ChatState.Answered, await _house.ScalarAsync<long>("SELECT state FROM wechat_chat"));
        Assert.Equal(DemoSettings.AppId, await _house.ScalarAsync<string>("SELECT account FROM wechat_chat"));
    }

    private async Task FollowAsync()
    {
        await _house.SandboxAsync("acts", new { @do = "follow", account = "official", openid = OfficialId, key = "store-7" });
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM wechat_follower") == 1);
        await _house.Get<FollowerLinks>().RunAsync(default);
        Assert.Equal(1, await FollowersAsync());
    }

    private Task<long> FollowersAsync() => _house.ScalarAsync<long>("SELECT COUNT(*) FROM member_identity WHERE account = @account AND member_id = @id", new { account = OfficialAppId, id = _member.Value });

    private static TemplateFile ByOfficialAccount(bool chat = false)
    {
        var template = MessagingHouse.Template(Recall);
        return template with
        {
            Contents = new TemplateContents
            {
                OfficialAccount = new OfficialAccountContent("OT-RECALL", "pages/recall/detail", new Dictionary<string, string> { ["thing1"] = "您有一条安全通知" }),
                // To follow is a tap, and for a minute the chat would be the cheaper way.
                CustomerService = chat ? new CustomerServiceContent("您有一条安全通知，请登录小程序查看。") : null,
            },
        };
    }
}
