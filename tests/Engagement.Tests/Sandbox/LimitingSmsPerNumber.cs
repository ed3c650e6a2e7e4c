namespace Engagement.Tests.Sandbox;

public sealed class LimitingSmsPerNumber
{
    private const string Code = """{"code":"4321"}""";

    [Fact]
    public async Task A_code_goes_once_in_a_clock_minute_five_times_in_a_clock_hour_and_ten_times_in_a_day()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox);
        await StartOfAsync(sandbox, TimeSpan.FromHours(1));

        Assert.Equal("OK", await Send(caller));
        var second = await caller.Acs3Async("SendSms", new()
        {
            ["PhoneNumbers"] = "13800000000", ["SignName"] = "康宁大药房", ["TemplateCode"] = "SMS_3", ["TemplateParam"] = Code,
        });
        Assert.Equal("isv.BUSINESS_LIMIT_CONTROL", AliyunCaller.CodeOf(second));
        Assert.Equal("触发分钟级流控Permits:1", second.GetProperty("Message").GetString());

        for (var i = 0; i < 4; i++) Assert.Equal("OK", await NextAsync(sandbox, caller, TimeSpan.FromMinutes(1)));
        Assert.Equal("isv.BUSINESS_LIMIT_CONTROL", await NextAsync(sandbox, caller, TimeSpan.FromMinutes(1)));

        Assert.Equal("OK", await NextAsync(sandbox, caller, TimeSpan.FromHours(1)));
        for (var i = 0; i < 4; i++) Assert.Equal("OK", await NextAsync(sandbox, caller, TimeSpan.FromMinutes(1)));
        Assert.Equal("isv.BUSINESS_LIMIT_CONTROL", await NextAsync(sandbox, caller, TimeSpan.FromHours(2)));

        await sandbox.SkipAsync(TimeSpan.FromHours(24));
        Assert.Equal("OK", await Send(caller));
    }

    [Fact]
    public async Task A_notice_goes_fifty_times_in_a_day_and_another_number_has_its_own_count()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox);
        for (var i = 0; i < 50; i++) Assert.Equal("OK", await caller.SendAsync("13800000000"));

        Assert.Equal("isv.BUSINESS_LIMIT_CONTROL", await caller.SendAsync("13800000000"));
        Assert.Equal("isv.BUSINESS_LIMIT_CONTROL", await caller.SendAsync("13800000001,13800000000"));
        Assert.Equal("OK", await caller.SendAsync("13800000001"));
        Assert.Equal("OK", await caller.SendAsync("13800000000", template: "SMS_2"));
        Assert.Equal(52, (await sandbox.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Numbers_on_the_white_list_are_exempt_and_the_control_can_be_off()
    {
        await using var sandbox = await SandboxServer.StartAsync(setup =>
            setup["aliyun"]!["flowControl"] = new System.Text.Json.Nodes.JsonObject { ["whiteList"] = new System.Text.Json.Nodes.JsonArray("13800000000") });
        var caller = new AliyunCaller(sandbox);
        await StartOfAsync(sandbox, TimeSpan.FromMinutes(1));

        for (var i = 0; i < 3; i++) Assert.Equal("OK", await Send(caller));
        Assert.Equal("OK", await Send(caller, "13800000001"));
        Assert.Equal("isv.BUSINESS_LIMIT_CONTROL", await Send(caller, "13800000001"));

        sandbox.Setup["aliyun"]!["flowControl"] = new System.Text.Json.Nodes.JsonObject { ["enabled"] = false };
        await sandbox.ConfigureAsync();
        Assert.Equal("OK", await Send(caller, "13800000001"));
    }

    private static Task<string> Send(AliyunCaller caller, string phone = "13800000000") => caller.SendAsync(phone, template: "SMS_3", param: Code);

    private static async Task<string> NextAsync(SandboxServer sandbox, AliyunCaller caller, TimeSpan wait)
    {
        await sandbox.SkipAsync(wait);
        return await Send(caller);
    }

    // So that the minutes that follow lie in one window.
    private static Task StartOfAsync(SandboxServer sandbox, TimeSpan window)
    {
        var now = TimeProvider.System.GetUtcNow();
        return sandbox.SkipAsync(window - TimeSpan.FromTicks(now.Ticks % window.Ticks) + TimeSpan.FromSeconds(1));
    }
}
