using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Runs;

/// <summary>What people stop, what stops by itself and waits for them, and what starts by the clock, on each database.</summary>
public abstract class StoppingRunsContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync()
    {
        await _house.ExecuteAsync("DELETE FROM setting WHERE name = @name", new { name = RunDesk.RestoredDay });
        await _house.DisposeAsync();
    }

    private RunDesk Desk => _house.Get<RunDesk>();

    // ------------------------------------------------------------------ by people

    [DatabaseFact]
    public async Task A_run_is_paused_resumed_and_cancelled_and_each_second_time_is_refused()
    {
        var run = await RunAsync("birthday", MessageKind.Birthday);
        var target = RunTarget.Of(run);

        Assert.Equal(RunAnswer.Done, await Desk.PauseAsync(target, PauseReason.Staff, None));
        Assert.Equal((RunState.Expanded, PauseReason.Staff), await StandsAsync(run));
        Assert.Equal(RunAnswer.Already, await Desk.PauseAsync(target, PauseReason.Outage, None));
        Assert.Equal(RunAnswer.Done, await Desk.ResumeAsync(target, None));
        Assert.Equal((RunState.Expanded, null), await StandsAsync(run));
        Assert.Equal(RunAnswer.Already, await Desk.ResumeAsync(target, None));
        Assert.Equal(RunAnswer.Done, await Desk.CancelAsync(target, None));
        Assert.Equal((RunState.Cancelled, null), await StandsAsync(run));
        Assert.Equal(RunAnswer.Already, await Desk.CancelAsync(target, None));
        Assert.Equal(RunAnswer.WrongState, await Desk.PauseAsync(target, PauseReason.Staff, None));
        Assert.Equal(RunAnswer.WrongState, await Desk.ResumeAsync(target, None));
        Assert.Equal(RunAnswer.Unknown, await Desk.PauseAsync(RunTarget.Of(new RunId(1)), PauseReason.Staff, None));
        Assert.Null(await Desk.FindAsync("nothing_of_the_kind", None));
    }

    [DatabaseFact]
    public async Task A_run_of_a_campaign_and_the_campaign_move_together()
    {
        var campaign = await _house.CampaignAsync(smsFallback: false);
        var (first, second) = (await RunAsync("a", MessageKind.Promotion, campaign.Id), await RunAsync("b", MessageKind.Promotion, campaign.Id));

        Assert.Equal(RunAnswer.Done, await Desk.PauseAsync(RunTarget.Of(first), PauseReason.Staff, None));
        Assert.Equal((CampaignState.Paused, PauseReason.Staff), await CampaignStandsAsync(campaign.Id));
        Assert.Equal((RunState.Expanded, PauseReason.Staff), await StandsAsync(second));
        Assert.Equal(RunAnswer.Done, await Desk.ResumeAsync((await Desk.FindAsync(campaign.Code, None))!.Value, None));
        Assert.Equal((CampaignState.Approved, null), await CampaignStandsAsync(campaign.Id));
        Assert.Equal([(RunState.Expanded, null), (RunState.Expanded, null)], [await StandsAsync(first), await StandsAsync(second)]);
        Assert.Equal(RunAnswer.Done, await Desk.CancelAsync((await Desk.FindAsync(second.ToString(), None))!.Value, None));
        Assert.Equal(CampaignState.Cancelled, (await CampaignStandsAsync(campaign.Id)).State);
        Assert.Equal([(RunState.Cancelled, null), (RunState.Cancelled, null)], [await StandsAsync(first), await StandsAsync(second)]);
        Assert.Equal(RunAnswer.WrongState, await Desk.ResumeAsync(RunTarget.Of(campaign.Id), None));
        Assert.Null(await _house.Get<CampaignRuns>().RunAsync(campaign, "late", None));
        Assert.Equal(2, await _house.Get<CancelledRuns>().ClearAsync(None));
        Assert.Equal(2, await CountAsync("SELECT COUNT(*) FROM message WHERE state = 6 AND reason = 'cancelled' AND ready_at IS NULL"));
    }

    [DatabaseFact]
    public async Task Whoever_waits_for_runs_hears_of_each_decision_once_it_is_durable()
    {
        var run = RunTarget.Of(await RunAsync("birthday", MessageKind.Birthday));
        var next = _house.Get<OutboxSignals>().Runs.Next;
        Assert.False(next.IsCompleted);

        await Desk.PauseAsync(run, PauseReason.Staff, None);

        Assert.True(next.IsCompleted);
    }

    // ------------------------------------------------------------------ by the clock

    [DatabaseFact]
    public async Task A_campaign_starts_at_its_time_once_however_many_schedulers_there_are()
    {
        var campaign = await ScheduledAsync(TimeSpan.FromHours(2));
        await _house.ExecuteAsync("INSERT INTO member_fact (member_id, sex, joined_day, visits, spend_fen) SELECT id, 1, 1, 1, 1 FROM member WHERE id NOT IN (SELECT member_id FROM member_fact)");
        Assert.Empty(await StartAsync());
        _house.Clock.Advance(TimeSpan.FromMinutes(125));

        var runs = (await Task.WhenAll(StartAsync(), StartAsync(), StartAsync())).SelectMany(run => run).ToList();

        Assert.Single(runs.DistinctBy(run => run.Id));
        Assert.Equal([CampaignRuns.Key(campaign)], await _house.QueryAsync<string>("SELECT run_key FROM run"));
        Assert.Empty(await StartAsync());
    }

    [DatabaseFact]
    public async Task A_campaign_that_is_too_late_waits_for_a_yes_and_then_starts_now()
    {
        var campaign = await ScheduledAsync(TimeSpan.FromHours(1));
        _house.Clock.Advance(TimeSpan.FromMinutes(121));

        Assert.Empty(await StartAsync());
        Assert.Equal((CampaignState.Paused, PauseReason.PastDue), await CampaignStandsAsync(campaign));
        Assert.Equal(PauseReason.PastDue, Assert.Single(await _house.Database.ReadAsync(RunListStore.WaitingAsync, None)).Reason);
        Assert.Empty(await StartAsync());

        _house.Clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(RunAnswer.Done, await Desk.ResumeAsync(RunTarget.Of(campaign), None));
        Assert.Single(await StartAsync());
    }

    [DatabaseFact]
    public async Task A_late_campaign_that_is_cancelled_never_starts()
    {
        var campaign = await ScheduledAsync(TimeSpan.FromHours(1));
        _house.Clock.Advance(TimeSpan.FromHours(3));
        await StartAsync();

        Assert.Equal(RunAnswer.Done, await Desk.CancelAsync(RunTarget.Of(campaign), None));

        Assert.Empty(await StartAsync());
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM run"));
    }

    // ------------------------------------------------------------------ by themselves

    [DatabaseTheory]
    [InlineData(7, true)]
    [InlineData(5, false)]
    public async Task After_an_outage_what_is_promotional_and_half_sent_waits_for_a_yes(int hours, bool held)
    {
        var campaign = await _house.CampaignAsync(smsFallback: false);
        var (promotion, birthday, refill) = (await RunAsync("p", MessageKind.Promotion, campaign.Id), await RunAsync("b", MessageKind.Birthday), await RunAsync("r", MessageKind.Refill));
        var sent = await RunAsync("s", MessageKind.Birthday);
        await _house.ExecuteAsync("UPDATE message SET state = 3 WHERE run_id = @run", new { run = sent.Value });
        await _house.Leases.HoldAsync(None);
        await _house.ExecuteAsync("UPDATE shard SET lease_until = @until", new { until = TimeProvider.System.NowMs() - (long)TimeSpan.FromHours(hours).TotalMilliseconds });

        Assert.Equal(held ? 2 : 0, await _house.Get<OutageGuard>().CheckAsync(None));

        var paused = held ? PauseReason.Outage : null;
        Assert.Equal((paused, paused), ((await StandsAsync(promotion)).Paused, (await StandsAsync(birthday)).Paused));
        Assert.Equal((null, null), ((await StandsAsync(refill)).Paused, (await StandsAsync(sent)).Paused));
        Assert.Equal(held ? CampaignState.Paused : CampaignState.Approved, (await CampaignStandsAsync(campaign.Id)).State);
    }

    [DatabaseFact]
    public async Task Shards_that_were_given_back_are_no_outage()
    {
        await RunAsync("b", MessageKind.Birthday);
        await _house.Leases.HoldAsync(None);
        await _house.Leases.ReleaseAsync();

        Assert.Equal(0, await _house.Get<OutageGuard>().CheckAsync(None));
    }

    [DatabaseFact]
    public async Task In_a_database_that_went_back_in_time_nothing_is_said_again_without_a_yes()
    {
        foreach (var kind in (MessageKind[])[MessageKind.Refill, MessageKind.Birthday]) await _house.Get<TemplateStore>().ApproveAsync(MessagingHouse.Template(kind), None);
        var (promotion, refill, code) = (await RunAsync("p", MessageKind.Birthday), await RunAsync("r", MessageKind.Refill), await RunAsync("v", MessageKind.Transaction));
        var scheduled = await ScheduledAsync(TimeSpan.FromMinutes(5));
        _house.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(2, await _house.Database.WriteAsync(tx => Desk.HoldRestoredAsync(tx, PauseReason.Restored), None));

        Assert.Equal((PauseReason.Restored, PauseReason.Restored), ((await StandsAsync(promotion)).Paused, (await StandsAsync(refill)).Paused));
        Assert.Null((await StandsAsync(code)).Paused);
        Assert.Equal((CampaignState.Paused, PauseReason.Restored), await CampaignStandsAsync(scheduled));
        Assert.Empty(await StartAsync());
        foreach (var run in await _house.Get<DailySchedule>().RunDueAsync(None)) Assert.Equal(PauseReason.Restored, (await StandsAsync(run.Id)).Paused);
        _house.Clock.Advance(TimeSpan.FromDays(1));
        foreach (var run in await _house.Get<DailySchedule>().RunDueAsync(None)) Assert.Null((await StandsAsync(run.Id)).Paused);
        Assert.Equal(4, await CountAsync("SELECT COUNT(*) FROM run WHERE run_key IS NOT NULL"));
    }

    private Task<IReadOnlyList<RunResult>> StartAsync() => _house.Get<CampaignSchedule>().RunDueAsync(None);

    private async Task<CampaignId> ScheduledAsync(TimeSpan ahead)
    {
        await _house.JoinAsync("王秀兰", "19900000001", "", Purpose.MarketingSms);
        var campaign = await _house.CampaignAsync(smsFallback: false);
        var at = (_house.Clock.GetUtcNow() + ahead).ToUnixTimeMilliseconds();
        await _house.ExecuteAsync("UPDATE campaign SET scheduled_at = @at WHERE id = @id", new { at, id = campaign.Id.Value });
        return campaign.Id;
    }

    private async Task<RunId> RunAsync(string producer, MessageKind kind, CampaignId? campaign = null) => (await _house.Get<RunExpander>().ExpandAsync(
        new RunPlan(producer, kind, 1, _house.Today, campaign), [new Candidate(new MemberId(77), null, [$"{producer}:{campaign}"], "{}", _house.Clock.NowMs(), _house.Clock.NowMs() + 1)], None)).Id;

    private async Task<(RunState State, string? Paused)> StandsAsync(RunId id)
    {
        var run = (await _house.Database.ReadAsync(session => RunStore.FindAsync(session, id), None))!;
        return (run.State, run.Paused);
    }

    private async Task<(CampaignState State, string? Reason)> CampaignStandsAsync(CampaignId id) => (
        (CampaignState)await _house.ScalarAsync<long>("SELECT state FROM campaign WHERE id = @id", new { id = id.Value }),
        await _house.ScalarAsync<string?>("SELECT state_reason FROM campaign WHERE id = @id", new { id = id.Value }));

    private Task<long> CountAsync(string sql) => _house.ScalarAsync<long>(sql);
}

