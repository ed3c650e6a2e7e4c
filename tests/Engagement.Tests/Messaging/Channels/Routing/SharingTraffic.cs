using System.Globalization;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Tests.Docs;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Engagement.Tests.Messaging.Channels.Routing;

/// <summary>Three providers with scripted faults, a hundred messages a second on a clock that stands still: who gets how many, second by second.</summary>
public sealed class SharingTraffic(ITestOutputHelper output)
{
    private static readonly string[] s_names = ["aliyun", "tencent", "huawei"];

    private readonly ManualClock _clock = new();
    private readonly PlannedProvider[] _three = [.. s_names.Select(name => new PlannedProvider(name))];
    private DateTimeOffset _start;

    // Seconds from and until, and how many of a hundred each gets: worked out by hand from the rules, not from the code.
    private static readonly (int From, int Until, double Aliyun, double Tencent, double Huawei, string Why)[] s_expected =
    [
        (0, 70, 50, 30, 20, "by weight"),
        (70, 80, 40, 36, 24, "from 60 s one in five of Aliyun's errs: judged at 70 s, ten points away"),
        (80, 90, 30, 42, 28, "judged anew at 80 s, ten more"),
        (90, 390, 20, 48, 32, "and at 90 s; the errors end at 95 s, and 10 % of a window is not too many"),
        (390, 690, 30, 42, 28, "five healthy minutes since the last step: ten points back"),
        (690, 990, 40, 36, 24, "five more"),
        (990, 1205, 50, 30, 20, "all as at first; at 1200 s Tencent falls silent"),
        (1205, 1234, 71.4, 0, 28.6, "five calls without an answer: it rests for 30 s"),
        (1234, 1235, 70.7, 1, 28.3, "one message tries"),
        (1235, 1264, 71.4, 0, 28.6, "and tells nothing: 30 s more"),
        (1264, 1265, 70.7, 1, 28.3, "one message tries, and is answered"),
        (1265, 1565, 57.1, 20, 22.9, "it is back, ten points lighter for the window of silence"),
        (1565, 1600, 50, 30, 20, "five healthy minutes: all as at first"),
    ];

    [Fact]
    public async Task Errors_move_ten_points_a_step_and_five_healthy_minutes_bring_ten_back()
    {
        var (traffic, providers) = Traffic();
        foreach (var row in s_expected)
        {
            output.WriteLine($"| {row.From} – {row.Until} | {row.Aliyun} | {row.Tencent} | {row.Huawei} | {row.Why} |");
            for (var second = row.From; second < row.Until; second++)
            {
                _clock.Set(_start + TimeSpan.FromSeconds(second));
                _three[0].Says = second is >= 60 and < 95 ? at => at % 5 == 4 ? SendResult.InDoubt("timeout") : SendResult.Ok("OK", "ref") : _ => SendResult.Ok("OK", "ref");
                _three[1].Answers = second is < 1200 or >= 1240;

                var sent = await SecondAsync(traffic, providers);

                foreach (var (got, due) in sent.Zip([row.Aliyun, row.Tencent, row.Huawei])) Assert.True(Math.Abs(got - due) <= 1.5, $"second {second}: {string.Join('/', sent)}");
                if (row.Tencent is 0 or 1) Assert.Equal((int)row.Tencent, sent[1]);
            }
        }
    }

