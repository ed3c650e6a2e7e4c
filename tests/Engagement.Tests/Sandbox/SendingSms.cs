using System.Globalization;
using System.Text.Json;
using Engagement.Sandbox.Sms;

namespace Engagement.Tests.Sandbox;

public sealed class SendingSms
{
    [Fact]
    public async Task An_accepted_message_is_kept_as_the_phone_shows_it_with_its_parts_and_both_references()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var answer = await new AliyunCaller(sandbox).Acs3Async("SendSms", new()
        {
            ["PhoneNumbers"] = "0086 13800000001".Replace(" ", "", StringComparison.Ordinal),
            ["SignName"] = "康宁大药房",
            ["TemplateCode"] = "SMS_1",
            ["TemplateParam"] = """{"name":"王秀兰🎂"}""",
            ["OutId"] = "attempt-9",
        });

        Assert.Equal("OK", AliyunCaller.CodeOf(answer));
        Assert.Matches(@"^\d{18}\^0$", answer.GetProperty("BizId").GetString());
        var message = Assert.Single(await sandbox.MessagesAsync("?channel=aliyun_sms&to=13800000001"));
        Assert.Equal("【康宁大药房】王秀兰🎂您好，您有一条服务提醒。", message.GetProperty("text").GetString());
        Assert.Equal("康宁大药房", message.GetProperty("signName").GetString());
        Assert.Equal("attempt-9", message.GetProperty("reference").GetString());
        Assert.Equal(answer.GetProperty("BizId").GetString(), message.GetProperty("providerRef").GetString());
        Assert.Equal(1, message.GetProperty("parts").GetInt32());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(68, 1)]
    [InlineData(70, 1)]
    [InlineData(71, 2)]
    [InlineData(134, 2)]
    [InlineData(135, 3)]
    [InlineData(160, 3)]
    [InlineData(500, 8)]
    public void Parts_follow_the_length(int length, int parts) => Assert.Equal(parts, SmsParts.Count(new string('药', length)));

    [Theory]
    [InlineData("1380000000")]
    [InlineData("138000000000")]
    [InlineData("12800000000")]
    [InlineData("+8513800000000")]
    [InlineData("1380000000a")]
    [InlineData("13800000000,")]
    public async Task A_number_of_another_form_is_refused(string phone)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        Assert.Equal("isv.MOBILE_NUMBER_ILLEGAL", await new AliyunCaller(sandbox).SendAsync(phone));
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [Theory]
    [InlineData("无此签名", "SMS_1", """{"name":"王"}""", "isv.SMS_SIGNATURE_ILLEGAL")]
    [InlineData("审核中", "SMS_1", """{"name":"王"}""", "isv.SMS_SIGNATURE_ILLEGAL")]
    [InlineData("已禁用", "SMS_1", """{"name":"王"}""", "isv.SIGN_STATE_ILLEGAL")]
    [InlineData("康宁验证", "SMS_1", """{"name":"王"}""", "isv.SMS_SIGNATURE_SCENE_ILLEGAL")]
    [InlineData("康宁验证", "SMS_3", """{"code":"1234"}""", "OK")]
    [InlineData("康宁大药房", "SMS_9", """{"name":"王"}""", "isv.SMS_TEMPLATE_ILLEGAL")]
    [InlineData("康宁大药房", "SMS_4", """{"name":"王"}""", "isv.SMS_TEMPLATE_ILLEGAL")]
    [InlineData("康宁大药房", "SMS_1", "", "isv.TEMPLATE_MISSING_PARAMETERS")]
    [InlineData("康宁大药房", "SMS_1", """{"nom":"王"}""", "isv.TEMPLATE_MISSING_PARAMETERS")]
    [InlineData("康宁大药房", "SMS_1", """{"name":""}""", "isv.TEMPLATE_MISSING_PARAMETERS")]
    [InlineData("康宁大药房", "SMS_1", """{"name":7}""", "isv.INVALID_JSON_PARAM")]
    [InlineData("康宁大药房", "SMS_1", "王", "isv.INVALID_JSON_PARAM")]
    [InlineData("康宁大药房", "SMS_1", """{"name":"https://a.b"}""", "isv.PARAM_NOT_SUPPORT_URL")]
    [InlineData("康宁大药房", "SMS_1", """{"name":"kangning.com/x"}""", "isv.PARAM_NOT_SUPPORT_URL")]
    [InlineData("康宁大药房", "SMS_1", """{"name":"【王】"}""", "isv.TEMPLATE_PARAMS_ILLEGAL")]
    [InlineData("康宁大药房", "SMS_1", """{"name":"赌博"}""", "isv.BLACK_KEY_CONTROL_LIMIT")]
    [InlineData("康宁大药房", "SMS_1", """{"name":"三十六个字符三十六个字符三十六个字符三十六个字符三十六个字符三十六个字符"}""", "isv.PARAM_LENGTH_LIMIT")]
    public async Task Signature_template_and_variables_are_checked(string signName, string template, string param, string code)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        Assert.Equal(code, await new AliyunCaller(sandbox).SendAsync("13800000000", signName, template, param));
        Assert.Equal(code == "OK" ? 1 : 0, (await sandbox.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Up_to_a_thousand_numbers_share_a_call_and_its_BizId()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox);

        Assert.Equal("isv.MOBILE_COUNT_OVER_LIMIT", AliyunCaller.CodeOf(await ByForm(1_001)));
        Assert.Equal("OK", AliyunCaller.CodeOf(await ByForm(1_000)));
        var messages = await sandbox.MessagesAsync();
        Assert.Equal(1_000, messages.Count);
        Assert.Single(messages.Select(m => m.GetProperty("providerRef").GetString()).Distinct());

        Task<JsonElement> ByForm(int count) => caller.Acs3Async("SendSms", [], new()
        {
            ["PhoneNumbers"] = string.Join(',', Enumerable.Range(0, count).Select(i => $"138{i:D8}")),
            ["SignName"] = "康宁大药房",
            ["TemplateCode"] = "SMS_1",
            ["TemplateParam"] = """{"name":"各位"}""",
        });
    }

    [Theory]
    [InlineData("""["13800000001","13800000002"]""", """["康宁大药房"]""", """[{"name":"a"},{"name":"b"}]""", "isv.INVALID_PARAMETERS")]
    [InlineData("""["13800000001","13800000002"]""", """["康宁大药房","康宁大药房"]""", """[{"name":"a"}]""", "isv.INVALID_PARAMETERS")]
    [InlineData("[]", """["康宁大药房"]""", "[]", "isv.INVALID_PARAMETERS")]
    [InlineData("13800000001", """["康宁大药房"]""", """[{"name":"a"}]""", "isv.INVALID_JSON_PARAM")]
    [InlineData("""["13800000001","138"]""", """["康宁大药房","康宁大药房"]""", """[{"name":"a"},{"name":"b"}]""", "isv.MOBILE_NUMBER_ILLEGAL")]
    public async Task A_batch_is_taken_whole_or_not_at_all(string phones, string signNames, string values, string code)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var answer = await new AliyunCaller(sandbox).Acs3Async("SendBatchSms", new() { ["TemplateCode"] = "SMS_1" }, new()
        {
            ["PhoneNumberJson"] = phones, ["SignNameJson"] = signNames, ["TemplateParamJson"] = values,
        });

        Assert.Equal(code, AliyunCaller.CodeOf(answer));
        Assert.Empty(await sandbox.MessagesAsync());
    }

    [Fact]
    public async Task A_query_tells_what_became_of_each_message_to_a_number_even_when_its_receipt_was_lost()
    {
        await using var sandbox = await SandboxServer.StartAsync(setup => setup["receipts"] = new System.Text.Json.Nodes.JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 1 });
        var caller = new AliyunCaller(sandbox);
        await sandbox.PostAsync("/_sandbox/faults", new
        {
            lostReceiptsShare = 1, recipients = new Dictionary<string, string> { ["13800000002"] = "receipt:MK:0001", ["13800000003"] = "receipt:none" },
        });
        await caller.SendAsync("13800000001", outId: "a");
        await caller.SendAsync("13800000002", outId: "c");
        await caller.SendAsync("13800000003", outId: "d");
        await caller.SendAsync("13800000404", outId: "b");
        await Support.Eventually.True(async () => (await sandbox.MessagesAsync()).Count(m => m.GetProperty("status").GetString() != "accepted") == 3);

        var reached = await Query("13800000001");
        var unreached = await Query("13800000404");

        Assert.Equal((3, "DELIVERED", "a"), reached);
        Assert.Equal((2, "UNDELIV", "b"), unreached);
        Assert.Equal((2, "MK:0001", "c"), await Query("13800000002"));
        Assert.Equal((1, "", "d"), await Query("13800000003"));

        async Task<(int, string?, string?)> Query(string phone)
        {
            var day = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).ToString("yyyyMMdd", CultureInfo.InvariantCulture);
            var answer = await caller.Acs3Async("QuerySendDetails", new() { ["PhoneNumber"] = phone, ["SendDate"] = day, ["PageSize"] = "10", ["CurrentPage"] = "1" });
            var detail = Assert.Single(answer.GetProperty("SmsSendDetailDTOs").GetProperty("SmsSendDetailDTO").EnumerateArray());
            return (detail.GetProperty("SendStatus").GetInt32(), detail.GetProperty("ErrCode").GetString(), detail.GetProperty("OutId").GetString());
        }
    }
}
