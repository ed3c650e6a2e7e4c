using System.Diagnostics;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Settling;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>Waves under a rate budget.</summary>
public abstract class WaveBudgetContract(TestDatabase test) : IAsyncLifetime
{
    private const int Messages = 20;
    private const int PerSecond = 10;
    private const int Burst = 5;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(
        test, new Dictionary<string, string?> { ["Rates:WeChat"] = $"{PerSecond}", ["Rates:Burst"] = "00:00:00.5" });

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task What_the_budget_leaves_stays_due_and_unwritten_and_goes_in_its_time()
    {
        await _house.SayAsync(await _house.CrowdAsync("Rate", Messages, Birthday), Birthday);
        var due = _house.Clock.NowMs();
        var started = Stopwatch.GetTimestamp();

        var first = await _house.RoundAsync();

        // The bucket fills while the wave is planned: one more for each tenth of a second.
        Assert.InRange(first, Burst, Burst + 1 + (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * PerSecond));
        Assert.Equal(first, await SentAsync());
        Assert.Equal(Messages - first, await _house.ScalarAsync<long>(
            "SELECT COUNT(*) FROM message WHERE state = 1 AND attempt_no = 0 AND ready_at = @due AND intent_at IS NULL AND verdicts IS NULL", new { due }));
        Assert.Equal(Messages - first, await _house.ScalarAsync<long>("SELECT SUM(remaining) FROM wechat_grant"));

        await Eventually.True(async () => await _house.RoundAsync() >= 0 && await SentAsync() == Messages);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, (Messages - Burst - 1.0) / PerSecond, 20);
        Assert.Equal(Messages, (await _house.TakenAsync()).Count);
    }

    [DatabaseFact]
    public async Task A_reminder_in_doubt_that_finds_no_other_way_stays_in_doubt_for_good()
    {
        var member = await _house.JoinAsync("王秀兰", openId: "oWang");
        await _house.GrantAsync(member, Recall);
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.FaultsAsync(new { dropAfterAcceptShare = 1 });
        await _house.ReceiptsAsync(false);
        await _house.RoundAsync();
        await _house.FaultsAsync(new { });
        await _house.GrantAsync(member, Recall);
        _house.Clock.Advance(DoubtPolicy.Wait);
        await _house.Get<Settler>().RoundAsync(CancellationToken.None);
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(message)).State);

        Assert.Equal(1, await _house.RoundAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.InDoubt, Reason.ProviderRefused, null, 1), (row.State, row.Reason, row.ReadyAt, row.Attempt));
        Assert.Equal("wechat_subscribe=refused_before,sms=no_phone", row.Verdicts);
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT possibly_twice FROM message"));
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM dead_letter"));
        _house.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await _house.RoundAsync() + await _house.Get<Settler>().RoundAsync(CancellationToken.None));
        Assert.Single(await _house.TakenAsync());
    }

    private Task<long> SentAsync() => _house.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE state = 3");
}

public sealed class WaveBudgetOnSqlite(SqliteTestDatabase database) : WaveBudgetContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class WaveBudgetOnMySql(MySqlTestDatabase database) : WaveBudgetContract(database), IClassFixture<MySqlTestDatabase>;
