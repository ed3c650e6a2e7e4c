using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Inbox;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Inbox;

public abstract class InboxContract(TestDatabase database)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Purpose[] s_refill = [Purpose.Membership, Purpose.Health, Purpose.Reminder];

    [DatabaseFact]
    public async Task A_message_lands_in_the_inbox_though_no_channel_carries_it_and_says_why_it_came()
    {
        await using var house = await MessagingHouse.OpenAsync(database);
        var member = await house.JoinAsync("王芳", consents: s_refill);
        await house.TakesAsync(member, "氨氯地平", endsIn: 6);
        await RefillsAsync(house);
        await house.RoundAsync();

        var inbox = house.Get<MemberInbox>();
        var item = Assert.Single(await inbox.ListAsync(member, null, 10, None));
        Assert.Equal((MessageKind.Refill, false, "pages/plan/index"), (item.Kind, item.Read, item.Page!.Split('?')[0]));
        Assert.Contains("氨氯地平", item.Body, StringComparison.Ordinal);
        Assert.Equal(1, await UnreadAsync(house, member));

        var opened = (await inbox.OpenAsync(member, item.Id, None))!;
        Assert.Contains("健康信息", opened.Why.Zh, StringComparison.Ordinal);
        Assert.True(opened.On);
        Assert.Equal(0, await UnreadAsync(house, member));
        await inbox.OpenAsync(member, item.Id, None);
        Assert.True(Assert.Single(await inbox.ListAsync(member, null, 10, None)).Read);
    }

    [DatabaseFact]
    public async Task Nobody_opens_the_message_of_another()
    {
        await using var house = await MessagingHouse.OpenAsync(database);
        var (member, other) = (await house.JoinAsync("王芳", consents: s_refill), await house.JoinAsync("李明", consents: s_refill));
        await house.TakesAsync(member, "氨氯地平", endsIn: 6);
        await RefillsAsync(house);
        await house.RoundAsync();
        var inbox = house.Get<MemberInbox>();
        var item = Assert.Single(await inbox.ListAsync(member, null, 10, None));

        Assert.Empty(await inbox.ListAsync(other, null, 10, None));
        Assert.Null(await inbox.OpenAsync(other, item.Id, None));
        Assert.Equal(1, await UnreadAsync(house, member));
    }

    [DatabaseFact]
    public async Task A_kind_that_is_switched_off_comes_no_more_and_what_waits_of_it_ends()
    {
        await using var house = await MessagingHouse.OpenAsync(database);
        var member = await house.JoinAsync("王芳", "13900000001", consents: s_refill);
        await house.TakesAsync(member, "氨氯地平", endsIn: 6);
        house.Clock.Set(ChinaTime.At(house.Today, new TimeOnly(7, 0)));
        await RefillsAsync(house);
        await house.RoundAsync();
        var waiting = await OnlyMessageAsync(house);
        Assert.Equal(MessageState.Pending, (await house.MessageAsync(waiting)).State);

        Assert.True(await SwitchAsync(house, member, MessageKind.Refill, on: false));
        await house.Get<EventApplier>().ApplyAsync(None);
        await house.RoundAsync();

        Assert.Equal((MessageState.Suppressed, Reason.SwitchedOff), ((await house.MessageAsync(waiting)).State, (await house.MessageAsync(waiting)).Reason));
        Assert.Empty(await house.Get<MemberInbox>().ListAsync(member, null, 10, None));
        Assert.False(await SwitchAsync(house, member, MessageKind.Recall, on: false));
        Assert.True(await SwitchAsync(house, member, MessageKind.Refill, on: true));
        Assert.Equal(0, await house.ScalarAsync<long>("SELECT muted_kinds FROM member WHERE id = @id", new { id = member.Value }));
    }

    [DatabaseFact]
    public async Task A_tip_and_an_offer_are_a_day_apart_also_when_only_the_inbox_has_them()
    {
        await using var house = await MessagingHouse.OpenAsync(database);
        var member = await house.JoinAsync("王芳", consents: [Purpose.Membership, Purpose.MarketingWeChat, Purpose.Tips]);
        var campaign = await house.CampaignAsync(smsFallback: false);
        var soon = house.Clock.GetUtcNow().AddHours(4).ToUnixTimeMilliseconds();
        var nextWeek = house.Clock.GetUtcNow().AddDays(6).ToUnixTimeMilliseconds();

        var offer = await house.EnqueueAsync(member, MessageKind.Promotion, soon, campaign: campaign.Id);
        await house.RoundAsync();
        var hurried = await house.EnqueueAsync(member, MessageKind.Tip, soon);
        await house.RoundAsync();
        var patient = await house.EnqueueAsync(member, MessageKind.Tip, nextWeek);
        await house.RoundAsync();

        Assert.Equal(Reason.InboxOnly, (await house.MessageAsync(offer)).Reason);
        Assert.Equal((MessageState.Suppressed, Reason.TipAndOffer), ((await house.MessageAsync(hurried)).State, (await house.MessageAsync(hurried)).Reason));
        Assert.Equal(MessageState.Pending, (await house.MessageAsync(patient)).State);
        Assert.Equal([MessageKind.Promotion], (await house.Get<MemberInbox>().ListAsync(member, null, 10, None)).Select(item => item.Kind));

        house.Clock.Advance(TimeSpan.FromHours(24));
        await house.RoundAsync();
        Assert.Equal([MessageKind.Tip, MessageKind.Promotion], (await house.Get<MemberInbox>().ListAsync(member, null, 10, None)).Select(item => item.Kind));
    }

    [DatabaseTheory]
    [InlineData(RefillAnswer.Bought, 28, Reason.Refilled)]
    [InlineData(RefillAnswer.StillHave, 20, Reason.Refilled)]
    [InlineData(RefillAnswer.Stopped, null, Reason.Answered)]
    [InlineData(RefillAnswer.Later, null, Reason.Answered)]
    public async Task An_answer_ends_the_reminder_that_waits(RefillAnswer answer, int? days, string reason)
    {
        await using var house = await MessagingHouse.OpenAsync(database);
        var (member, line) = await WaitingAsync(house);
        var waiting = await OnlyMessageAsync(house);

        Assert.Equal(CareOutcome.Done, await house.Get<CareDesk>().AnswerAsync(member, line, answer, days, Teller.Member, None));
        await house.Get<EventApplier>().ApplyAsync(None);
        await house.RoundAsync();

        var message = await house.MessageAsync(waiting);
        Assert.Equal((MessageState.Suppressed, reason), (message.State, message.Reason));
        Assert.Empty(await house.Get<MemberInbox>().ListAsync(member, null, 10, None));
    }

    [DatabaseFact]
    public async Task Who_asks_for_it_later_is_reminded_on_the_third_day_and_once()
    {
        await using var house = await MessagingHouse.OpenAsync(database);
        var (member, line) = await WaitingAsync(house);
        await house.Get<CareDesk>().AnswerAsync(member, line, RefillAnswer.Later, null, Teller.Member, None);
        var made = 0L;
        for (var day = 0; day < 6; day++)
        {
            await RefillsAsync(house);
            var now = await house.ScalarAsync<long>("SELECT COUNT(*) FROM message");
            if (day is 1 or 2) Assert.Equal(1, now);
            if (day == 3) made = now;
            house.Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(2, made);
        Assert.Equal(2, await house.ScalarAsync<long>("SELECT COUNT(*) FROM message"));
    }

    // A reminder that waits for the morning; the line rests on a statement, as a ticket would let it.
    private static async Task<(MemberId Member, long Line)> WaitingAsync(MessagingHouse house)
    {
        var member = await house.JoinAsync("王芳", "13900000001", consents: s_refill);
        await house.TakesAsync(member, "氨氯地平", endsIn: 6);
        await house.ExecuteAsync("DELETE FROM therapy_line");
        var (_, line) = await house.Get<CareDesk>().AddAsync(member, new NewTherapy("氨氯地平", "5mg", new Dose(1, "片", 1, []), 6), Teller.Member, None);
        house.Clock.Set(ChinaTime.At(house.Today, new TimeOnly(7, 0)));
        await RefillsAsync(house);
        await house.RoundAsync();
        return (member, line!.Value);
    }

    private static async Task<MessageId> OnlyMessageAsync(MessagingHouse house) => new(Assert.Single(await house.QueryAsync<long>("SELECT id FROM message")));

    private static async Task RefillsAsync(MessagingHouse house)
    {
        await house.Get<TemplateStore>().ApproveAsync(MessagingHouse.Template(MessageKind.Refill), None);
        await house.Get<RefillAutomation>().RunAsync(None);
    }

    private static Task<long> UnreadAsync(MessagingHouse house, MemberId member) => house.Database.ReadAsync(session => MemberInbox.UnreadAsync(session, member), None);

    private static Task<bool> SwitchAsync(MessagingHouse house, MemberId member, MessageKind kind, bool on) =>
        house.Database.WriteAsync(tx => house.Get<KindSwitches>().SetAsync(tx, member, kind, on), None);
}

public sealed class InboxOnSqlite(SqliteTestDatabase database) : InboxContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class InboxOnMySql(MySqlTestDatabase database) : InboxContract(database), IClassFixture<MySqlTestDatabase>;
