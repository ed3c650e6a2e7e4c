using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Sandbox;
using Engagement.Tests.Support;

namespace Engagement.Tests.Sandbox;

public sealed class ControllingTheSandbox
{
    [Theory]
    [InlineData("""{"wechatt":{}}""", "wechatt")]
    [InlineData("""{"wechat":{"appId":"wx1"}}""", "appSecret")]
    [InlineData("""{"wechat":{"appId":"wx1","appSecret":"s","templates":[{"id":"T","title":"t","type":1}]}}""", "type is 2")]
    [InlineData("""{"wechat":{"appId":"wx1","appSecret":"s","push":{"url":"http://127.0.0.1:1","token":"t","mode":"safe"}}}""", "encodingAesKey")]
    [InlineData("""{"aliyun":{"accessKeyId":"a","accessKeySecret":"s","templates":[{"code":"SMS_1","text":"满减","type":"marketing"}]}}""", "拒收请回复R")]
    [InlineData("""{"aliyun":{"accessKeyId":"a","accessKeySecret":"s","templates":[{"code":"SMS_1","text":"${a}${b}好","type":"notice"}]}}""", "may not touch")]
    [InlineData("""{"receipts":{"minDelayMs":5,"maxDelayMs":1}}""", "minDelayMs <= maxDelayMs")]
    [InlineData("{", "")]
    public async Task A_setup_that_cannot_work_is_refused_with_the_reason_and_changes_nothing(string setup, string reason)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        using var answer = await sandbox.Http.PutAsync("/_sandbox/setup", SandboxServer.Json(setup));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotEmpty(await sandbox.TokenAsync());
    }

    [Fact]
    public async Task What_the_page_may_know_of_the_setup_holds_no_secret()
    {
        await using var sandbox = await SandboxServer.StartAsync(setup =>
            setup["wechat"]!["push"] = new JsonObject { ["url"] = "http://127.0.0.1:1/secret-path", ["token"] = "push-token" });

        var shown = (await sandbox.GetAsync("/_sandbox/setup")).GetRawText();

        Assert.Contains("服务提醒", shown, StringComparison.Ordinal);
        foreach (var secret in new[] { SandboxServer.AppSecret, "SKEXAMPLE", "push-token", "secret-path" })
            Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_read_page_by_page_and_by_channel_and_recipient()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var caller = new AliyunCaller(sandbox);
        await sandbox.GrantAsync("oWang", SandboxServer.LongTerm);
        for (var i = 0; i < 5; i++)
        {
            await sandbox.SendAsync("oWang", SandboxServer.LongTerm);
            await caller.SendAsync($"1380000000{i}");
        }

        var seen = new List<long>();
        for (long since = 0, last = -1; since != last;)
        {
            var page = await sandbox.GetAsync($"/_sandbox/messages?since={since}&channel=aliyun_sms&limit=2");
            seen.AddRange(page.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("seq").GetInt64()));
            (last, since) = (since, page.GetProperty("next").GetInt64());
        }

        Assert.Equal([2, 4, 6, 8, 10], seen);
        Assert.Single(await sandbox.MessagesAsync("?to=13800000003"));
        Assert.Equal(5, (await sandbox.MessagesAsync("?to=oWang")).Count);
        Assert.Empty(await sandbox.MessagesAsync("?to=oWan"));
        Assert.Empty(await sandbox.MessagesAsync("?since=10"));
        using var wrong = await sandbox.Http.GetAsync("/_sandbox/messages?channel=fax");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task A_reset_forgets_what_happened_and_keeps_the_setup_and_never_numbers_twice()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime, count: 5);
        await sandbox.SendAsync("oWang");
        await sandbox.SendAsync("oNobody");

        await sandbox.PostAsync("/_sandbox/reset", new { });

        Assert.Empty(await sandbox.MessagesAsync());
        Assert.Equal(43101, await sandbox.SendAsync("oWang"));
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime);
        Assert.Equal(0, await sandbox.SendAsync("oWang"));
        Assert.Equal(2, Assert.Single(await sandbox.MessagesAsync()).GetProperty("seq").GetInt64());
        var stats = await sandbox.GetAsync("/_sandbox/stats");
        Assert.Equal((1, 1), (stats.GetProperty("accepted").GetInt32(), stats.GetProperty("refused").GetInt32()));
    }

    [Fact]
    public async Task An_accepted_message_whose_answer_is_lost_stands_in_the_ledger()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.OneTime, count: 2);
        var token = await sandbox.TokenAsync();

        await sandbox.PostAsync("/_sandbox/faults", new { channel = "wechat_subscribe", dropAfterAcceptShare = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.PostMessageAsync(token, SandboxServer.Message("oWang")));

        await sandbox.PostAsync("/_sandbox/faults", new { acceptThenTimeoutShare = 1 });
        using var impatient = new HttpClient { BaseAddress = sandbox.Http.BaseAddress, Timeout = TimeSpan.FromMilliseconds(300) };
        await Assert.ThrowsAsync<TaskCanceledException>(() =>
            impatient.PostAsync("/cgi-bin/message/subscribe/send?access_token=" + token, SandboxServer.Json(SandboxServer.Message("oWang"))));

        Assert.Equal(2, (await sandbox.MessagesAsync()).Count);
        await sandbox.PostAsync("/_sandbox/faults", new { });
        await Eventually.True(async () => await sandbox.SendAsync("oWang") == 43101);
    }

    [Fact]
    public async Task Error_shares_draw_the_same_with_the_same_seed_and_each_channel_has_its_own()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.LongTerm);
        var fault = new { channel = "wechat_subscribe", seed = 7, errorShare = new Dictionary<string, double> { ["-1"] = 0.3, ["45009"] = 0.2 } };

        var rounds = new List<string>();
        for (var round = 0; round < 2; round++)
        {
            await sandbox.PostAsync("/_sandbox/faults", fault);
            var codes = new List<int>();
            for (var i = 0; i < 40; i++) codes.Add(await sandbox.SendAsync("oWang", SandboxServer.LongTerm));
            rounds.Add(string.Join(',', codes));
            Assert.Equal([-1, 0, 45009], codes.Distinct().Order());
        }

        Assert.Equal(rounds[0], rounds[1]);
        Assert.Equal("OK", await new AliyunCaller(sandbox).SendAsync("13800000000"));
        await sandbox.PostAsync("/_sandbox/faults", new { channel = "aliyun_sms", errorShare = new Dictionary<string, double> { ["Throttling.User"] = 1 } });
        Assert.Equal("Throttling.User", await new AliyunCaller(sandbox).SendAsync("13800000000"));
    }

    [Fact]
    public async Task An_accepted_message_may_be_answered_so_that_nobody_can_read_it()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oWang", SandboxServer.LongTerm);
        await sandbox.PostAsync("/_sandbox/faults", new { channel = "wechat_subscribe", acceptThenBrokenShare = 1, broken = "http:502" });
        using var answer = await sandbox.Http.PostAsync(
            "/cgi-bin/message/subscribe/send?access_token=" + await sandbox.TokenAsync(), SandboxServer.Json(SandboxServer.Message("oWang", SandboxServer.LongTerm)));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Single(await sandbox.MessagesAsync());
        await sandbox.PostAsync("/_sandbox/faults", new { channel = "aliyun_sms", errorShare = new Dictionary<string, double> { ["html"] = 1 } });
        await Assert.ThrowsAnyAsync<JsonException>(() => new AliyunCaller(sandbox).SendAsync("13800000000"));
        Assert.Single(await sandbox.MessagesAsync());
    }

    [Fact]
    public void Latency_follows_the_points_of_its_distribution()
    {
        var faults = new Engagement.Sandbox.Control.Faults();
        faults.Apply(new Engagement.Sandbox.Control.FaultSetup { Seed = 7, LatencyPoints = [[0.5, 20], [0.99, 400], [1, 3000]] });

        var drawn = Enumerable.Range(0, 10_000).Select(_ => faults.Draw(Engagement.Sandbox.Ledger.Channel.WeChatSubscribe).LatencyMs).Order().ToList();

        Assert.InRange(drawn[4_999], 19, 25);
        Assert.InRange(drawn[9_899], 370, 480);
        Assert.InRange(drawn[^1], 1_500, 3_000);
    }

    [Theory]
    [InlineData("""{"latencyPoints":[[0.5,20]]}""")]
    [InlineData("""{"latencyPoints":[[0.9,20],[0.5,10],[1,30]]}""")]
    [InlineData("""{"broken":"fire"}""")]
    [InlineData("""{"path":"/a","channel":"aliyun_sms"}""")]
    [InlineData("""{"errorShare":{"-1":1.5}}""")]
    [InlineData("""{"acceptThenTimeoutShare":0.6,"dropAfterAcceptShare":0.6}""")]
    [InlineData("""{"latencyMs":[5]}""")]
    [InlineData("""{"channel":"fax"}""")]
    [InlineData("""{"unknown":1}""")]
    public async Task A_fault_that_makes_no_sense_is_refused(string fault)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        using var answer = await sandbox.Http.PostAsync("/_sandbox/faults", SandboxServer.Json(fault));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("--urls", "http://0.0.0.0:0")]
    [InlineData("--urls", "http://example.com:80")]
    [InlineData("--urls", "https://127.0.0.1:0")]
    [InlineData("--exit-with", "me")]
    [InlineData("--slow", "1")]
    [InlineData("--ready-file")]
    public void A_command_line_that_is_not_understood_or_leaves_the_loopback_is_refused(params string[] args) =>
        Assert.Throws<ArgumentException>(() => SandboxApp.Build(args));

    [Fact]
    public async Task The_process_announces_its_address_in_a_file_and_ends_with_its_starter()
    {
        using var folder = new TempFolder();
        var ready = folder["ready"];
        using var starter = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        using var process = Process.Start(new ProcessStartInfo("dotnet",
            [typeof(SandboxApp).Assembly.Location, "--urls", "http://127.0.0.1:0", "--ready-file", ready, "--exit-with", $"{starter.Id}"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            await Eventually.True(() => File.Exists(ready));
            var url = (await File.ReadAllTextAsync(ready)).TrimEnd('\n');
            using var http = new HttpClient();
            var health = JsonDocument.Parse(await http.GetStringAsync(url + "/_sandbox/health")).RootElement;
            Assert.Equal(process.Id, health.GetProperty("pid").GetInt32());
            Assert.Equal("Sandbox listening on " + url, await process.StandardOutput.ReadLineAsync());

            starter.Kill();
            await Eventually.True(() => process.HasExited);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!starter.HasExited) starter.Kill();
            if (!process.HasExited) process.Kill();
        }
    }
}
