using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Inbox;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Automations;

/// <summary>Birthdays and refills, day by day, on each database.</summary>
public abstract class AutomationContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?> { ["Schedule:ResumeAfter"] = "00:00:00" });
        foreach (var kind in (MessageKind[])[MessageKind.Refill, MessageKind.Birthday]) await _house.Get<TemplateStore>().ApproveAsync(MessagingHouse.Template(kind), None);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    // ------------------------------------------------------------------ refills

    [DatabaseFact]
    public async Task Two_medicines_that_end_within_a_week_share_one_message_and_go_their_own_ways_afterwards()
    {
        var member = await PatientAsync();
        var (first, second) = (await _house.TakesAsync(member, "氨氯地平", 7), await _house.TakesAsync(member, "二甲双胍", 10));
        var (end1, end2) = (_house.Today + 7, _house.Today + 10);

        Assert.Equal((1, 1), Sums(await RefillAsync()));
        Assert.Equal([Key(first, end1, -7), Key(second, end2, -7)], await KeysAsync());
        Assert.Equal([first, second], (await ParamsAsync()).Lines.Select(line => line.Id));

        var again = await RefillAsync();
        Assert.Equal((1, 0), Sums(again));
        Assert.Equal(1, again.Excluded[Reason.Already]);

        var made = new Dictionary<int, string[]>();
        for (var day = 1; day <= 14; day++)
        {
            _house.Clock.Advance(TimeSpan.FromDays(1));
            var before = await KeysAsync();
            if ((await RefillAsync()).Enqueued == 1) made[day] = [.. (await KeysAsync()).Except(before)];
        }

        Assert.Equal(new Dictionary<int, string[]>
        {
            [4] = [Key(first, end1, -3)], [7] = [Key(second, end2, -3)], [8] = [Key(first, end1, 1)], [11] = [Key(second, end2, 1)],
        }, made);
    }

    [DatabaseFact]
    public async Task A_medicine_that_ends_in_ten_days_is_no_reason_by_itself()
    {
        await _house.TakesAsync(await PatientAsync(), "二甲双胍", 10);

        Assert.Equal((0, 0), Sums(await RefillAsync()));
    }

    [DatabaseFact]
    public async Task A_day_on_which_nothing_ran_is_caught_up_and_the_last_moment_is_that_of_its_window()
    {
        await _house.TakesAsync(await PatientAsync(), "氨氯地平", 5);

        Assert.Equal((1, 1), Sums(await RefillAsync()));

        Assert.Contains(":-7", Assert.Single(await KeysAsync()));
        var lastMoment = ChinaTime.At(_house.Today + 1, new TimeOnly(20, 0)).ToUnixTimeMilliseconds() - 1;
        Assert.Equal(lastMoment, await _house.ScalarAsync<long>("SELECT not_after FROM message"));
    }

    [DatabaseFact]
    public async Task A_sensitive_medicine_makes_no_message_and_is_not_mentioned_in_one()
    {
        var member = await PatientAsync();
        await _house.TakesAsync(member, "齐多夫定", 7, sensitive: true);
        Assert.Equal(1, (await RefillAsync()).Excluded[Reason.SensitiveCategory]);

        var ordinary = await _house.TakesAsync(member, "氨氯地平", 6);
        Assert.Equal((1, 1), Sums(await RefillAsync()));
        Assert.Equal([ordinary], (await ParamsAsync()).Lines.Select(line => line.Id));
    }

    [DatabaseFact]
    public async Task What_the_member_entered_and_is_no_product_of_ours_is_reminded_of_without_a_name()
    {
        var member = await _house.JoinAsync("王秀兰", "19900000001", "oEntered", Purpose.Health, Purpose.Reminder);
        await _house.GrantAsync(member, MessageKind.Refill);
        await _house.TakesAsync(member, "老家的药", 7);
        await _house.ExecuteAsync("UPDATE therapy_line SET product_id = 0");

        Assert.Equal((1, 1), Sums(await RefillAsync()));
        await _house.RoundAsync();

        Assert.Single(await _house.TakenAsync());
        Assert.Contains("：您的药品。", Assert.Single(await _house.Get<MemberInbox>().ListAsync(member, null, 10, None)).Body, StringComparison.Ordinal);
    }

    [DatabaseTheory]
    [InlineData(Purpose.Health, "no_health_consent")]
    [InlineData(Purpose.Reminder, "no_reminder_consent")]
    public async Task Without_consent_nothing_is_made_and_a_later_consent_still_finds_its_reminder(Purpose missing, string reason)
    {
        var member = await _house.JoinAsync("赵磊", "19900000001", "", missing == Purpose.Health ? Purpose.Reminder : Purpose.Health);
        await _house.TakesAsync(member, "缬沙坦", 7);
        Assert.Equal(1, (await RefillAsync()).Excluded[reason]);

        await _house.Database.WriteAsync(tx => _house.Get<ConsentStore>().RecordAsync(tx, [new ConsentChange(member, missing, true, "v1", "miniprogram", "t", 1)]), None);

        Assert.Equal((1, 1), Sums(await RefillAsync()));
    }

    [DatabaseTheory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_line_that_was_stopped_or_has_no_known_dose_is_left_to_the_pharmacist(int state)
    {
        await _house.TakesAsync(await PatientAsync(), "氨氯地平", 7);
        await _house.ExecuteAsync("UPDATE therapy_line SET state = @state", new { state });

        Assert.Equal((0, 0), Sums(await RefillAsync()));
    }

    // ------------------------------------------------------------------ birthdays

    [DatabaseFact]
    public async Task A_birthday_is_wished_once_a_year()
    {
        var member = await BornAsync("李强", 310, 1985);

        Assert.Equal((1, 1), Sums(await BirthdayAsync()));
        Assert.Equal(1, (await BirthdayAsync()).Excluded[Reason.Already]);
        Assert.Equal([$"birthday:{member}:2026"], await KeysAsync());

        _house.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((0, 0), Sums(await BirthdayAsync()));
        _house.Clock.Advance(TimeSpan.FromDays(364));
        Assert.Equal((1, 1), Sums(await BirthdayAsync()));
    }

    [DatabaseFact]
    public async Task Nothing_is_wished_after_the_day()
    {
        var member = await BornAsync("李强", 310, 1985);
        await _house.GrantAsync(member, MessageKind.Birthday);
        _house.Clock.Advance(TimeSpan.FromHours(11));

        Assert.Equal((1, 1), Sums(await BirthdayAsync()));
        _house.Clock.Advance(TimeSpan.FromHours(13));
        await _house.RoundAsync();

        Assert.Equal(Reason.Expired, await _house.ScalarAsync<string>("SELECT reason FROM message"));
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task Children_and_those_who_never_agreed_are_left_in_peace()
    {
        await BornAsync("小明", 310, 2014);
        await BornAsync("张伟", 310, null, agreed: false);
        await BornAsync("王芳", 310, null);

        var run = await BirthdayAsync();

        Assert.Equal((3, 1), Sums(run));
        Assert.Equal((1, 1), (run.Excluded[Reason.Minor], run.Excluded[Reason.NoMarketingConsent]));
    }

    // ------------------------------------------------------------------ the schedule

    [DatabaseFact]
    public async Task Each_automation_runs_once_a_day_from_nine_on()
    {
        var schedule = _house.Get<DailySchedule>();
        _house.Clock.Set(_house.Clock.GetUtcNow().AddMinutes(-61));
        Assert.Empty(await schedule.RunDueAsync(None));

        _house.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["birthday", "refill"], (await schedule.RunDueAsync(None)).Select(run => run.Producer));
        Assert.Empty(await schedule.RunDueAsync(None));

        _house.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, (await schedule.RunDueAsync(None)).Count);
    }

    [DatabaseFact]
    public async Task A_birthday_without_its_template_stops_no_refill()
    {
        await _house.TakesAsync(await PatientAsync(), "氨氯地平", 7);
        await _house.ExecuteAsync("UPDATE template SET code = 'elsewhere' WHERE code = @code", new { code = BirthdayAutomation.Template });

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => _house.Get<DailySchedule>().RunDueAsync(None));

        Assert.Contains(BirthdayAutomation.Template, failure.Message);
        Assert.Equal([$"refill:{_house.Today}"], await _house.QueryAsync<string>("SELECT run_key FROM run"));
        Assert.Single(await KeysAsync());
    }

    [DatabaseFact]
    public async Task Automations_that_fail_together_are_told_of_together()
    {
        await _house.ExecuteAsync("UPDATE template SET code = CONCAT('not_', code)");

        var failure = await Assert.ThrowsAsync<AggregateException>(() => _house.Get<DailySchedule>().RunDueAsync(None));

        Assert.Equal(2, failure.InnerExceptions.Count);
    }

    [DatabaseFact]
    public async Task Two_schedulers_make_one_run_of_an_automation()
    {
        await BornAsync("李强", 310, 1985);

        await Task.WhenAll(_house.Get<DailySchedule>().RunDueAsync(None), _house.Get<DailySchedule>().RunDueAsync(None));

        Assert.Equal([$"birthday:{_house.Today}", $"refill:{_house.Today}"], await _house.QueryAsync<string>("SELECT run_key FROM run ORDER BY run_key"));
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM message"));
    }

    [DatabaseFact]
    public async Task A_run_that_was_cut_short_is_made_whole_with_the_plan_that_it_began_with()
    {
        await BornAsync("李强", 310, 1985);
        Assert.Equal(2, (await _house.Get<DailySchedule>().RunDueAsync(None)).Count);
        // The process died before it came to this member, and it is the next day.
        await _house.ExecuteAsync("UPDATE run SET state = @expanding WHERE producer = 'birthday'", new { expanding = (int)RunState.Expanding });
        await BornAsync("王芳", 310, 1990);
        _house.Clock.Advance(TimeSpan.FromDays(1));

        var run = Assert.Single(await _house.Get<RunResumer>().ResumeAsync(None));

        Assert.Equal(("birthday", 2, 2), (run.Producer, run.Audience, run.Enqueued));
        Assert.Empty(await _house.Get<RunResumer>().ResumeAsync(None));
    }

    private async Task<MemberId> PatientAsync() => await _house.JoinAsync("王秀兰", "19900000001", "", Purpose.Health, Purpose.Reminder);

    private async Task<MemberId> BornAsync(string name, int monthDay, int? year, bool agreed = true)
    {
        var member = agreed ? await _house.JoinAsync(name, openId: "o" + monthDay + name.GetHashCode(StringComparison.Ordinal), consents: Purpose.MarketingWeChat) : await _house.JoinAsync(name);
        await _house.ExecuteAsync("UPDATE member SET birth_md = @monthDay, birth_year = @year WHERE id = @id", new { monthDay, year, id = member.Value });
        return member;
    }

    private Task<RunResult> RefillAsync() => _house.Get<RefillAutomation>().RunAsync(None);

    private Task<RunResult> BirthdayAsync() => _house.Get<BirthdayAutomation>().RunAsync(None);

    private static (int, int) Sums(RunResult run) => (run.Audience, run.Enqueued);

    private static string Key(long line, int end, int step) => $"refill:{line}:{end}:{step}";

    private Task<List<string>> KeysAsync() => _house.QueryAsync<string>("SELECT dedupe_key FROM message_key ORDER BY dedupe_key");

    private async Task<RefillParams> ParamsAsync() => RefillParams.TryParse(await _house.ScalarAsync<string>("SELECT params FROM message"))!;
}

public sealed class AutomationsOnSqlite(SqliteTestDatabase database) : AutomationContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class AutomationsOnMySql(MySqlTestDatabase database) : AutomationContract(database), IClassFixture<MySqlTestDatabase>;

/// <summary>On which day a birthday is kept.</summary>
public sealed class KeepingBirthdays
{
    [Theory]
    [InlineData("2026-02-28", 228, 229)]
    [InlineData("2028-02-28", 228)]
    [InlineData("2028-02-29", 229)]
    [InlineData("2100-02-28", 228, 229)]
    [InlineData("2026-03-01", 301)]
    [InlineData("2026-12-31", 1231)]
    public void The_29_of_February_is_kept_on_the_28_in_common_years(string date, params int[] kept) =>
        Assert.Equal(kept, BirthdayAutomation.KeptOn(DateOnly.Parse(date)));
}
