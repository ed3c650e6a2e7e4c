using Engagement.Members;
using Engagement.Messaging;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>Runs side by side: whoever waits gets a share of every wave.</summary>
public abstract class FairShareContract(TestDatabase test) : IAsyncLifetime
{
    private const int Lanes = 4;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(
        test, new Dictionary<string, string?> { ["Dispatch:Lanes"] = $"{Lanes}", ["Dispatch:WaveSize"] = "32" });

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task Two_equal_campaigns_get_equal_parts_from_the_first_wave_on()
    {
        const int each = 300;
        await _house.ReceiptsAsync(false);
        RunId[] runs = [await RunAsync("Spring", each, Birthday), await RunAsync("Summer", each, Birthday)];

        // Until the first of them runs dry.
        for (long[] sent = [0, 0]; sent.Sum() < each;)
        {
            Assert.InRange(await _house.RoundAsync(), 1, Lanes * 32);
            sent = await SentAsync(runs);
            Assert.InRange((double)sent[0] / sent.Sum(), 0.4, 0.6);
        }
    }

    [DatabaseFact]
    public async Task Promotions_keep_a_tenth_under_a_backlog_of_reminders()
    {
        await _house.ReceiptsAsync(false);
        RunId[] runs = [await RunAsync("Recall", 450, Recall), await RunAsync("Birthday", 120, Birthday)];

        for (long[] sent = [0, 0]; sent[0] < 300;)
        {
            await _house.RoundAsync();
            sent = await SentAsync(runs);
            Assert.InRange((double)sent[1] / sent.Sum(), 0.1, 0.2);
        }
    }

    private async Task<RunId> RunAsync(string name, int count, MessageKind kind)
    {
        IReadOnlyList<MemberId> members = await _house.CrowdAsync(name, count, kind);
        return await _house.SayAsync(members, kind);
    }

    private async Task<long[]> SentAsync(RunId[] runs) =>
        [.. await Task.WhenAll(runs.Select(run => _house.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE run_id = @run AND state = 3", new { run = run.Value })))];
}

public sealed class FairSharesOnSqlite(SqliteTestDatabase database) : FairShareContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class FairSharesOnMySql(MySqlTestDatabase database) : FairShareContract(database), IClassFixture<MySqlTestDatabase>;
