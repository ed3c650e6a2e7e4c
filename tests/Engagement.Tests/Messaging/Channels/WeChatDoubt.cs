using Engagement.Messaging.Channels;
using Engagement.Tests.Support;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What a failed exchange proves. Each send that began is on the wire once, whatever comes back.</summary>
public sealed class WeChatDoubt
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string, string> Answers => new()
    {
        { "{\"errcode\":0,\"errmsg\":\"ok\",\"msg", "unreadable" },
        { "{\"errcode\":43101,\"errmsg\":\"refused", "unreadable" },
        { "{\"errcode\":0,\"msgid\":1} {\"errcode\":1}", "unreadable" },
        { "<html><body>502 Bad Gateway</body></html>", "unreadable" },
        { "", "unreadable" },
        { "null", "unreadable" },
        { "[]", "unreadable" },
        { "{}", "unreadable" },
        { "{\"errcode\":{\"a\":1},\"msgid\":1}", "unreadable" },
        { "{\"errcode\":1e99}", "unreadable" },
        { "{\"result\":\"please log in to the hotel's network\"}", "unreadable" },
        { new string(' ', 70_000) + "{\"errcode\":0}", "too_large" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_that_cannot_be_understood_leaves_doubt(string body, string code)
    {
        await using var account = await OpenAsync(FakeProvider.Answer(body, "application/json"));

        Assert.Equal(SendResult.InDoubt(code), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    [Theory]
    [InlineData(500, "{\"errcode\":0,\"errmsg\":\"ok\"}")]
    [InlineData(502, "<html>Bad Gateway</html>")]
    [InlineData(503, "{\"errcode\":43101}")]
    [InlineData(404, "<html>Not Found</html>")]
    [InlineData(404, "{\"errcode\":0}")]
    public async Task An_error_status_leaves_doubt_unless_a_refusal_was_parsed(int status, string body)
    {
        await using var account = await OpenAsync(FakeProvider.Answer(body, "text/html", status));

        Assert.Equal(SendResult.InDoubt($"http_{status}"), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var account = await OpenAsync(http =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = SendPath;
            return Task.CompletedTask;
        });

        Assert.Equal(SendResult.InDoubt($"http_{status}"), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    [Fact]
    public async Task A_reset_after_the_request_leaves_doubt_and_no_second_request()
    {
        await using var account = await OpenAsync(FakeProvider.Reset);

        Assert.Equal(SendResult.InDoubt("reset"), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    // This is where HttpClient repeats a request by itself when it has no content.
    [Fact]
    public async Task A_reset_of_a_reused_connection_leaves_doubt_and_no_second_request()
    {
        await using var account = await OpenAsync(options => options.MaxConnections = 1, [Accepted, Accepted, FakeProvider.Reset, Accepted]);
        await account.SendAsync();
        await account.SendAsync();

        Assert.Equal(SendResult.InDoubt("reset"), await account.SendAsync());
        Assert.Equal(3, account.Sends);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_leaves_doubt()
    {
        await using var account = await OpenAsync(FakeProvider.CutShort("{\"errcode\":0,\"errmsg\":\"ok\",\"msgid\":12"));

        Assert.Equal(SendResult.InDoubt("reset"), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    [Fact]
    public async Task Silence_ends_in_doubt_at_the_time_out()
    {
        await using var account = await OpenAsync(options => options.SendTimeout = s_short, [FakeProvider.Silence]);

        Assert.Equal(SendResult.InDoubt("timeout"), await account.SendAsync());
        Assert.Equal(1, account.Sends);
    }

    [Fact]
    public async Task Cancelled_before_it_begins_a_send_throws_and_nothing_leaves()
    {
        await using var account = await OpenAsync(Accepted);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await account.Api.SendSubscribeAsync(Message(), new CancellationToken(true)));

        Assert.Empty(account.Provider.Requests);
    }

    [Fact]
    public async Task Cancelled_while_it_waits_for_a_token_a_send_throws_and_nothing_leaves()
    {
        await using var account = await OpenAsync(Accepted);
        using var stop = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        account.Provider.On(TokenPath, async http =>
        {
            await stop.CancelAsync();
            await FakeProvider.After(gate.Task, Token("late"))(http);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await account.Api.SendSubscribeAsync(Message(), stop.Token));

        gate.SetResult();
        Assert.Equal(0, account.Sends);
    }

    [Fact]
    public async Task Cancelled_while_it_is_on_the_wire_a_send_still_brings_its_outcome()
    {
        using var stop = new CancellationTokenSource();
        await using var account = await OpenAsync(async http =>
        {
            await stop.CancelAsync();
            await Accepted(http);
        });

        Assert.Equal(SendResult.Ok("0", "1988810812324364291"), await account.Api.SendSubscribeAsync(Message(), stop.Token));
    }
}