    [Fact]
    public void The_page_shows_this_table()
    {
        var shown = Page.Of("docs/sms.md").Text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ToHashSet();

        Assert.All(s_expected, row => Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"| {row.From} – {row.Until} | {row.Aliyun} | {row.Tencent} | {row.Huawei} | {row.Why} |"), shown));
    }

    [Fact]
    public async Task What_a_number_a_text_or_a_persons_limit_is_refused_for_moves_nothing()
    {
        var (traffic, providers) = Traffic();
        _three[0].Says = at => SendResult.Refused((at % 3) switch { 0 => ErrorClass.PermanentRecipient, 1 => ErrorClass.PermanentTemplate, _ => ErrorClass.Quota }, "isv.X");

        for (var second = 0; second < 60; second++) await AtAsync(traffic, providers, second);

        Assert.Equal(50, traffic.Shares()["aliyun"]);
    }

    [Theory]
    [InlineData("isv.AMOUNT_NOT_ENOUGH", ErrorClass.Config)]
    [InlineData("Throttling.User", ErrorClass.Retry)]
    [InlineData("isv.DAY_LIMIT_CONTROL", ErrorClass.Quota)]
    [InlineData("LimitExceeded.AppDailyLimit", ErrorClass.Quota)]
    public async Task What_stops_the_whole_account_moves_traffic_away_and_is_an_answer_all_the_same(string code, ErrorClass errorClass)
    {
        var (traffic, providers) = Traffic();
        _three[0].Says = _ => SendResult.Refused(errorClass, code);

        for (var second = 0; second <= 50; second++) await AtAsync(traffic, providers, second);

        // Ten windows have cost it everything; it never rested.
        Assert.Equal([0, 60, 40], s_names.Select(name => Math.Round(traffic.Shares()[name])));
        Assert.False(traffic.Rests("aliyun"));
    }

    [Fact]
    public async Task When_all_err_nobody_is_spared_and_the_weights_hold()
    {
        var (traffic, providers) = Traffic();
        foreach (var one in _three) one.Says = _ => SendResult.Refused(ErrorClass.Retry, "Throttling");

        for (var second = 0; second <= 60; second++) await AtAsync(traffic, providers, second);

        Assert.Equal([50, 30, 20], s_names.Select(name => Math.Round(traffic.Shares()[name])));
        var sent = await SecondAsync(traffic, providers);
        Assert.Equal([50, 30, 20], sent);
    }

    [Fact]
    public async Task Few_errors_of_few_messages_are_no_judgement_but_no_health_either()
    {
        var (traffic, providers) = Traffic();
        _three[0].Answers = false;
        _clock.Set(_start);
        await providers.SendAsync("aliyun", [Message(0)], default);

        _clock.Set(_start + TimeSpan.FromSeconds(30));
        Assert.Equal(50, traffic.Shares()["aliyun"]);
    }

    [Fact]
    public async Task While_a_provider_rests_nothing_leaves_for_it_and_what_was_meant_for_it_may_go_another_way()
    {
        var (traffic, providers) = Traffic();
        _three[1].Answers = false;
        for (var call = 0; call < 5; call++) Assert.Equal(SendResult.InDoubt("timeout"), (await providers.SendAsync("tencent", [Message(call)], default))[0]);

        Assert.Equal(SendResult.Refused(ErrorClass.Retry, "provider_resting"), (await providers.SendAsync("tencent", [Message(9)], default))[0]);

        Assert.Equal(5, _three[1].Calls.Count);
        Assert.Null(traffic.Choose([Route("tencent")]));
        Assert.Equal("aliyun", traffic.Choose([Route("tencent"), Route("aliyun")])?.Provider);
    }

    [Fact]
    public async Task A_provider_that_nobody_knows_any_more_gets_nothing()
    {
        var (_, providers) = Traffic();

        Assert.Equal(SendResult.Refused(ErrorClass.Config, "unknown_provider"), (await providers.SendAsync("mobile", [Message(1)], default))[0]);
    }

    [Fact]
    public void Weights_make_a_hundred_points_whatever_they_are()
    {
        var options = new SmsOptions();
        (options.Weights["aliyun"], options.Weights["tencent"]) = (1, 2);
        var traffic = new SmsTraffic(s_names, options, _clock, NullLogger<SmsTraffic>.Instance);

        Assert.Equal([34, 66, 0], s_names.Select(name => traffic.Shares()[name]));
        Assert.Equal([34, 33, 33], s_names.Select(name => new SmsTraffic(s_names, new SmsOptions(), _clock, NullLogger<SmsTraffic>.Instance).Shares()[name]));
    }

    private async Task AtAsync(SmsTraffic traffic, SmsProviders providers, int second)
    {
        _clock.Set(_start + TimeSpan.FromSeconds(second));
        await SecondAsync(traffic, providers);
    }

    // A hundred messages, each given to a provider, then one call for each.
    private static async Task<int[]> SecondAsync(SmsTraffic traffic, SmsProviders providers)
    {
        SmsRoute[] routes = [.. s_names.Select(Route)];
        var given = new int[3];
        for (var i = 0; i < 100; i++) given[Array.IndexOf(s_names, traffic.Choose(routes)!.Provider)]++;
        for (var i = 0; i < 3; i++)
        {
            if (given[i] > 0) await providers.SendAsync(s_names[i], [.. Enumerable.Range(0, given[i]).Select(Message)], default);
        }

        return given;
    }

    private (SmsTraffic, SmsProviders) Traffic()
    {
        var options = new SmsOptions();
        (options.Weights["aliyun"], options.Weights["tencent"], options.Weights["huawei"]) = (50, 30, 20);
        _start = _clock.GetUtcNow();
        var traffic = new SmsTraffic(s_names, options, _clock, NullLogger<SmsTraffic>.Instance);
        return (traffic, new SmsProviders(_three, traffic));
    }

    private static SmsRoute Route(string provider) => new(provider, "T", "测试药房", null, SmsCapabilities.ByProvider[provider]);

    private static SmsMessage Message(int i) => new($"138{i:00000000}", "测试药房", "T", [], "m-1");
}
