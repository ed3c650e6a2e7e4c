using System.Net;
using System.Text;
using System.Text.Json;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Webhooks;

/// <summary>The front door for SMS providers: the exact bodies that they push, what they hear, and everything that is no push of theirs.</summary>
public sealed class ReceivingSmsPushes(RunningApp app) : IClassFixture<RunningApp>
{
    private const string AliyunAnswer = """{"code":0,"msg":"ok"}""";
    private const string TencentAnswer = """{"result":0,"errmsg":"OK"}""";

    private const string AliyunReport = """
        [{"phone_number":"19900000001","send_time":"2026-03-10 10:00:00","report_time":"2026-03-10 10:00:05","success":true,"err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"1","biz_id":"1234^345","out_id":"m-1"}]
        """;

    private const string AliyunReply = """
        [{"phone_number":"19900000001","send_time":"2026-03-10 10:00:00","content":"R","sign_name":"康宁大药房","dest_code":"12","sequence_id":1234567890}]
        """;

    private const string AliyunTemplate = """
        [{"template_type":"短信通知","reason":"test","template_name":"续购提醒","orderId":"205101","template_content":"您有一项提醒","template_status":"rejected","remark":"test","template_code":"SMS_210000001","create_date":"2026-03-01 19:58:25"}]
        """;

    private const string AliyunSign = """
        [{"sign_source":"企事业单位","reason":"","sign_name":"康宁大药房","orderId":"200","sign_status":"approved","remark":"","sign_scene":"通用","create_date":"2026-03-01 19:58:25"}]
        """;

    private const string TencentReport = """
        [{"user_receive_time":"2026-03-10 10:00:05","nationcode":"86","mobile":"19900000001","report_status":"SUCCESS","errmsg":"DELIVRD","description":"用户短信送达成功","sid":"8:FNiR1uNQKQ3oC3xM20200305"}]
        """;

    private const string TencentReply = """{"extend":"12","mobile":"19900000001","nationcode":"86","sign":"康宁大药房","text":"R","time":1773108005}""";