public sealed class StoppingRunsOnSqlite(SqliteTestDatabase database) : StoppingRunsContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class StoppingRunsOnMySql(MySqlTestDatabase database) : StoppingRunsContract(database), IClassFixture<MySqlTestDatabase>;

/// <summary>The time in a campaign's file.</summary>
public sealed class ReadingScheduledCampaigns
{
    private const string File = """{"code":"c","template":"t","audience":{"is":"all","rules":[]},"content":{"name":"n","offer":"o","validDays":1,"skus":[]},"at":"AT"}""";

    [Theory]
    [InlineData("2026-11-22T10:00:00+08:00")]
    [InlineData("2026-11-22T02:00Z")]
    public void A_time_with_its_offset_is_an_instant(string at) =>
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 2, 0, 0, TimeSpan.Zero), CampaignFile.Parse(File.Replace("AT", at, StringComparison.Ordinal)).At);

    [Theory]
    [InlineData("2026-11-22T10:00:00")]
    [InlineData("2026-11-22")]
    [InlineData("soon")]
    public void A_time_without_one_is_refused(string at) =>
        Assert.Contains("offset", Assert.Throws<System.Text.Json.JsonException>(() => CampaignFile.Parse(File.Replace("AT", at, StringComparison.Ordinal))).Message);
}
