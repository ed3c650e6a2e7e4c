using System.Net;
using System.Text;
using System.Text.Json;
using Engagement.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Engagement.Tests.Api.Webhooks;

/// <summary>The front doors for providers: who is let in, what is kept before the answer, and what the host says of itself.</summary>
public sealed class ReceivingPushes(RunningApp app) : IClassFixture<RunningApp>
{
    private static int s_count;

    [Fact]
    public async Task A_signed_push_is_kept_encrypted_and_answered_with_success()
    {
        var before = await app.KeptAsync();

        var answer = await app.WeChatPushesAsync(Event());

        Assert.Equal((HttpStatusCode.OK, "success"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(before + 1, await app.KeptAsync());
        Assert.DoesNotContain(await app.BodiesAsync(), body => Encoding.UTF8.GetString(body).Contains("subscribe_msg", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_push_again_is_answered_the_same_and_kept_once()
    {
        var body = Event();
        await app.WeChatPushesAsync(body);
        var before = await app.KeptAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.WeChatPushesAsync(body)).StatusCode);
        Assert.Equal(before, await app.KeptAsync());
    }

    [Fact]
    public async Task A_wrong_signature_an_unknown_account_and_a_wrong_secret_leave_nothing_behind()
    {
        var before = await app.KeptAsync();

        Assert.Equal(HttpStatusCode.Forbidden, (await app.WeChatPushesAsync(Event(), token: "AnotherToken")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.WeChatPushesAsync(Event(), account: "other")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.AliyunPushesAsync("report", Report(), secret: "demo-webhook-secret-0002")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.AliyunPushesAsync("reply", "[]", secret: "x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.AliyunPushesAsync("other", Report())).StatusCode);

        Assert.Equal(before, await app.KeptAsync());
    }

    [Fact]
    public async Task A_push_that_is_too_large_is_refused()
    {
        var large = new string(' ', 1024 * 1024 + 1);
        var before = await app.KeptAsync();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.WeChatPushesAsync(large)).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.AliyunPushesAsync("report", large)).StatusCode);
        // Without a length, the bytes are counted.
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/webhooks/sms/aliyun/demo-webhook-secret-0001/report");
        chunked.Content = new StringContent(large);
        chunked.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.Http.SendAsync(chunked)).StatusCode);
        Assert.Equal(before, await app.KeptAsync());
    }

    [Fact]
    public async Task The_address_check_gives_the_echo_back_to_who_can_sign()
    {
        var right = await app.WeChatAsksAsync("5837-回声");
        Assert.Equal((HttpStatusCode.OK, "5837-回声"), (right.StatusCode, await right.Content.ReadAsStringAsync()));
        Assert.Equal("text/plain", right.Content.Headers.ContentType?.MediaType);

        Assert.Equal(HttpStatusCode.Forbidden, (await app.WeChatAsksAsync("x", token: "AnotherToken")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.WeChatAsksAsync("x", account: "other")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Http.GetAsync("/webhooks/wechat/main")).StatusCode);
    }

    [Theory]
    [InlineData("report")]
    [InlineData("reply")]
    public async Task Aliyun_hears_its_zero_once_the_push_is_kept(string what)
    {
        var before = await app.KeptAsync();

        var answer = await app.AliyunPushesAsync(what, Report());

        Assert.Equal("""{"code":0,"msg":"ok"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(before + 1, await app.KeptAsync());
    }

    [Fact]
    public async Task What_could_not_be_kept_is_not_answered_as_kept()
    {
        await using var other = new SqliteConnection($"Data Source={app.File};Pooling=False");
        await other.OpenAsync();
        await using (var transaction = other.BeginTransaction())
        {
            var answer = await app.AliyunPushesAsync("report", Report());

            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            await transaction.RollbackAsync();
        }

        Assert.Equal(HttpStatusCode.OK, (await app.AliyunPushesAsync("report", Report())).StatusCode);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task The_host_says_that_it_is_well(string path) => Assert.Equal("Healthy", await app.Http.GetStringAsync(path));

    [Fact]
    public async Task The_OpenAPI_document_lists_the_webhooks()
    {
        using var document = JsonDocument.Parse(await app.Http.GetStringAsync("/openapi/v1.json"));
        var paths = document.RootElement.GetProperty("paths").EnumerateObject().ToDictionary(path => path.Name.TrimEnd('/'), path => path.Value);

        Assert.Equal(["get", "post"], paths["/webhooks/wechat/{account}"].EnumerateObject().Select(verb => verb.Name).Order());
        foreach (var end in (string[])["", "/report", "/reply", "/review"]) Assert.True(paths.ContainsKey("/webhooks/sms/{provider}/{secret}" + end));
    }

    [Fact]
    public async Task What_is_not_there_is_a_problem_document()
    {
        var answer = await app.Http.GetAsync("/nowhere");

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.False(answer.Headers.Contains("Server"));
    }

    private static string Event() => $"""
        <xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oStranger]]></FromUserName><CreateTime>{1_770_000_000 + Interlocked.Increment(ref s_count)}</CreateTime>
        <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_change_event]]></Event><SubscribeMsgChangeEvent><List>
        <TemplateId><![CDATA[T]]></TemplateId><SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString></List></SubscribeMsgChangeEvent></xml>
        """;

    private static string Report() => $$"""[{"phone_number":"19900000001","biz_id":"b{{Interlocked.Increment(ref s_count)}}","success":true,"err_code":"DELIVERED"}]""";
}
