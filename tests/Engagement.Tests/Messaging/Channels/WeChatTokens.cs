using System.Text.Json;
using Engagement.Messaging.Channels;
using Engagement.Tests.Support;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>One token for all, fetched once at a time, renewed before its end, replaced once when WeChat refuses it.</summary>
public sealed class WeChatTokens
{
    [Fact]
    public async Task A_hundred_sends_at_once_fetch_one_token()
    {
        await using var account = await OpenAsync(Accepted);

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => account.SendAsync().AsTask())));

        Assert.All(results, result => Assert.Equal(Acceptance.Yes, result.Accepted));
        Assert.Equal(1, account.TokenFetches);
        Assert.Equal(100, account.Sends);
    }

    [Fact]
    public async Task The_token_is_asked_for_in_the_normal_mode()
    {
        await using var account = await OpenAsync(Accepted);

        await account.SendAsync();

        using var body = JsonDocument.Parse(account.Provider.Requests[0].Body);
        Assert.Equal("client_credential", body.RootElement.GetProperty("grant_type").GetString());
        Assert.Equal("wx0000000000000001", body.RootElement.GetProperty("appid").GetString());
        Assert.Equal(Secret, body.RootElement.GetProperty("secret").GetString());
        Assert.False(body.RootElement.GetProperty("force_refresh").GetBoolean());
    }

    [Theory]
    [InlineData(40001)]
    [InlineData(40014)]
    [InlineData(42001)]
    public async Task A_refused_token_is_replaced_once_and_the_message_repeated_once(long code)
    {
        await using var account = await OpenAsync(Error(code), Accepted);

        Assert.Equal(SendResult.Ok("0", "1988810812324364291"), await account.SendAsync());
        Assert.Equal((2, 2), (account.TokenFetches, account.Sends));
        Assert.Equal("?access_token=token-2", account.Provider.Requests[^1].Query);
        var bodies = account.Provider.Requests.Where(request => request.Path == SendPath).Select(request => request.Body).ToList();
        Assert.Equal(bodies[0], bodies[1]);
    }

    [Fact]
    public async Task A_second_refused_token_is_the_outcome()
    {
        await using var account = await OpenAsync(Error(40001), Error(40001), Accepted);

        Assert.Equal(SendResult.Refused(ErrorClass.RefreshToken, "40001"), await account.SendAsync());
        Assert.Equal((2, 2), (account.TokenFetches, account.Sends));
    }

    [Fact]
    public async Task Many_sends_refused_for_one_token_fetch_one_new_one()
    {
        await using var account = await OpenAsync(http => http.Request.QueryString.Value!.EndsWith("token-1", StringComparison.Ordinal)
            ? Error(42001)(http)
            : Accepted(http));
        await account.SendAsync();
        account.Provider.On(TokenPath, Token("token-3"));

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => account.SendAsync().AsTask())));

        Assert.All(results, result => Assert.Equal(Acceptance.Yes, result.Accepted));
        Assert.Equal(2, account.TokenFetches);
    }

    [Fact]
    public async Task A_send_that_is_refused_late_takes_the_token_that_another_brought()
    {
        var replaced = new TaskCompletionSource();
        await using var account = await OpenAsync(FakeProvider.After(replaced.Task, Error(42001)), Error(42001), Accepted);
        var late = account.SendAsync().AsTask();
        await account.Provider.ArrivedAsync(SendPath, 1);

        Assert.Equal(Acceptance.Yes, (await account.SendAsync()).Accepted);
        replaced.SetResult();

        Assert.Equal(Acceptance.Yes, (await late).Accepted);
        Assert.Equal("?access_token=token-2", account.Provider.Requests[^1].Query);
        Assert.Equal(2, account.TokenFetches);
    }

    [Fact]
    public async Task A_repeat_that_ends_in_silence_is_in_doubt()
    {
        await using var account = await OpenAsync(options => options.SendTimeout = TimeSpan.FromMilliseconds(300), [Error(40001), FakeProvider.Silence]);

        Assert.Equal(SendResult.InDoubt("timeout"), await account.SendAsync());
    }

    [Fact]
    public async Task A_token_is_renewed_in_the_background_five_minutes_before_its_end()
    {
        var clock = new SteppedClock();
        await using var account = await OpenAsync(null, [Accepted], clock);
        await account.SendAsync();

        clock.Now += TimeSpan.FromSeconds(7200 - 301);
        await account.SendAsync();
        Assert.Equal(1, account.TokenFetches);

        // The old token works on while the new one is under way.
        clock.Now += TimeSpan.FromSeconds(2);
        await account.SendAsync();
        Assert.Equal("?access_token=token-1", account.Provider.Requests.Last(request => request.Path == SendPath).Query);
        await account.Logged.SaidAsync(2);
        await account.SendAsync();
        Assert.Equal("?access_token=token-2", account.Provider.Requests[^1].Query);
        Assert.Equal(2, account.TokenFetches);
    }

    [Fact]
    public async Task A_token_that_has_ended_is_not_used()
    {
        var clock = new SteppedClock();
        await using var account = await OpenAsync(null, [Accepted], clock);
        await account.SendAsync();

        clock.Now += TimeSpan.FromSeconds(7200);
        await account.SendAsync();

        Assert.Equal("?access_token=token-2", account.Provider.Requests[^1].Query);
    }

    [Theory]
    [InlineData(40001, ErrorClass.Config)]
    [InlineData(40125, ErrorClass.Config)]
    [InlineData(40164, ErrorClass.Config)]
    [InlineData(45009, ErrorClass.Quota)]
    [InlineData(-1, ErrorClass.Retry)]
    [InlineData(777777, ErrorClass.Unknown)]
    public async Task A_refused_token_request_refuses_the_message_that_never_left(long code, ErrorClass expected)
    {
        await using var account = await OpenAsync(Accepted);
        account.Provider.On(TokenPath, Error(code));

        Assert.Equal(SendResult.Refused(expected, code.ToString()), await account.SendAsync());
        Assert.Equal((1, 0), (account.TokenFetches, account.Sends));
    }

    public static TheoryData<string, ProviderScript> Failures => new()
    {
        { "token_http_502", FakeProvider.Answer("<html/>", "text/html", 502) },
        { "token_unreadable", FakeProvider.Answer("", "application/json") },
        { "token_unreadable", FakeProvider.Json("""{"access_token":"","expires_in":7200}""") },
        { "token_unreadable", FakeProvider.Json("""{"access_token":"x"}""") },
        { "token_reset", FakeProvider.Reset },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_token_that_does_not_come_is_no_doubt_about_the_message(string code, ProviderScript script)
    {
        await using var account = await OpenAsync(Accepted);
        account.Provider.On(TokenPath, script);

        Assert.Equal(SendResult.Refused(ErrorClass.Retry, code), await account.SendAsync());
        Assert.Equal(0, account.Sends);
    }

    [Fact]
    public async Task After_a_failed_fetch_there_is_a_rest_and_then_another_try()
    {
        var clock = new SteppedClock();
        await using var account = await OpenAsync(null, [Accepted], clock);
        account.Provider.On(TokenPath, Error(-1), Token("token-9"));

        for (var i = 0; i < 20; i++) Assert.Equal(SendResult.Refused(ErrorClass.Retry, "-1"), await account.SendAsync());
        Assert.Equal(1, account.TokenFetches);

        clock.Now += TimeSpan.FromSeconds(2);
        Assert.Equal(Acceptance.Yes, (await account.SendAsync()).Accepted);
    }

    /// <summary>A clock that stands until it is told otherwise; its timers are real.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
