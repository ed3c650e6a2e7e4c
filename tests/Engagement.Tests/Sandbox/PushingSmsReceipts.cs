using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Engagement.Tests.Sandbox;

public sealed class PushingSmsReceipts
{
    [Fact]
    public async Task A_receipt_carries_exactly_the_documented_fields_as_text()
    {
        await using var listener = await PushListener.StartAsync("""{"code":0,"msg":"ok"}""");
        await using var sandbox = await StartAsync(listener);
        await new AliyunCaller(sandbox).SendAsync("+8613800000001", outId: "attempt-1");
        await Eventually.True(() => listener.Pushes.Count == 1);

        var push = listener.Pushes[0];
        Assert.Equal("application/json; charset=utf-8", push.ContentType);
        var report = Assert.Single(JsonNode.Parse(push.Body)!.AsArray())!.AsObject();
        Assert.Equal(
            ["biz_id", "err_code", "err_msg", "out_id", "phone_number", "report_time", "send_time", "sms_size", "success"],
            report.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("13800000001", report["phone_number"]!.GetValue<string>());
        Assert.Equal("DELIVERED", report["err_code"]!.GetValue<string>());
        Assert.True(report["success"]!.GetValue<bool>());
        Assert.Equal("1", report["sms_size"]!.GetValue<string>());
        Assert.Equal("attempt-1", report["out_id"]!.GetValue<string>());
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", report["send_time"]!.GetValue<string>());
        var message = Assert.Single(await sandbox.MessagesAsync());
        Assert.Equal(message.GetProperty("providerRef").GetString(), report["biz_id"]!.GetValue<string>());
        Assert.Equal("delivered", message.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_phone_that_ends_in_0404_is_reported_as_not_reached()
    {
        await using var listener = await PushListener.StartAsync("""{"code":0}""");
        await using var sandbox = await StartAsync(listener);
        Assert.Equal("OK", await new AliyunCaller(sandbox).SendAsync("13800000404"));
        await Eventually.True(() => listener.Pushes.Count == 1);

        var report = Reports(listener).Single();
        Assert.Equal(("UNDELIV", false), (report.GetProperty("err_code").GetString(), report.GetProperty("success").GetBoolean()));
    }

    [Theory]
    [InlineData("""{"code":"0","msg":"text is no number"}""", 200)]
    [InlineData("success", 200)]
    [InlineData("", 200)]
    [InlineData("""{"code":0}""", 500)]
    public async Task An_answer_without_a_numeric_code_is_no_answer_and_the_receipt_comes_four_times(string answer, int status)
    {
        await using var listener = await PushListener.StartAsync();
        listener.Answer = (_, http) =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(answer);
        };
        await using var sandbox = await StartAsync(listener);
        await new AliyunCaller(sandbox).SendAsync("13800000001");

        await Eventually.True(async () => (await sandbox.GetAsync("/_sandbox/stats")).GetProperty("pushFailed").GetInt32() == 1);
        Assert.Equal(4, listener.Pushes.Count);
    }

    [Fact]
    public async Task Receipts_travel_in_batches_and_each_message_has_one()
    {
        await using var listener = await PushListener.StartAsync("""{"code":0}""");
        await using var sandbox = await StartAsync(listener);
        var caller = new AliyunCaller(sandbox);
        for (var wave = 0; wave < 10; wave++)
        {
            await caller.Acs3Async("SendSms", [], new()
            {
                ["PhoneNumbers"] = string.Join(',', Enumerable.Range(0, 500).Select(i => $"138{wave:D4}{i:D4}")),
                ["SignName"] = "康宁大药房",
                ["TemplateCode"] = "SMS_1",
                ["TemplateParam"] = """{"name":"各位"}""",
            });
        }

        await Eventually.True(async () => (await sandbox.GetAsync("/_sandbox/stats")).GetProperty("pushed").GetInt32() == 5_000);

        Assert.Equal(5_000, Reports(listener).Select(report => report.GetProperty("phone_number").GetString()).Distinct().Count());
        Assert.InRange(listener.Pushes.Count, 50, 1_000);
        Assert.All(listener.Pushes, push => Assert.InRange(JsonDocument.Parse(push.Body).RootElement.GetArrayLength(), 1, 100));
    }

    [Fact]
    public async Task A_reply_is_pushed_with_a_rising_number_the_signature_and_the_extension_that_it_answers()
    {
        await using var listener = await PushListener.StartAsync("""{"code":0}""");
        await using var sandbox = await StartAsync(listener, receipts: false);
        var caller = new AliyunCaller(sandbox);
        await caller.Acs3Async("SendSms", new()
        {
            ["PhoneNumbers"] = "13800000001", ["SignName"] = "康宁大药房", ["TemplateCode"] = "SMS_1", ["TemplateParam"] = """{"name":"王"}""", ["SmsUpExtendCode"] = "8801",
        });

        await sandbox.PostAsync("/_sandbox/replies", new { phone = "13800000001", content = "R" });
        await sandbox.PostAsync("/_sandbox/replies", new { phone = "13800000002", content = "谢谢🌷" });
        await Eventually.True(() => Reports(listener).Count == 2);

        var replies = Reports(listener);
        Assert.Equal(
            ["content", "dest_code", "phone_number", "send_time", "sequence_id", "sign_name"],
            replies[0].EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("R", "8801", "康宁大药房"), (Text(replies[0], "content"), Text(replies[0], "dest_code"), Text(replies[0], "sign_name")));
        Assert.Equal(("谢谢🌷", "", "13800000002"), (Text(replies[1], "content"), Text(replies[1], "dest_code"), Text(replies[1], "phone_number")));
        Assert.True(long.Parse(Text(replies[0], "sequence_id")!) < long.Parse(Text(replies[1], "sequence_id")!));
    }

    [Fact]
    public async Task Who_has_replied_R_gets_no_marketing_of_that_signature_any_more_but_still_notices()
    {
        await using var listener = await PushListener.StartAsync("""{"code":0}""");
        await using var sandbox = await StartAsync(listener);
        var caller = new AliyunCaller(sandbox);
        await caller.SendAsync("13800000001", template: "SMS_2", outId: "first");
        await sandbox.PostAsync("/_sandbox/replies", new { phone = "13800000001", content = " r " });
        await caller.SendAsync("13800000001", template: "SMS_2", outId: "marketing");
        await caller.SendAsync("13800000001", template: "SMS_1", outId: "notice");
        await Eventually.True(() => Reports(listener).Count == 4);

        var codes = Reports(listener).Where(item => item.TryGetProperty("out_id", out _)).ToDictionary(r => Text(r, "out_id")!, r => Text(r, "err_code"));
        Assert.Equal(("W-BLACK", "DELIVERED"), (codes["marketing"], codes["notice"]));
    }

    [Fact]
    public async Task Faults_can_double_lose_or_choose_receipts_and_let_one_overtake_its_answer()
    {
        await using var listener = await PushListener.StartAsync("""{"code":0}""");
        await using var sandbox = await StartAsync(listener);
        var caller = new AliyunCaller(sandbox);
        await sandbox.PostAsync("/_sandbox/faults", new
        {
            channel = "aliyun_sms",
            duplicateReceiptsShare = 1,
            receiptBeforeResponse = true,
            recipients = new Dictionary<string, string> { ["13800000002"] = "receipt:MK:0001", ["13800000003"] = "receipt:none", ["13800000004"] = "isv.OUT_OF_SERVICE" },
        });

        await caller.SendAsync("13800000001", outId: "doubled");
        Assert.Equal("doubled", Text(Reports(listener)[0], "out_id"));
        await Eventually.True(() => Reports(listener).Count == 2);

        await caller.SendAsync("13800000002");
        Assert.Equal("MK:0001", Text(Reports(listener)[^1], "err_code"));
        await caller.SendAsync("13800000003");
        Assert.Equal("isv.OUT_OF_SERVICE", await caller.SendAsync("13800000004"));
        await Eventually.True(() => Reports(listener).Count == 4);
        Assert.DoesNotContain(Reports(listener), report => Text(report, "phone_number") == "13800000003");
    }

    private static Task<SandboxServer> StartAsync(PushListener listener, bool receipts = true) => SandboxServer.StartAsync(setup =>
    {
        setup["aliyun"]!["push"] = new JsonObject { ["reportUrl"] = listener.Url, ["upUrl"] = listener.Url, ["retryScale"] = 0.00001 };
        setup["receipts"] = new JsonObject { ["enabled"] = receipts, ["minDelayMs"] = 0, ["maxDelayMs"] = 5 };
    });

    private static List<JsonElement> Reports(PushListener listener) =>
        [.. listener.Pushes.SelectMany(push => JsonDocument.Parse(push.Body).RootElement.EnumerateArray())];

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();
}
