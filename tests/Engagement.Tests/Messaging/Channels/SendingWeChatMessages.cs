using System.Text;
using System.Text.Json;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Tests.Support;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What a subscribe send looks like on the wire, and what each answer means.</summary>
public sealed class SendingWeChatMessages
{
    [Fact]
    public async Task An_accepted_message_brings_its_id_beyond_what_a_double_holds()
    {
        await using var account = await OpenAsync(Accepted);

        var result = await account.SendAsync();

        Assert.Equal(SendResult.Ok("0", "1988810812324364291"), result);
    }

    [Fact]
    public async Task The_request_is_what_the_documents_ask_for()
    {
        await using var account = await OpenAsync(Accepted);

        await account.SendAsync();

        var request = account.Provider.Requests[^1];
        Assert.Equal("POST", request.Method);
        Assert.Equal("?access_token=token-1", request.Query);
        Assert.Equal("application/json; charset=utf-8", request.Headers["Content-Type"]);
        Assert.Equal(Encoding.UTF8.GetByteCount(request.Body).ToString(), request.Headers["Content-Length"]);
        Assert.Equal(
            """{"touser":"oOpenIdOfWangXiulan0000000000","template_id":"TemplateIdOfForty3Characters000000000000000","page":"pages/refill/index?ref=abc","miniprogram_state":"formal","lang":"zh_CN","data":{"thing1":{"value":"用药提醒"},"time2":{"value":"2026年3月1日 10:00"}}}""",
            request.Body);
    }

    // The relaxed encoder of .NET escapes all of these, and WeChat refuses escapes with 40033.
    [Theory]
    [InlineData("王秀兰")]
    [InlineData("生日快乐🎂")]
    [InlineData("𠮷野家")]
    [InlineData("全角　空格")]
    [InlineData("<b>&'+/`")]
    [InlineData("a\u00A0b")]
    public async Task Text_travels_raw_and_unescaped(string value)
    {
        await using var account = await OpenAsync(Accepted);

        await account.Api.SendSubscribeAsync(Message(keywords: ("thing1", value)), default);

        var body = account.Provider.Requests[^1].Body;
        Assert.Contains($"\"value\":\"{value}\"", body);
        Assert.DoesNotContain("\\u", body);
    }

    [Fact]
    public async Task Quotes_backslashes_and_control_characters_cannot_break_the_body()
    {
        await using var account = await OpenAsync(Accepted);
        var value = "a\"b\\c\nd\u0001\u001f\",\"touser\":\"x" + new string('长', 2000);

        await account.Api.SendSubscribeAsync(Message(keywords: ("thing1", value)), default);

        using var body = JsonDocument.Parse(account.Provider.Requests[^1].Body);
        Assert.Equal(value, body.RootElement.GetProperty("data").GetProperty("thing1").GetProperty("value").GetString());
        Assert.Equal("oOpenIdOfWangXiulan0000000000", body.RootElement.GetProperty("touser").GetString());
    }

    [Fact]
    public async Task A_message_without_a_page_leaves_it_out_and_may_name_its_own_build()
    {
        await using var account = await OpenAsync(Accepted);

        await account.Api.SendSubscribeAsync(Message() with { Page = null, State = MiniProgramState.Trial }, default);

        using var body = JsonDocument.Parse(account.Provider.Requests[^1].Body);
        Assert.False(body.RootElement.TryGetProperty("page", out _));
        Assert.Equal("trial", body.RootElement.GetProperty("miniprogram_state").GetString());
    }

    [Theory]
    [InlineData(-1, ErrorClass.Retry)]
    [InlineData(40003, ErrorClass.PermanentRecipient)]
    [InlineData(40008, ErrorClass.PermanentTemplate)]
    [InlineData(40037, ErrorClass.PermanentTemplate)]
    [InlineData(40240, ErrorClass.Config)]
    [InlineData(41030, ErrorClass.PermanentTemplate)]
    [InlineData(43101, ErrorClass.PermanentRecipient)]
    [InlineData(43107, ErrorClass.Config)]
    [InlineData(43108, ErrorClass.Retry)]
    [InlineData(45009, ErrorClass.Quota)]
    [InlineData(45011, ErrorClass.Retry)]
    [InlineData(45168, ErrorClass.PermanentTemplate)]
    [InlineData(47001, ErrorClass.Config)]
    [InlineData(47003, ErrorClass.PermanentTemplate)]
    [InlineData(200013, ErrorClass.PermanentTemplate)]
    [InlineData(268487002, ErrorClass.Retry)]
    public async Task A_code_of_the_table_is_a_refusal_of_its_class(long code, ErrorClass expected)
    {
        await using var account = await OpenAsync(Error(code));

        Assert.Equal(SendResult.Refused(expected, code.ToString()), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    [Fact]
    public async Task A_code_of_no_table_proves_nothing_and_is_reported_once()
    {
        await using var account = await OpenAsync(Error(999888));

        Assert.Equal(new SendResult(Acceptance.Unknown, ErrorClass.Unknown, "999888", null), await account.SendAsync());
        await account.SendAsync();

        Assert.Single(account.Logged.Lines, line => line.StartsWith("3005", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/html; charset=gbk")]
    [InlineData("image/jpeg")]
    public async Task Json_is_read_whatever_its_type_says(string contentType)
    {
        await using var account = await OpenAsync(FakeProvider.Answer("""{"errcode":"0","errmsg":"ok","msgid":"77"}""", contentType));

        Assert.Equal(SendResult.Ok("0", "77"), await account.SendAsync());
    }

    [Fact]
    public async Task A_client_error_with_a_known_code_is_a_refusal()
    {
        await using var account = await OpenAsync(FakeProvider.Json("""{"errcode":40003,"errmsg":"no"}""", 400));

        Assert.Equal(SendResult.Refused(ErrorClass.PermanentRecipient, "40003"), await account.SendAsync());
    }

    [Fact]
    public async Task Nothing_that_names_a_person_or_a_secret_is_shown_or_logged()
    {
        await using var account = await OpenAsync(Error(40001), Error(999888));
        var message = Message(keywords: ("thing1", "高血压用药"));

        await account.Api.SendSubscribeAsync(message, default);

        var shown = string.Join('\n', [.. account.Logged.Lines, message.ToString(), new WeChatOptions { AppSecret = Secret, PushToken = "push-token" }.ToString()]);
        Assert.Contains("3004", shown);
        foreach (var secret in (string[])[message.OpenId, "高血压用药", Secret, "token-1", "token-2", "push-token"]) Assert.DoesNotContain(secret, shown);
    }

    [Fact]
    public async Task Without_an_account_nothing_is_sent()
    {
        await using var account = await OpenAsync(options => (options.AppId, options.AppSecret) = ("", ""), [Accepted]);

        Assert.Equal(SendResult.Refused(ErrorClass.Config, "not_configured"), await account.SendAsync());
        Assert.Empty(account.Provider.Requests);
    }
}