    [Theory]
    [InlineData("aliyun", AliyunReport, "aliyun_report", AliyunAnswer)]
    [InlineData("aliyun", AliyunReply, "aliyun_reply", AliyunAnswer)]
    [InlineData("aliyun", AliyunTemplate, "aliyun_template", AliyunAnswer)]
    [InlineData("aliyun", AliyunSign, "aliyun_sign", AliyunAnswer)]
    [InlineData("tencent", TencentReport, "tencent_report", TencentAnswer)]
    [InlineData("tencent", TencentReply, "tencent_reply", TencentAnswer)]
    public async Task A_push_is_told_by_its_shape_at_every_address_kept_encrypted_and_answered_as_its_provider_wants(string provider, string body, string source, string answer)
    {
        foreach (var end in (string[])["", "/report", "/reply", "/review"])
        {
            // Each is another push; only the shape is the same.
            var before = await app.SourcesAsync();
            var heard = await app.SmsPushesAsync(provider, Fresh(body), end);

            Assert.Equal((HttpStatusCode.OK, answer, "application/json"), (heard.StatusCode, await heard.Content.ReadAsStringAsync(), heard.Content.Headers.ContentType?.MediaType));
            Assert.Equal([.. before, source], await app.SourcesAsync());
        }

        Assert.DoesNotContain(await app.BodiesAsync(), kept => Encoding.UTF8.GetString(kept).Contains("19900000001", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("aliyun", AliyunReport)]
    [InlineData("aliyun", AliyunReply)]
    [InlineData("tencent", TencentReport)]
    [InlineData("tencent", TencentReply)]
    public async Task The_same_push_again_is_kept_once_however_it_is_spelled(string provider, string body)
    {
        var first = Fresh(body);
        await app.SmsPushesAsync(provider, first);
        var kept = await app.KeptAsync();

        using var document = JsonDocument.Parse(first);
        var spelled = JsonSerializer.Serialize(document, s_indented);
        foreach (var again in (string[])[first, spelled]) Assert.Equal(HttpStatusCode.OK, (await app.SmsPushesAsync(provider, again)).StatusCode);

        Assert.Equal(kept, await app.KeptAsync());
    }

    [Fact]
    public async Task Receipts_in_another_order_are_the_same_push_and_another_verdict_is_another()
    {
        var (a, b) = (Item(AliyunReport), Item(AliyunReport));
        await app.SmsPushesAsync("aliyun", $"[{a},{b}]");
        var kept = await app.KeptAsync();

        await app.SmsPushesAsync("aliyun", $"[{b},{a}]");
        Assert.Equal(kept, await app.KeptAsync());

        await app.SmsPushesAsync("aliyun", $"[{a},{b.Replace("true", "false", StringComparison.Ordinal)}]");
        Assert.Equal(kept + 1, await app.KeptAsync());
    }

    [Theory]
    [InlineData("aliyun")]
    [InlineData("tencent")]
    public async Task A_wrong_secret_and_an_unknown_provider_find_nothing_and_leave_nothing(string provider)
    {
        var kept = await app.KeptAsync();

        foreach (var answer in new[]
                 {
                     await app.SmsPushesAsync(provider, AliyunReport, secret: "demo-webhook-secret-0002"), await app.SmsPushesAsync(provider, AliyunReport, "/report", "x"),
                     await app.SmsPushesAsync("mobile", AliyunReport),
                 }) await RefusedAsync(answer, HttpStatusCode.NotFound, "webhook.unknown_address");

        Assert.Equal(kept, await app.KeptAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{\"biz_id\":\"1\",\"phone_")]
    [InlineData("<html><body>502</body></html>")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("17")]
    public async Task What_is_cut_short_or_no_push_is_refused_so_that_the_provider_pushes_again(string body)
    {
        var kept = await app.KeptAsync();

        foreach (var provider in (string[])["aliyun", "tencent"]) await RefusedAsync(await app.SmsPushesAsync(provider, body), HttpStatusCode.BadRequest, "webhook.bad_json");

        Assert.Equal(kept, await app.KeptAsync());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    public async Task The_content_type_of_a_push_is_nobodys_business(string contentType)
    {
        Assert.Equal(HttpStatusCode.OK, (await app.SmsPushesAsync("tencent", Fresh(TencentReport), contentType: contentType)).StatusCode);
    }

    [Theory]
    [InlineData("aliyun", "[]")]
    [InlineData("aliyun", "[1,2]")]
    [InlineData("aliyun", """[{"something":"new"}]""")]
    [InlineData("tencent", """{"something":"new"}""")]
    [InlineData("tencent", """[{"sid":1,"mobile":null}]""")]
    public async Task What_nobody_understands_is_kept_for_people(string provider, string body)
    {
        var kept = await app.KeptAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.SmsPushesAsync(provider, body)).StatusCode);

        Assert.Equal(kept + 1, await app.KeptAsync());
    }

    [Fact]
    public async Task A_gigantic_push_is_refused_with_and_without_its_length()
    {
        var large = "[" + new string(' ', 1024 * 1024) + "]";
        await RefusedAsync(await app.SmsPushesAsync("tencent", large), HttpStatusCode.RequestEntityTooLarge, "webhook.too_large");

        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/webhooks/sms/tencent/demo-webhook-secret-0001");
        chunked.Content = new StringContent(large);
        chunked.Headers.TransferEncodingChunked = true;
        await RefusedAsync(await app.Http.SendAsync(chunked), HttpStatusCode.RequestEntityTooLarge, "webhook.too_large");
    }

    [Fact]
    public async Task A_push_that_nests_without_end_is_refused_and_hurts_nobody() =>
        await RefusedAsync(await app.SmsPushesAsync("aliyun", new string('[', 100_000)), HttpStatusCode.BadRequest, "webhook.bad_json");

    private static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(code, problem.RootElement.GetProperty("code").GetString());
    }

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static int s_count = 1_000_000;

    // The number that the provider tells its pushes apart by is another each time.
    private static string Fresh(string body)
    {
        var next = Interlocked.Increment(ref s_count).ToString();
        return body.Replace("1234^345", "1234^" + next, StringComparison.Ordinal).Replace("1234567890", next, StringComparison.Ordinal)
            .Replace("1773108005", "177" + next, StringComparison.Ordinal).Replace("8:FNiR1uNQKQ3oC3xM20200305", "8:" + next, StringComparison.Ordinal)
            .Replace("205101", next, StringComparison.Ordinal).Replace("\"200\"", $"\"{next}\"", StringComparison.Ordinal);
    }

    private static string Item(string body) => Fresh(body).Trim().TrimStart('[').TrimEnd(']');
}
