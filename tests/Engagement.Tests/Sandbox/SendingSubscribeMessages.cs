using System.Globalization;
using System.Text.Json;

namespace Engagement.Tests.Sandbox;

public sealed class SendingSubscribeMessages
{
    [Fact]
    public async Task An_accepted_message_has_a_bare_number_beyond_a_double_and_stands_in_the_ledger()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);

        var answer = await sandbox.PostMessageAsync(
            await sandbox.TokenAsync(), SandboxServer.Message("oWang", page: SandboxServer.Page + "?from=wx&ref=42%2F7"), "application/octet-stream");

        Assert.Equal("ok", answer.GetProperty("errmsg").GetString());
        var msgId = answer.GetProperty("msgid").GetInt64();
        Assert.True(msgId > 1L << 53);
        var message = Assert.Single(await sandbox.MessagesAsync());
        Assert.Equal("wechat_subscribe", message.GetProperty("channel").GetString());
        Assert.Equal("oWang", message.GetProperty("to").GetString());
        Assert.Equal("42/7", message.GetProperty("reference").GetString());
        Assert.Equal(msgId.ToString(CultureInfo.InvariantCulture), message.GetProperty("providerRef").GetString());
        Assert.Equal("王秀兰🎂的提醒", message.GetProperty("data").GetProperty("thing1").GetString());
        Assert.Equal("服务提醒\n事项：王秀兰🎂的提醒\n时间：2026年3月10日 10:00", message.GetProperty("text").GetString());
        Assert.Equal("accepted", message.GetProperty("status").GetString());
    }

    [Fact]
    public async Task One_tap_buys_one_message_of_a_one_time_template_and_any_number_of_a_long_term_one()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime, count: 2);
        await sandbox.GrantAsync("oWang", SandboxServer.LongTerm);

        Assert.Equal(0, await sandbox.SendAsync("oWang"));
        Assert.Equal(0, await sandbox.SendAsync("oWang"));
        Assert.Equal(43101, await sandbox.SendAsync("oWang"));
        for (var i = 0; i < 3; i++) Assert.Equal(0, await sandbox.SendAsync("oWang", SandboxServer.LongTerm));
    }

    [Fact]
    public async Task A_refused_message_uses_no_grant_up()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);

        Assert.Equal(41030, await sandbox.SendAsync("oWang", page: "pages/unreleased"));
        Assert.Equal(47003, await sandbox.SendAsync("oWang", data: new { thing1 = new { value = "好" } }));
        Assert.Equal(0, await sandbox.SendAsync("oWang"));
    }

    [Fact]
    public async Task A_tap_adds_a_grant_and_a_refusal_takes_all_of_them()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = true });
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = true });

        Assert.Equal(0, await sandbox.SendAsync("oWang"));
        await sandbox.PostAsync("/_sandbox/taps", new { openid = "oWang", templateId = SandboxServer.OneTime, accept = false });
        Assert.Equal(43101, await sandbox.SendAsync("oWang"));
    }

    [Fact]
    public async Task Recipient_template_and_page_have_to_exist()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.PostAsync("/_sandbox/openids", new[] { "oKnown" });

        Assert.Equal(40003, await sandbox.SendAsync("oStranger"));
        Assert.Equal(40003, await sandbox.SendAsync(""));
        Assert.Equal(43101, await sandbox.SendAsync("oKnown"));
        Assert.Equal(40037, await sandbox.SendAsync("oKnown", "NoSuchTemplate"));
        Assert.Equal(41030, await sandbox.SendAsync("oKnown", page: "pages/other?ref=1"));
        Assert.Equal(43101, await sandbox.SendAsync("oKnown", page: null));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"touser":"oWang"} {}""")]
    [InlineData("""{"touser":"\ud800"}""")]
    [InlineData("<html>")]
    public async Task What_is_no_JSON_object_is_47001(string body)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        Assert.Equal(47001, SandboxServer.Code(await sandbox.PostMessageAsync(await sandbox.TokenAsync(), body)));
    }

    [Fact]
    public async Task A_wrong_value_is_named_with_its_key_and_the_answer_carries_a_request_id()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);

        var answer = await sandbox.PostMessageAsync(await sandbox.TokenAsync(), SandboxServer.Message(
            "oWang", data: new { thing1 = new { value = new string('长', 21) }, time2 = new { value = "10:00" } }));

        Assert.Equal(47003, SandboxServer.Code(answer));
        Assert.Matches(@"^argument invalid! data\.thing1\.value invalid rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", answer.GetProperty("errmsg").GetString());
    }

    [Theory]
    [InlineData("""{"thing1":{"value":"好"}}""", 47003)]
    [InlineData("""{"thing1":{"value":"好"},"time2":{"value":"10:00"},"thing3":{"value":"多"}}""", 47003)]
    [InlineData("""{"thing1":{"value":""},"time2":{"value":"10:00"}}""", 47003)]
    [InlineData("""{"thing1":{"value":5},"time2":{"value":"10:00"}}""", 47003)]
    [InlineData("""{"thing1":"好","time2":{"value":"10:00"}}""", 47003)]
    [InlineData("""{"thing1":{"value":"赌博"},"time2":{"value":"10:00"}}""", 45168)]
    [InlineData("""{"thing1":{"value":"好","color":"#f00"},"time2":{"value":"10:00"}}""", 0)]
    public async Task Keys_match_the_template_and_values_are_texts(string data, int code)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);
        Assert.Equal(code, await sandbox.SendAsync("oWang", data: JsonSerializer.Deserialize<JsonElement>(data)));
    }

    [Fact]
    public async Task Two_requests_at_once_for_one_person_meet_43108_and_other_people_do_not()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.LongTerm);
        await sandbox.GrantAsync("oLi", SandboxServer.LongTerm);
        await sandbox.PostAsync("/_sandbox/faults", new { channel = "wechat_subscribe", latencyMs = new[] { 400, 400 } });

        var codes = await Task.WhenAll(
            sandbox.SendAsync("oWang", SandboxServer.LongTerm),
            sandbox.SendAsync("oWang", SandboxServer.LongTerm),
            sandbox.SendAsync("oLi", SandboxServer.LongTerm));

        Assert.Equal([0, 43108], codes[..2].Order());
        Assert.Equal(0, codes[2]);
        Assert.Equal(0, await sandbox.SendAsync("oWang", SandboxServer.LongTerm));
    }

    [Fact]
    public async Task Statistics_count_what_was_taken_and_every_refusal_by_its_code()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);
        await sandbox.SendAsync("oWang");
        await sandbox.SendAsync("oWang");
        await sandbox.SendAsync("oNobody");

        var stats = await sandbox.GetAsync("/_sandbox/stats");

        Assert.Equal(1, stats.GetProperty("accepted").GetInt32());
        Assert.Equal(2, stats.GetProperty("refused").GetInt32());
        Assert.Equal(1, stats.GetProperty("byChannel").GetProperty("wechat_subscribe").GetInt32());
        Assert.Equal("""{"40003":1,"43101":1}""", stats.GetProperty("refusedByCode").GetRawText());
    }

    [Fact]
    public async Task Fast_mode_takes_anything_that_has_a_token_and_keeps_what_is_needed_to_join_it()
    {
        await using var sandbox = await SandboxServer.StartAsync(null, "--fast");

        Assert.Equal(40014, SandboxServer.Code(await sandbox.PostMessageAsync("wrong", SandboxServer.Message("oAnyone"))));
        Assert.Equal(0, await sandbox.SendAsync("oAnyone", page: "pages/any?ref=77"));

        var message = Assert.Single(await sandbox.MessagesAsync());
        Assert.Equal(("oAnyone", "77", ""), (message.GetProperty("to").GetString(), message.GetProperty("reference").GetString(), message.GetProperty("text").GetString()));
    }
}
