using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>What becomes of a message between the outbox and the provider, on each database, against the real sandbox.</summary>
public abstract class DispatchContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    // ------------------------------------------------------------------ the way of a message

    [DatabaseFact]
    public async Task A_message_leaves_by_WeChat_and_its_receipt_says_that_it_arrived()
    {
        var member = await _house.JoinAsync("王秀兰🎂", openId: "oWang");
        await _house.GrantAsync(member, Recall);
        var message = await _house.EnqueueAsync(member, Recall);

        Assert.Equal(1, await _house.RoundAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, Channel.WeChatSubscribe, 1, "0"), (row.State, row.Channel, row.Attempt, row.Code));
        var taken = Assert.Single(await _house.TakenAsync());
        Assert.Equal((row.Reference, row.ProviderRef, "oWang"), (taken.Reference, taken.ProviderRef, taken.To));
        Assert.Equal(0, await _house.GrantsLeftAsync(member, Recall));
        Assert.Contains("安全通知", await _house.TextAsync(message));
        Assert.NotNull(row.Inbox);

        await _house.BecomesAsync(message, MessageState.Delivered);
        Assert.Equal(0, await _house.RoundAsync());
        Assert.Single(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task An_sms_carries_its_price_and_a_number_that_ends_in_0404_is_not_reached()
    {
        var member = await _house.JoinAsync("陈敏", "19900000404");
        var message = await _house.EnqueueAsync(member, Recall);

        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, Channel.Sms, "wechat_subscribe=no_openid"), (row.State, row.Channel, row.Verdicts));
        Assert.Equal((1, 5), (row.Segments, row.CostFen));
        await _house.BecomesAsync(message, MessageState.Undelivered);
        Assert.Equal("UNDELIV", (await _house.MessageAsync(message)).Code);
    }

    [DatabaseFact]
    public async Task Before_nine_it_waits_and_at_nine_it_leaves()
    {
        _house.Clock.Set(_house.Clock.GetUtcNow().AddHours(-3));
        var message = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000001"), Recall);

        Assert.Equal(1, await _house.RoundAsync());
        Assert.Equal((MessageState.Pending, 0), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Attempt));
        Assert.Equal(0, await _house.RoundAsync());
        Assert.Empty(await _house.TakenAsync());

        _house.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await _house.RoundAsync());
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task After_its_last_moment_it_has_expired_and_does_not_land_in_the_inbox()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000001"), Recall);
        _house.Clock.Advance(TimeSpan.FromHours(11));

        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Suppressed, Reason.Expired, null), (row.State, row.Reason, row.Inbox));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task Who_can_be_reached_by_nothing_finds_it_in_the_inbox()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("李强"), Recall);

        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Suppressed, Reason.InboxOnly, "wechat_subscribe=no_openid,sms=no_phone"), (row.State, row.Reason, row.Verdicts));
        Assert.NotNull(row.Inbox);
    }

    // ------------------------------------------------------------------ refusals

    [DatabaseFact]
    public async Task When_WeChat_counts_no_subscription_the_sms_goes_and_our_book_is_put_right()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "oWang");
        await _house.GrantAsync(member, Recall, count: 3, atWeChat: 0);
        var message = await _house.EnqueueAsync(member, Recall);

        await _house.RoundAsync();

        var refused = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Pending, "43101", _house.Clock.GetUtcNow().ToUnixTimeMilliseconds()), (refused.State, refused.Code, refused.ReadyAt));
        Assert.Equal(0, await _house.GrantsLeftAsync(member, Recall));
        var attempt = Assert.Single(await AttemptsAsync(message));
        Assert.Equal((1, (long)Channel.WeChatSubscribe, "43101", refused.Reference), (attempt.No, attempt.Channel, attempt.Code, attempt.Reference));

        await _house.RoundAsync();

        var sent = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Sent, Channel.Sms, 2), (sent.State, sent.Channel, sent.Attempt));
        Assert.NotEqual(attempt.Reference, sent.Reference);
        Assert.Equal("wechat_subscribe=refused_before", sent.Verdicts);
        Assert.Equal("aliyun_sms", Assert.Single(await _house.TakenAsync()).Channel);
        await _house.BecomesAsync(message, MessageState.Delivered);
    }

    [DatabaseFact]
    public async Task When_every_channel_has_refused_it_has_failed_and_waits_in_the_inbox()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "oWang");
        await _house.GrantAsync(member, Recall, count: 1, atWeChat: 0);
        await _house.FaultsAsync(new { channel = "aliyun_sms", recipients = new Dictionary<string, string> { ["19900000001"] = "isv.MOBILE_NUMBER_ILLEGAL" } });
        var message = await _house.EnqueueAsync(member, Recall);

        for (var round = 0; round < 3; round++) await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Failed, Reason.ProviderRefused, 2), (row.State, row.Reason, row.Attempt));
        Assert.NotNull(row.Inbox);
        Assert.Equal((0, 0), (row.Segments, row.CostFen));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task A_passing_refusal_is_tried_again_ever_later_and_at_last_given_up()
    {
        await _house.FaultsAsync(new { errorShare = new Dictionary<string, double> { ["isp.SYSTEM_ERROR"] = 1 } });
        var message = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000001"), Recall);

        for (var attempt = 1; attempt < 6; attempt++)
        {
            Assert.Equal(1, await _house.RoundAsync());
            var row = await _house.MessageAsync(message);
            Assert.Equal((MessageState.Pending, attempt, "isp.SYSTEM_ERROR"), (row.State, row.Attempt, row.Code));
            var pause = TimeSpan.FromMilliseconds(row.ReadyAt!.Value - _house.Clock.GetUtcNow().ToUnixTimeMilliseconds());
            Assert.InRange(pause, TimeSpan.FromSeconds(5 << (attempt - 1)), TimeSpan.FromSeconds(7.5 * (1 << (attempt - 1))));
            _house.Clock.Advance(pause - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, await _house.RoundAsync());
            _house.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        await _house.RoundAsync();
        var given = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Failed, Reason.ProviderRefused, 6), (given.State, given.Reason, given.Attempt));
        Assert.Equal(Enumerable.Range(1, 5).Select(no => (long)no), (await AttemptsAsync(message)).Select(a => a.No));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task A_refusal_that_is_not_about_the_subscription_gives_it_back()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "oWang");
        await _house.GrantAsync(member, Recall);
        await _house.FaultsAsync(new { channel = "wechat_subscribe", errorShare = new Dictionary<string, double> { ["45009"] = 1 } });
        var message = await _house.EnqueueAsync(member, Recall);

        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Pending, "45009"), (row.State, row.Code));
        Assert.Equal(TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(row.ReadyAt!.Value - _house.Clock.GetUtcNow().ToUnixTimeMilliseconds()));
        Assert.Equal(1, await _house.GrantsLeftAsync(member, Recall));

        await _house.FaultsAsync(new { });
        _house.Clock.Advance(TimeSpan.FromMinutes(10));
        await _house.RoundAsync();
        Assert.Equal((MessageState.Sent, Channel.WeChatSubscribe), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Channel));
        Assert.Equal(0, await _house.GrantsLeftAsync(member, Recall));
    }

    // ------------------------------------------------------------------ owners

    [DatabaseFact]
    public async Task An_owner_who_has_lost_the_shard_sends_nothing()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000001"), Recall);
        var old = await _house.Leases.HoldAsync(None);
        var (leases, other) = _house.AnotherWorker();
        var present = await leases.HoldAsync(None);

        Assert.Equal(64, present.Count);
        Assert.Equal(0, await _house.Get<Dispatcher>().RoundAsync(old, None));
        Assert.Equal((MessageState.Pending, 0), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Attempt));
        Assert.Empty(await _house.TakenAsync());

        Assert.Equal(1, await other.RoundAsync(present, None));
        Assert.Single(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task Two_workers_at_once_send_each_message_once()
    {
        var messages = new List<MessageId>();
        for (var i = 0; i < 40; i++) messages.Add(await _house.EnqueueAsync(await _house.JoinAsync("陈敏", $"199000001{i:D2}"), Recall));
        var old = await _house.Leases.HoldAsync(None);
        var (leases, other) = _house.AnotherWorker();

        var first = _house.Get<Dispatcher>().RoundAsync(old, None);
        var second = other.RoundAsync(await leases.HoldAsync(None), None);
        await Task.WhenAll(first, second);
        while (await other.RoundAsync(await leases.HoldAsync(None), None) > 0) { }

        var taken = await _house.TakenAsync();
        Assert.Equal(taken.Count, taken.DistinctBy(m => m.To).Count());
        foreach (var message in messages) Assert.True((await _house.MessageAsync(message)).State is MessageState.Sent or MessageState.InDoubt);
        Assert.Equal(40, taken.Count);
    }

    [DatabaseFact]
    public async Task What_a_lost_owner_had_on_the_wire_is_in_doubt_and_its_late_answer_still_counts()
    {
        var member = await _house.JoinAsync("陈敏", "19900000001");
        var message = await _house.EnqueueAsync(member, Recall);
        var shard = (await _house.Leases.HoldAsync(None)).Single(s => s.Id == Shards.Of(member));
        var decisions = SmsBatches.Arrange(await _house.Get<WavePlanner>().PlanAsync(new Lane(0, 1), [shard.Id], None));
        var intents = await _house.Database.WriteAsync(tx => IntentStore.WriteAsync(tx, [shard], decisions, _house.Clock.GetUtcNow().ToUnixTimeMilliseconds()), None);
        Assert.Equal(MessageState.Sending, (await _house.MessageAsync(message)).State);

        var (leases, other) = _house.AnotherWorker();
        var present = await leases.HoldAsync(None);
        var lost = await _house.MessageAsync(message);
        Assert.Equal((MessageState.InDoubt, "owner_lost"), (lost.State, lost.Code));
        Assert.Equal(0, await other.RoundAsync(present, None));

        await _house.Database.WriteAsync(tx => OutcomeStore.RecordAsync(
            tx, [new Outcome(Assert.Single(intents.Sends), SendResult.Ok("OK", "biz-1"))], _house.Clock.GetUtcNow().ToUnixTimeMilliseconds(), 6), None);
        Assert.Equal((MessageState.Sent, "biz-1"), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).ProviderRef));
    }

    // ------------------------------------------------------------------ what changed between plan and intent

    [DatabaseFact]
    public async Task A_consent_withdrawn_between_plan_and_intent_stops_the_message()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "", Purpose.Membership);
        var message = await _house.EnqueueAsync(member, Transaction);
        var shard = (await _house.Leases.HoldAsync(None)).Single(s => s.Id == Shards.Of(member));
        var decisions = await _house.Get<WavePlanner>().PlanAsync(new Lane(0, 1), [shard.Id], None);
        Assert.IsType<SendDecision>(Assert.Single(decisions));

        await _house.WithdrawAsync(member, Purpose.Membership);

        Assert.Empty((await _house.Database.WriteAsync(tx => IntentStore.WriteAsync(tx, [shard], decisions, 0), None)).Sends);
        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(message)).State);
        await _house.RoundAsync();
        Assert.Equal((MessageState.Suppressed, Reason.NoMembershipConsent), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Reason));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task A_medicine_bought_meanwhile_is_not_asked_for_and_the_other_one_is()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "", Purpose.Health, Purpose.Reminder);
        var (first, second) = (await _house.TakesAsync(member, "氨氯地平", 5), await _house.TakesAsync(member, "二甲双胍", 6));
        var both = await _house.EnqueueAsync(member, Refill, Lines((first, 5), (second, 6)));
        await _house.ExecuteAsync("UPDATE therapy_line SET coverage_end = coverage_end + 28 WHERE id = @first", new { first });
        await _house.RoundAsync();
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(both)).State);
        var inbox = _house.Get<FieldCipher>().Decrypt(WavePlanner.InboxColumn, both.Value, (await _house.MessageAsync(both)).Inbox);
        Assert.Contains("二甲双胍片", inbox);
        Assert.DoesNotContain("氨氯地平", inbox);

        var none = await _house.EnqueueAsync(member, Refill, Lines((first, 5)));
        await _house.RoundAsync();
        Assert.Equal((MessageState.Suppressed, Reason.Refilled), ((await _house.MessageAsync(none)).State, (await _house.MessageAsync(none)).Reason));
    }

    [DatabaseFact]
    public async Task A_member_who_was_erased_meanwhile_gets_nothing()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001");
        var message = await _house.EnqueueAsync(member, Recall);
        await _house.ExecuteAsync("UPDATE member SET erased_at = 1, gate_version = gate_version + 1 WHERE id = @id", new { id = member.Value });

        await _house.RoundAsync();

        Assert.Equal(Reason.Erased, (await _house.MessageAsync(message)).Reason);
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task A_member_whose_row_is_gone_costs_nobody_else_anything()
    {
        var (gone, there) = (await _house.JoinAsync("王秀兰", "19900000001"), await _house.JoinAsync("李强", "19900000002"));
        var (lost, sent) = (await _house.EnqueueAsync(gone, Recall), await _house.EnqueueAsync(there, Recall));
        await _house.TogetherAsync(lost, sent);
        await _house.ExecuteAsync("DELETE FROM member WHERE id = @id", new { id = gone.Value });

        await _house.RoundAsync();

        Assert.Equal((MessageState.Suppressed, Reason.Erased), ((await _house.MessageAsync(lost)).State, (await _house.MessageAsync(lost)).Reason));
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(sent)).State);
    }

    [DatabaseFact]
    public async Task A_cancelled_run_says_nothing_more()
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", "19900000001"), Recall);
        await _house.ExecuteAsync("UPDATE run SET state = 4");

        await _house.RoundAsync();

        Assert.Equal(Reason.Cancelled, (await _house.MessageAsync(message)).Reason);
    }

    [DatabaseFact]
    public async Task A_wave_takes_the_oldest_of_each_shard_so_that_a_full_one_hides_no_other()
    {
        var messages = new List<MessageId>();
        for (var i = 0; i < 5; i++) messages.Add(await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", $"1990000010{i}"), Recall));
        await _house.TogetherAsync([.. messages]);
        await _house.ExecuteAsync("UPDATE message SET shard = 8 WHERE id = @id", new { id = messages[4].Value });
        await _house.ExecuteAsync("UPDATE message SET run_id = (SELECT MIN(id) FROM run)");
        var run = (await _house.Database.ReadAsync(session => DueStore.RunsAsync(session, 0), None)).MinBy(open => open.Id.Value)!;

        var due = await _house.Database.ReadAsync(session => DueStore.DueAsync(session, [new DueAsk(run, 7, 2), new DueAsk(run, 8, 2)], _house.Clock.NowMs()), None);

        Assert.Equal([messages[0], messages[1], messages[4]], due.Select(found => found.Message.Id));
        Assert.Equal([7, 7, 8], due.Select(found => found.Message.Shard));
    }

    [DatabaseFact]
    public async Task A_shard_that_cannot_be_worked_on_does_not_hold_up_the_others()
    {
        var (stuck, free) = (await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", "19900000001"), Recall), await _house.EnqueueAsync(await _house.JoinAsync("李强", "19900000002"), Recall));
        await _house.ExecuteAsync("UPDATE message SET shard = 0 WHERE id = @id", new { id = stuck.Value });
        await _house.ExecuteAsync("UPDATE message SET shard = 60 WHERE id = @id", new { id = free.Value });
        await _house.ExecuteAsync(_house.Database.Dialect == Dialect.MySql
            ? "CREATE TRIGGER broken BEFORE UPDATE ON message FOR EACH ROW IF OLD.shard = 0 THEN SIGNAL SQLSTATE '45000'; END IF"
            : "CREATE TRIGGER broken BEFORE UPDATE ON message WHEN OLD.shard = 0 BEGIN SELECT RAISE(ABORT, 'broken'); END");

        await Assert.ThrowsAsync<AggregateException>(_house.RoundAsync);
        await _house.ExecuteAsync("DROP TRIGGER broken");

        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(stuck)).State);
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(free)).State);
    }

    // ------------------------------------------------------------------ promotions

    [DatabaseFact]
    public async Task A_member_gets_one_promotion_a_day()
    {
        var member = await _house.JoinAsync("周芳", "19900000001", "oZhou", Purpose.MarketingWeChat);
        await _house.GrantAsync(member, Promotion, 3);
        var campaign = await _house.CampaignAsync(smsFallback: false);
        var (first, second) = (await _house.EnqueueAsync(member, Promotion, campaign: campaign.Id), await _house.EnqueueAsync(member, Promotion, campaign: campaign.Id));

        Assert.Equal(1, await _house.RoundAsync());
        Assert.Equal(1, await _house.RoundAsync());

        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(first)).State);
        var capped = await _house.MessageAsync(second);
        Assert.Equal((MessageState.Suppressed, Reason.CapReached), (capped.State, capped.Reason));
        Assert.NotNull(capped.Inbox);

        _house.Clock.Advance(TimeSpan.FromDays(1));
        var third = await _house.EnqueueAsync(member, Promotion, campaign: campaign.Id);
        await _house.RoundAsync();
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(third)).State);
    }

    [DatabaseFact]
    public async Task A_promotion_of_what_has_become_a_prescription_product_is_stopped_at_the_door()
    {
        var member = await _house.JoinAsync("周芳", "19900000001", "oZhou", Purpose.MarketingWeChat);
        await _house.GrantAsync(member, Promotion);
        var campaign = await _house.CampaignAsync(smsFallback: false);
        var message = await _house.EnqueueAsync(member, Promotion, campaign: campaign.Id);
        await _house.ExecuteAsync("UPDATE product SET class = 1 WHERE sku = '500022'");

        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Suppressed, Reason.PrescriptionGuard, null), (row.State, row.Reason, row.Inbox));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task A_promotion_goes_by_sms_only_when_its_campaign_and_the_provider_take_it()
    {
        var member = await _house.JoinAsync("周芳", "19900000001", "", Purpose.MarketingSms);
        var message = await _house.EnqueueAsync(member, Promotion, campaign: (await _house.CampaignAsync(smsFallback: true)).Id);

        await _house.RoundAsync();

        var row = await _house.MessageAsync(message);
        Assert.Equal((Reason.InboxOnly, "wechat_subscribe=no_channel_consent,sms=sms_not_for_promotion"), (row.Reason, row.Verdicts));
    }

    private static string Lines(params (long Id, int EndsIn)[] lines)
    {
        var today = new ManualClock().Today();
        return new RefillParams([.. lines.Select(line => new RefillLine(line.Id, today + line.EndsIn))]).ToJson();
    }

    private Task<List<AttemptRow>> AttemptsAsync(MessageId message) => _house.QueryAsync<AttemptRow>(
        "SELECT attempt_no AS No, channel AS Channel, outcome_code AS Code, reference AS Reference FROM attempt WHERE message_id = @id ORDER BY attempt_no", new { id = message.Value });

    private sealed record AttemptRow
    {
        public long No { get; init; }
        public long Channel { get; init; }
        public string? Code { get; init; }
        public string? Reference { get; init; }
    }
}

public sealed class DispatchOnSqlite(SqliteTestDatabase database) : DispatchContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class DispatchOnMySql(MySqlTestDatabase database) : DispatchContract(database), IClassFixture<MySqlTestDatabase>;
