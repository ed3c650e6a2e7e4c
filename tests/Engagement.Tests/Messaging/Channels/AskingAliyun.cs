using System.Text.Json;
using System.Web;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>What Aliyun says it knows of a send, and how little it takes to prove nothing.</summary>
public sealed class AskingAliyun : IAsyncLifetime
{
    private static readonly DateOnly s_day = new(2026, 3, 10);

    private FakeProvider _provider = null!;
    private AliyunSmsApi _api = null!;

    public async Task InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _api = new AliyunSmsApi(
            new AliyunSmsOptions { BaseUrl = _provider.Address, AccessKeyId = "AKEXAMPLE", AccessKeySecret = "SKEXAMPLE", SignName = "测试药房" },
            TimeProvider.System, NullLogger<AliyunSmsApi>.Instance);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("1", "", nameof(SmsFate.Waiting))]
    [InlineData("2", "MK:0001", nameof(SmsFate.Undelivered))]
    [InlineData("3", "DELIVERED", nameof(SmsFate.Delivered))]
    public async Task A_message_is_known_by_our_reference(string status, string code, string fate)
    {
        _provider.On("/", Page(2, ("another", "3", "DELIVERED"), ("m-1", status, code)));

        Assert.Equal(new SmsFinding(Enum.Parse<SmsFate>(fate), code), await AskAsync());

        var query = HttpUtility.ParseQueryString(Assert.Single(_provider.Requests).Query);
        Assert.Equal("QuerySendDetails", _provider.Requests[0].Headers["x-acs-action"]);
        Assert.Equal(("19900000001", "20260310", "20", "1"), (query["PhoneNumber"], query["SendDate"], query["PageSize"], query["CurrentPage"]));
    }

    [Fact]
    public async Task It_is_looked_for_on_every_page()
    {
        _provider.On("/", Page(41, Others(20)), Page(41, Others(20)), Page(41, ("m-1", "3", "DELIVERED")));

        Assert.Equal(SmsFate.Delivered, (await AskAsync()).Fate);

        Assert.Equal(["1", "2", "3"], _provider.Requests.Select(request => HttpUtility.ParseQueryString(request.Query)["CurrentPage"]));
    }

    [Fact]
    public async Task A_whole_answer_without_it_means_unknown()
    {
        _provider.On("/", Page(0));
        Assert.Equal(new SmsFinding(SmsFate.Unknown, "OK"), await AskAsync());

        _provider.On("/", Page(21, Others(20)), Page(21, Others(1)));
        Assert.Equal(SmsFate.Unknown, (await AskAsync()).Fate);
    }

    [Fact]
    public async Task Of_two_sends_under_one_reference_the_better_end_counts()
    {
        _provider.On("/", Page(2, ("m-1", "3", "DELIVERED"), ("m-1", "2", "MK:0001")));

        Assert.Equal(SmsFate.Delivered, (await AskAsync()).Fate);
    }

    [Theory]
    [InlineData("""{"Code":"isp.SYSTEM_ERROR"}""", 200, "isp.SYSTEM_ERROR")]
    [InlineData("""{"Code":"Throttling.User"}""", 400, "Throttling.User")]
    [InlineData("", 200, "unreadable")]
    [InlineData("[]", 200, "unreadable")]
    [InlineData("""{"Code":"OK"}""", 200, "unreadable")]
    [InlineData("""{"Code":"OK","TotalCount":"1"}""", 200, "unreadable")]
    [InlineData("""{"Code":"OK","TotalCount":"0","SmsSendDetailDTOs":{"SmsSendDetailDTO":[]}}""", 404, "http_404")]
    [InlineData("""{"Code":"OK","TotalCount":"1","SmsSendDetailDTOs":{"SmsSendDetailDTO":[{"OutId":"other","SendStatus":7}]}}""", 200, "unreadable")]
    [InlineData("""{"Code":"OK","TotalCount":"3","SmsSendDetailDTOs":{"SmsSendDetailDTO":[]}}""", 200, "incomplete")]
    [InlineData("<html>", 502, "http_502")]
    public async Task Anything_but_a_whole_answer_proves_nothing(string body, int status, string code)
    {
        _provider.On("/", FakeProvider.Answer(body, "application/json", status));

        Assert.Equal(new SmsFinding(SmsFate.NotAsked, code), await AskAsync());
    }

    [Fact]
    public async Task A_later_page_that_fails_proves_nothing()
    {
        _provider.On("/", Page(21, Others(20)), FakeProvider.Reset);

        Assert.Equal(new SmsFinding(SmsFate.NotAsked, "reset"), await AskAsync());
    }

    private ValueTask<SmsFinding> AskAsync() => _api.FindAsync("19900000001", s_day, "m-1", default);

    private static (string, string, string)[] Others(int count) => [.. Enumerable.Range(0, count).Select(i => ($"other-{i}", "3", "DELIVERED"))];

    private static ProviderScript Page(int total, params (string OutId, string Status, string Code)[] items) => FakeProvider.Json(JsonSerializer.Serialize(new
    {
        RequestId = "r", Code = "OK", Message = "OK", TotalCount = total.ToString(),
        SmsSendDetailDTOs = new { SmsSendDetailDTO = items.Select(item => new { PhoneNum = "19900000001", SendStatus = int.Parse(item.Status), ErrCode = item.Code, Content = "您有一项提醒", item.OutId }) },
    }));
}
