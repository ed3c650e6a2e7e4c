using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Tests.Support;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Template messages of the official account and customer-service messages on the wire.</summary>
public sealed class SendingByOtherWeChatChannels
{
    private const string TemplatePath = "/cgi-bin/message/template/send";
    private const string CustomPath = "/cgi-bin/message/custom/send";

    [Fact]
    public async Task A_template_message_carries_our_reference_and_opens_our_mini_program()
    {
        await using var account = await AskingWeChat.OpenBothAsync();
        account.Provider.On(TemplatePath, Accepted);

        var result = await account.Api.SendTemplateAsync(
            new OfficialAccountMessage("of1", "OT1", "pages/refill/detail?ref=r1", "r1", [KeyValuePair.Create("thing1", "续购提醒　🎂")]), default);

        Assert.Equal(SendResult.Ok("0", "1988810812324364291"), result);
        Assert.Equal(
            """{"touser":"of1","template_id":"OT1","client_msg_id":"r1","miniprogram":{"appid":"wx0000000000000001","pagepath":"pages/refill/detail?ref=r1"},"data":{"thing1":{"value":"续购提醒　🎂"}}}""",
            account.Provider.Requests[^1].Body);
        // By the official account's own secret.
        Assert.Contains("wx0000000000000002", account.Provider.Requests.Single(r => r.Path == TokenPath).Body);
    }

    [Fact]
    public async Task A_chat_gets_a_text_or_a_card_and_only_the_official_account_names_the_mini_program()
    {
        await using var account = await AskingWeChat.OpenBothAsync();
        account.Provider.On(CustomPath, FakeProvider.Json("""{"errcode":0,"errmsg":"ok"}"""));
        var card = new CustomerServiceCard("pages/case/list", "MEDIA1");

        Assert.Equal(SendResult.Ok("0", null), await account.Api.SendCustomerServiceAsync(new CustomerServiceMessage(WeChatApp.MiniProgram, "o1", "您好\"\n"), default));
        Assert.Equal("{\"touser\":\"o1\",\"msgtype\":\"text\",\"text\":{\"content\":\"您好\\\"\\u000a\"}}", account.Provider.Requests[^1].Body);

        await account.Api.SendCustomerServiceAsync(new CustomerServiceMessage(WeChatApp.MiniProgram, "o1", "有新的回复", card), default);
        Assert.Equal("""{"touser":"o1","msgtype":"miniprogrampage","miniprogrampage":{"title":"有新的回复","pagepath":"pages/case/list","thumb_media_id":"MEDIA1"}}""", account.Provider.Requests[^1].Body);

        await account.Api.SendCustomerServiceAsync(new CustomerServiceMessage(WeChatApp.OfficialAccount, "of1", "有新的回复", card), default);
        Assert.Equal(
            """{"touser":"of1","msgtype":"miniprogrampage","miniprogrampage":{"title":"有新的回复","appid":"wx0000000000000001","pagepath":"pages/case/list","thumb_media_id":"MEDIA1"}}""",
            account.Provider.Requests[^1].Body);
    }

    [Theory]
    [InlineData(TemplatePath, 43004, ErrorClass.PermanentRecipient)]
    [InlineData(TemplatePath, 40249, ErrorClass.PermanentTemplate)]
    [InlineData(CustomPath, 45015, ErrorClass.PermanentRecipient)]
    [InlineData(CustomPath, 45047, ErrorClass.PermanentRecipient)]
    [InlineData(CustomPath, 48002, ErrorClass.PermanentRecipient)]
    public async Task What_WeChat_refuses_is_refused_for_good(string path, long code, ErrorClass expected)
    {
        await using var account = await AskingWeChat.OpenBothAsync();
        account.Provider.On(path, Error(code));

        Assert.Equal(SendResult.Refused(expected, code.ToString()), await SendAsync(account, path));
        Assert.Equal(1, account.Provider.Count(path));
    }

    public static TheoryData<string, ProviderScript, string> Doubts
    {
        get
        {
            var data = new TheoryData<string, ProviderScript, string>();
            foreach (var path in (string[])[TemplatePath, CustomPath])
            {
                data.Add(path, FakeProvider.Json("{\"errcode\":0,\"errm"), "unreadable");
                data.Add(path, FakeProvider.Answer("<html>ok</html>", "text/html"), "unreadable");
                data.Add(path, FakeProvider.Answer("", "application/json"), "unreadable");
                data.Add(path, FakeProvider.Answer("{\"errcode\":0}", "application/json", 502), "http_502");
                data.Add(path, FakeProvider.Reset, "reset");
                data.Add(path, FakeProvider.Json("{\"errcode\":0,\"x\":\"" + new string('x', 70_000) + "\"}"), "too_large");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Doubts))]
    public async Task An_answer_that_cannot_be_read_leaves_doubt_and_no_second_request(string path, ProviderScript answer, string code)
    {
        await using var account = await AskingWeChat.OpenBothAsync();
        account.Provider.On(path, answer);

        Assert.Equal(SendResult.InDoubt(code), await SendAsync(account, path));
        Assert.Equal(1, account.Provider.Count(path));
    }

    [Fact]
    public void A_message_shows_nobody()
    {
        Assert.DoesNotContain("of1", new OfficialAccountMessage("of1", "T", null, "r", []).ToString());
        Assert.DoesNotContain("of1", new CustomerServiceMessage(WeChatApp.OfficialAccount, "of1", "秘密").ToString());
        Assert.DoesNotContain("秘密", new CustomerServiceMessage(WeChatApp.OfficialAccount, "of1", "秘密").ToString());
    }

    private static ValueTask<SendResult> SendAsync(WeChatAccount account, string path) => path == TemplatePath
        ? account.Api.SendTemplateAsync(new OfficialAccountMessage("of1", "OT1", null, "r1", [KeyValuePair.Create("thing1", "一")]), default)
        : account.Api.SendCustomerServiceAsync(new CustomerServiceMessage(WeChatApp.MiniProgram, "o1", "您好"), default);
}
