using System.Text.Json;

namespace Engagement.Tests.Sandbox;

public sealed class HandingOutTokens
{
    [Fact]
    public async Task A_stable_token_stays_the_same_until_five_minutes_before_its_end_and_both_work_then()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oA", SandboxServer.LongTerm);

        var first = await sandbox.StableTokenAsync();
        await sandbox.SkipAsync(TimeSpan.FromSeconds(7_200 - 310));
        var same = await sandbox.StableTokenAsync();
        await sandbox.SkipAsync(TimeSpan.FromSeconds(20));
        var next = await sandbox.StableTokenAsync();

        Assert.Equal(Text(first), Text(same));
        Assert.InRange(same.GetProperty("expires_in").GetInt32(), 300, 310);
        Assert.NotEqual(Text(first), Text(next));
        Assert.Equal(7_200, next.GetProperty("expires_in").GetInt32());
        Assert.Equal(0, await CodeWith(sandbox, Text(first)));
        Assert.Equal(0, await CodeWith(sandbox, Text(next)));

        await sandbox.SkipAsync(TimeSpan.FromSeconds(300));
        Assert.Equal(42001, await CodeWith(sandbox, Text(first)));
        Assert.Equal(0, await CodeWith(sandbox, Text(next)));
    }

    [Fact]
    public async Task A_forced_refresh_kills_the_old_token_at_once_but_not_within_thirty_seconds()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oA", SandboxServer.LongTerm);
        var first = Text(await sandbox.StableTokenAsync());

        var forced = Text(await sandbox.StableTokenAsync(force: true));
        var again = Text(await sandbox.StableTokenAsync(force: true));

        Assert.NotEqual(first, forced);
        Assert.Equal(forced, again);
        Assert.Equal(40001, await CodeWith(sandbox, first));

        await sandbox.SkipAsync(TimeSpan.FromSeconds(30));
        Assert.NotEqual(forced, Text(await sandbox.StableTokenAsync(force: true)));
    }

    [Fact]
    public async Task The_twenty_first_forced_refresh_of_a_day_is_refused()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            Text(await sandbox.StableTokenAsync(force: true));
            await sandbox.SkipAsync(TimeSpan.FromSeconds(31));
        }

        // Midnight may have come between, then the day's count starts again: so the last ones decide, one more than a day has.
        var before = await sandbox.GetAsync("/_sandbox/stats");
        var codes = new List<int>();
        for (var i = 0; i < 21; i++)
        {
            codes.Add((await sandbox.StableTokenAsync(force: true)).TryGetProperty("errcode", out var code) ? code.GetInt32() : 0);
            await sandbox.SkipAsync(TimeSpan.FromSeconds(31));
        }
        Assert.Equal(0, before.GetProperty("refused").GetInt32());
        Assert.Contains(45009, codes);

        await sandbox.SkipAsync(TimeSpan.FromDays(1));
        Assert.NotEmpty(Text(await sandbox.StableTokenAsync(force: true)));
    }

    [Fact]
    public async Task Plain_and_stable_tokens_live_side_by_side_and_the_last_plain_one_works_for_five_more_minutes()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oA", SandboxServer.LongTerm);
        var stable = Text(await sandbox.StableTokenAsync());
        var path = $"/cgi-bin/token?grant_type=client_credential&appid={SandboxServer.AppId}&secret={SandboxServer.AppSecret}";

        var first = Text(await sandbox.GetAsync(path));
        var second = Text(await sandbox.GetAsync(path));

        Assert.NotEqual(first, second);
        Assert.True(second.Length > 32);
        await sandbox.SkipAsync(TimeSpan.FromMinutes(4));
        foreach (var token in new[] { stable, first, second }) Assert.Equal(0, await CodeWith(sandbox, token));

        await sandbox.SkipAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(40001, await CodeWith(sandbox, first));
        foreach (var token in new[] { stable, second }) Assert.Equal(0, await CodeWith(sandbox, token));
    }

    [Theory]
    [InlineData("grant_type=password&appid=wx0000000000000001&secret=x", 40002)]
    [InlineData("grant_type=client_credential&secret=x", 41002)]
    [InlineData("grant_type=client_credential&appid=wx0000000000000001", 41004)]
    [InlineData("grant_type=client_credential&appid=wx9&secret=x", 40013)]
    [InlineData("grant_type=client_credential&appid=wx0000000000000001&secret=x", 40125)]
    [InlineData("grant_type=client_credential&appid=wx0000000000000001&secret=00000000000000000000000000000000", 40001)]
    public async Task Wrong_credentials_are_refused_by_name(string query, int code)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        Assert.Equal(code, SandboxServer.Code(await sandbox.GetAsync("/cgi-bin/token?" + query)));
    }

    [Fact]
    public async Task A_stable_token_asks_for_POST_JSON_and_the_right_secret()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        using var broken = await sandbox.Http.PostAsync("/cgi-bin/stable_token", SandboxServer.Json("{"));

        Assert.Equal(43002, SandboxServer.Code(await sandbox.GetAsync("/cgi-bin/stable_token")));
        Assert.Contains("47001", await broken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(40125, SandboxServer.Code(await sandbox.StableTokenAsync(secret: "00000000000000000000000000000000")));
    }

    [Fact]
    public async Task Tokens_can_be_missing_malformed_expired_or_rotated()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        await sandbox.GrantAsync("oA", SandboxServer.LongTerm);
        var token = await sandbox.TokenAsync();

        Assert.Equal(41001, await CodeWith(sandbox, ""));
        Assert.Equal(40014, await CodeWith(sandbox, "short"));
        Assert.Equal(40001, await CodeWith(sandbox, new string('x', 120)));

        await sandbox.PostAsync("/_sandbox/faults", new { expireTokens = true });
        Assert.Equal(42001, await CodeWith(sandbox, token));

        var fresh = await sandbox.TokenAsync();
        Assert.Equal(0, await CodeWith(sandbox, fresh));
        await sandbox.PostAsync("/_sandbox/faults", new { rotateTokens = true });
        Assert.Equal(40001, await CodeWith(sandbox, fresh));
    }

    private static string Text(JsonElement answer) => answer.GetProperty("access_token").GetString()!;

    private static async Task<int> CodeWith(SandboxServer sandbox, string token) =>
        SandboxServer.Code(await sandbox.PostMessageAsync(token, SandboxServer.Message("oA", SandboxServer.LongTerm)));
}
