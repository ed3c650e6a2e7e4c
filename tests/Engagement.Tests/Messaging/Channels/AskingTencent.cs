using System.Text.Json;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Tencent;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What Tencent Cloud says it knows of a send, and how little it takes to prove nothing.</summary>
public sealed class AskingTencent : IAsyncLifetime
{
    private static readonly DateTimeOffset s_sentAt = new(2026, 3, 10, 10, 0, 0, TimeSpan.FromHours(8));

    private readonly ManualClock _clock = new();
    private FakeProvider _provider = null!;
    private TencentSmsApi _api = null!;

    public async Task InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _clock.Set(s_sentAt + TimeSpan.FromMinutes(10));
        _api = new TencentSmsApi(
            new TencentSmsOptions { BaseUrl = _provider.Address, SecretId = "AKIDEXAMPLE", SecretKey = "SECRETEXAMPLE", SdkAppId = "1400006666" }, _clock, NullLogger<TencentSmsApi>.Instance);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("SUCCESS", "DELIVRD", nameof(SmsFate.Delivered))]
    [InlineData("FAIL", "UNDELIV", nameof(SmsFate.Undelivered))]
    public async Task A_message_that_has_ended_is_known_by_our_reference(string status, string said, string fate)
    {
        _provider.On("/", Listed(("another", "SUCCESS", "DELIVRD"), ("m-1", status, said)));

        Assert.Equal(new SmsFinding(Enum.Parse<SmsFate>(fate), said), await AskAsync());

        Assert.Equal("PullSmsSendStatusByPhoneNumber", Assert.Single(_provider.Requests).Headers["X-TC-Action"]);
        Assert.Equal(
            $$"""{"BeginTime":{{s_sentAt.ToUnixTimeSeconds() - 1800}},"EndTime":{{_clock.GetUtcNow().ToUnixTimeSeconds()}},"Offset":0,"Limit":100,"PhoneNumber":"+8619900000001","SmsSdkAppId":"1400006666"}""",
            _provider.Requests[0].Body);
    }

    [Fact]
    public async Task One_that_is_not_listed_may_be_waiting_or_may_never_have_come()
    {
        _provider.On("/", Listed());
        Assert.Equal(new SmsFinding(SmsFate.NotListed, "Ok"), await AskAsync());

        // The account does not get its session contexts back: nothing here is known to be ours.
        _provider.On("/", Listed(("", "SUCCESS", "DELIVRD")));
        Assert.Equal(SmsFate.NotListed, (await AskAsync()).Fate);
        Assert.Equal(SmsFate.NotListed, (await AskAsync("2019:2")).Fate);

        // Unless its own number is known.
        Assert.Equal(SmsFate.Delivered, (await AskAsync("2019:1")).Fate);
    }

    [Fact]
    public async Task Of_two_sends_under_one_reference_the_better_end_counts()
    {
        _provider.On("/", Listed(("m-1", "SUCCESS", "DELIVRD"), ("m-1", "FAIL", "UNDELIV")));

        Assert.Equal(SmsFate.Delivered, (await AskAsync()).Fate);
    }

    [Fact]
    public async Task What_is_a_week_old_cannot_be_asked_about()
    {
        _clock.Set(s_sentAt + TimeSpan.FromDays(7));

        Assert.Equal(new SmsFinding(SmsFate.NotAsked, "too_long_ago"), await AskAsync());
        Assert.Empty(_provider.Requests);
    }

    [Theory]
    [InlineData("""{"Response":{"Error":{"Code":"UnauthorizedOperation.RequestPermissionDeny","Message":"no"}}}""", 200, "UnauthorizedOperation.RequestPermissionDeny")]
    [InlineData("""{"Response":{"Error":{"Code":"two\nlines"}}}""", 200, "unreadable")]
    [InlineData("", 200, "unreadable")]
    [InlineData("[]", 200, "unreadable")]
    [InlineData("""{"Response":{}}""", 200, "unreadable")]
    [InlineData("""{"Response":{"PullSmsSendStatusSet":[{"SessionContext":"m-1","ReportStatus":"MAYBE"}]}}""", 200, "unreadable")]
    [InlineData("""{"Response":{"PullSmsSendStatusSet":[]}}""", 404, "http_404")]
    [InlineData("<html>", 502, "http_502")]
    public async Task Anything_but_a_whole_answer_proves_nothing(string body, int status, string code)
    {
        _provider.On("/", FakeProvider.Answer(body, "application/json", status));

        Assert.Equal(new SmsFinding(SmsFate.NotAsked, code), await AskAsync());
    }

    private ValueTask<SmsFinding> AskAsync(string? serialNo = null) => _api.AskAsync(new SmsSend("19900000001", s_sentAt, "m-1", serialNo), default);

    private static ProviderScript Listed(params (string Context, string Status, string Said)[] items) => FakeProvider.Json(JsonSerializer.Serialize(new
    {
        Response = new
        {
            PullSmsSendStatusSet = items.Select(item => new
            {
                UserReceiveTime = 1773108000, CountryCode = "86", SubscriberNumber = "19900000001", PhoneNumber = "+8619900000001", SerialNo = "2019:1",
                ReportStatus = item.Status, Description = item.Said, SessionContext = item.Context,
            }),
            RequestId = "r",
        },
    }));
}
