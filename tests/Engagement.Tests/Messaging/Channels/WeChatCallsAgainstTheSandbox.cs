using System.Net.Http.Json;
using System.Text.Json;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Sandbox;
using Engagement.Storage.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Every call of our WeChat client against the sandbox, which is built from the documents and not from the client.</summary>
public sealed class WeChatCallsAgainstTheSandbox : IAsyncLifetime
{
    private const string OpenId = "oMiniWangXiulan00000000000000";
    private const string OfficialId = "oOfflWangXiulan00000000000000";
    private const string Template = "TemplateIdOfTheRefillReminder00000000000000";
    private const string OfficialTemplate = "OfficialTemplateOfTheRefill0000000000000000";

    private readonly WebApplication _sandbox = SandboxApp.Build(["--urls", "http://127.0.0.1:0"]);
    private readonly HttpClient _control = new(new SocketsHttpHandler { UseProxy = false });
    private WeChatApi _api = null!;

    private IWeChatAccountApi Calls => _api.Accounts;

    public async Task InitializeAsync()
    {
        await _sandbox.StartAsync();
        _control.BaseAddress = new Uri(_sandbox.Urls.First());
        await PutAsync(new
        {
            wechat = new
            {
                appId = "wx0000000000000001", appSecret = "mini-secret", pages = new[] { "pages/refill/index" },
                templates = new[] { new { id = Template, title = "用药提醒", type = 2, keywords = new { thing1 = "提醒内容" } } },
            },
            officialAccount = new
            {
                appId = "wx0000000000000002", appSecret = "official-secret",
                templates = new[] { new { id = OfficialTemplate, title = "续购提醒", keywords = new { thing1 = "提醒内容" } } },
            },
        });
        await ControlAsync("people", new[] { new { openid = OpenId, officialOpenid = OfficialId, unionid = "union-1", phone = "19900001111", follows = true } });
        _api = new WeChatApi(
            new WeChatOptions
            {
                BaseUrl = _control.BaseAddress, AppId = "wx0000000000000001", AppSecret = "mini-secret",
                OfficialAccount = new WeChatAccountOptions { AppId = "wx0000000000000002", AppSecret = "official-secret", Account = "official" },
            },
            TimeProvider.System, new LocalCluster(() => 1), new ProviderTokens(), NullLogger<WeChatApi>.Instance);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        _control.Dispose();
        await _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task A_member_signs_in_once_with_a_code_and_the_session_is_checked()
    {
        var code = await CodeAsync("login");
        var session = (await Calls.SessionAsync(code, default)).Value!;

        Assert.Equal((OpenId, "union-1"), (session.OpenId, session.UnionId));
        Assert.NotNull((await Calls.CheckSessionAsync(OpenId, session.SessionKey, default)).Value);
        Assert.Equal("87009", (await Calls.CheckSessionAsync(OpenId, "another key", default)).Code);
        Assert.Equal((ErrorClass.PermanentRecipient, "40163"), Refusal(await Calls.SessionAsync(code, default)));
        Assert.Equal((ErrorClass.PermanentRecipient, "40029"), Refusal(await Calls.SessionAsync("no-such-code", default)));
    }

    [Fact]
    public async Task The_phone_button_gives_a_number_once()
    {
        var code = await CodeAsync("phone");

        Assert.Equal(new WeChatPhone("19900001111", "86"), (await Calls.PhoneAsync(code, OpenId, default)).Value);
        Assert.NotNull(Refusal(await Calls.PhoneAsync(code, null, default)).Code);
    }

    [Fact]
    public async Task Templates_are_listed_added_and_deleted()
    {
        Assert.Equal([Template], (await Calls.TemplatesAsync(WeChatApp.MiniProgram, default)).Value!.Select(t => t.Id));
        Assert.Equal([OfficialTemplate], (await Calls.TemplatesAsync(WeChatApp.OfficialAccount, default)).Value!.Select(t => t.Id));

        var added = (await Calls.AddTemplateAsync("584", [1, 2], "用药提醒", default)).Value!;
        Assert.Equal(2, (await Calls.TemplatesAsync(WeChatApp.MiniProgram, default)).Value!.Count);
        Assert.NotNull((await Calls.DeleteTemplateAsync(added, default)).Value);
        Assert.Single((await Calls.TemplatesAsync(WeChatApp.MiniProgram, default)).Value!);
        Assert.Equal(ErrorClass.Config, Refusal(await Calls.AddTemplateAsync("999999", [1, 2], "用药提醒", default)).Class);
    }

    [Fact]
    public async Task A_follower_gets_a_template_message_once_for_a_reference()
    {
        var message = new OfficialAccountMessage(OfficialId, OfficialTemplate, "pages/refill/index?ref=r1", "r1", [KeyValuePair.Create("thing1", "请续购　🎂")]);

        var first = await _api.SendTemplateAsync(message, default);
        var again = await _api.SendTemplateAsync(message, default);

        Assert.Equal((Acceptance.Yes, first.ProviderRef), (again.Accepted, again.ProviderRef));
        Assert.Equal(SendResult.Refused(ErrorClass.PermanentTemplate, "40037"), await _api.SendTemplateAsync(message with { TemplateId = Template, Reference = "r2" }, default));
        Assert.Equal((Acceptance.No, ErrorClass.PermanentRecipient), Way(await _api.SendTemplateAsync(message with { OpenId = OpenId, Reference = "r3" }, default)));
        using var taken = JsonDocument.Parse(await _control.GetStringAsync("/_sandbox/messages?since=0&limit=10"));
        Assert.Equal(1, taken.RootElement.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task A_chat_is_open_after_a_message_and_closed_before_and_after_five()
    {
        var message = new CustomerServiceMessage(WeChatApp.OfficialAccount, OfficialId, "您好");
        Assert.Equal(SendResult.Refused(ErrorClass.PermanentRecipient, "45015"), await _api.SendCustomerServiceAsync(message, default));

        await ControlAsync("acts", new { openid = OfficialId, account = "official", @do = "text", content = "在吗" });
        for (var i = 0; i < 5; i++) Assert.Equal(SendResult.Ok("0", null), (await _api.SendCustomerServiceAsync(message, default)) with { ProviderRef = null });

        Assert.Equal(SendResult.Refused(ErrorClass.PermanentRecipient, "45047"), await _api.SendCustomerServiceAsync(message, default));
        Assert.Equal((Acceptance.No, ErrorClass.PermanentRecipient), Way(await _api.SendCustomerServiceAsync(message with { App = WeChatApp.MiniProgram, OpenId = OpenId }, default)));
    }

    [Fact]
    public async Task A_follower_is_known_by_unionid()
    {
        Assert.Equal((true, "union-1"), await FollowerAsync());
        await ControlAsync("acts", new { openid = OfficialId, account = "official", @do = "unfollow" });
        Assert.Equal((false, null), await FollowerAsync());

        async Task<(bool, string?)> FollowerAsync()
        {
            var follower = (await Calls.FollowerAsync(OfficialId, default)).Value!;
            return (follower.Follows, follower.UnionId);
        }
    }

    [Fact]
    public async Task Codes_and_links_open_released_pages_only()
    {
        var picture = (await Calls.CodeAsync(new MiniProgramCode("s=ab-1", "pages/refill/index"), default)).Value!;
        Assert.True(picture.Length > 100);
        Assert.Equal((ErrorClass.PermanentTemplate, "41030"), Refusal(await Calls.CodeAsync(new MiniProgramCode("s=ab-1", "pages/nowhere"), default)));

        Assert.StartsWith("weixin://dl/business/", (await Calls.SchemeAsync(new MiniProgramLink("pages/refill/index", "ref=1"), default)).Value);
        Assert.StartsWith("https://", (await Calls.LinkAsync(new MiniProgramLink("pages/refill/index", "ref=1", 7), default)).Value);
        Assert.Equal((ErrorClass.Config, "85401"), Refusal(await Calls.LinkAsync(new MiniProgramLink("pages/refill/index", "", 31), default)));
    }

    [Fact]
    public async Task A_text_is_checked_of_somebody_who_was_there()
    {
        Assert.Equal((ErrorClass.PermanentRecipient, "61010"), Refusal(await Calls.CheckTextAsync(new TextToCheck(OpenId, "服务很好", TextScene.Comment), default)));
        await Calls.SessionAsync(await CodeAsync("login"), default);

        Assert.Equal(TextAdvice.Pass, (await Calls.CheckTextAsync(new TextToCheck(OpenId, "服务很好", TextScene.Comment), default)).Value!.Suggest);
    }

    [Fact]
    public async Task Quota_counts_and_is_cleared()
    {
        await _api.SendTemplateAsync(new OfficialAccountMessage(OfficialId, OfficialTemplate, null, "r9", [KeyValuePair.Create("thing1", "一")]), default);
        var used = (await Calls.QuotaAsync(WeChatApp.OfficialAccount, "/cgi-bin/message/template/send", default)).Value!;
        Assert.Equal((1, used.DailyLimit - 1), (used.Used, used.Remain));

        Assert.NotNull((await Calls.ClearQuotaAsync(WeChatApp.OfficialAccount, default)).Value);
        Assert.Equal(0, (await Calls.QuotaAsync(WeChatApp.OfficialAccount, "/cgi-bin/message/template/send", default)).Value!.Used);
        Assert.Equal((ErrorClass.Config, "76021"), Refusal(await Calls.QuotaAsync(WeChatApp.OfficialAccount, "/no/such/call", default)));
    }

    private static (Acceptance, ErrorClass) Way(SendResult result) => (result.Accepted, result.Class);

    private static (ErrorClass Class, string Code) Refusal<T>(WeChatReply<T> reply)
        where T : class
    {
        Assert.Null(reply.Value);
        return (reply.Class, reply.Code);
    }

    private async Task<string> CodeAsync(string kind)
    {
        using var answer = await _control.PostAsJsonAsync("/_sandbox/codes", new { openid = OpenId, kind });
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("code").GetString()!;
    }

    private async Task PutAsync<T>(T setup)
    {
        using var answer = await _control.PutAsJsonAsync("/_sandbox/setup", setup);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task ControlAsync<T>(string what, T body)
    {
        using var answer = await _control.PostAsJsonAsync($"/_sandbox/{what}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
