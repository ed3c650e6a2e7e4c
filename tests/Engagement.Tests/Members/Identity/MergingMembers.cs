using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Merges;
using Engagement.Members.Staff;
using Engagement.Storage.Audit;
using Engagement.Storage.Events;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Identity;

/// <summary>Two records become one and two again, on each database.</summary>
public abstract class MergingMembersContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private IdentityDesks _desks = null!;

    public async Task InitializeAsync() => _desks = await IdentityDesks.OpenAsync(test);

    public async Task DisposeAsync() => await _desks.DisposeAsync();

    [DatabaseFact]
    public async Task Everything_of_the_one_goes_to_the_other_and_comes_back()
    {
        var kept = await _desks.TillMemberAsync("13810000001", "王秀兰");
        var app = await _desks.MemberAsync("oMerge", "13810000002");
        var gone = app.Member!.Value;
        await _desks.TicketAsync(kept, "M-1");
        await _desks.TicketAsync(gone, "M-2");
        Assert.Equal(MergeOutcome.Done, await MergeAsync(kept, gone));

        Assert.Null(await _desks.RecordAsync(gone));
        Assert.Equal(2, await TicketsAsync(kept));
        Assert.Equal(2, await _desks.CountAsync("SELECT visits FROM member_fact WHERE member_id = @id", new { id = kept.Value }));
        Assert.Equal(kept, (await _desks.NowAsync(app)).Member);
        Assert.Equal(kept, (await _desks.SignInAsync("oMerge")).Member);
        // The verified number beats the till's; the name stays.
        var record = (await _desks.RecordAsync(kept))!;
        Assert.Equal(("王秀兰", "13810000002"), (record.Name, record.Phone));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM member_alias WHERE member_id = @id AND member_no = @no", new { id = kept.Value, no = $"{gone}" }));

        Assert.Equal(MergeOutcome.Done, await _desks.PartAsync(gone));

        Assert.Equal((1, 1), (await TicketsAsync(kept), await TicketsAsync(gone)));
        Assert.Equal(gone, (await _desks.NowAsync(app)).Member);
        Assert.Equal(gone, (await _desks.SignInAsync("oMerge")).Member);
        Assert.Equal(("13810000001", "13810000002"), ((await _desks.RecordAsync(kept))!.Phone, (await _desks.RecordAsync(gone))!.Phone));
        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_alias WHERE member_id = @id", new { id = kept.Value }));
        Assert.Equal(MergeOutcome.TooLate, await _desks.PartAsync(gone));
    }

    [DatabaseFact]
    public async Task A_refusal_on_either_record_wins_and_health_consent_stays_with_its_name()
    {
        var kept = await _desks.TillMemberAsync("13810000003", "李强");
        var gone = await _desks.TillMemberAsync("13810000003", "李芳");
        await _desks.ConsentAsync(kept, Purpose.MarketingSms, true);
        await _desks.ConsentAsync(gone, Purpose.MarketingSms, false);
        await _desks.ConsentAsync(gone, Purpose.Health, true);
        await _desks.ConsentAsync(gone, Purpose.Tips, true);
        await _desks.WriteAsync("DELETE FROM event");

        Assert.Equal(MergeOutcome.Done, await MergeAsync(kept, gone));

        var states = (await _desks.Database.ReadAsync(session => _desks.Desk<ConsentDesk>().ListAsync(session, kept), None)).ToDictionary(state => state.Purpose, state => state.Given);
        Assert.Equal((false, true, null), (states[Purpose.MarketingSms], states[Purpose.Tips], states[Purpose.Health]));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM event WHERE kind = @kind", new { kind = EventKind.ConsentWithdrawn }));
    }

    [DatabaseFact]
    public async Task What_either_knew_of_allergies_and_conditions_the_one_knows_until_they_are_parted()
    {
        var (kept, gone) = (await HealthyAsync("13810000009", "王秀兰", ["高血压"], ["青霉素"]), await HealthyAsync("13810000009", "王秀兰", ["高血压", "糖尿病"], ["青霉素", "头孢"]));

        await MergeAsync(kept, gone);

        Assert.Equal("高血压、糖尿病；青霉素、头孢", await HealthAsync(kept));
        Assert.Equal("；", await HealthAsync(gone));

        await _desks.Desk<HealthBook>().SetAsync(kept, new HealthProfile(["高血压", "糖尿病"], ["青霉素", "头孢", "花生"]), None);
        await _desks.PartAsync(gone);

        Assert.Equal("高血压；青霉素、花生", await HealthAsync(kept));
        Assert.Equal("高血压、糖尿病；青霉素、头孢", await HealthAsync(gone));
        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_merge_health"));
    }

    [DatabaseFact]
    public async Task Who_takes_the_health_consent_back_after_a_merge_takes_back_what_came_with_it()
    {
        var (kept, gone) = (await HealthyAsync("13810000010", "赵敏", [], []), await HealthyAsync("13810000010", "赵敏", ["痛风"], ["头孢"]));
        await MergeAsync(kept, gone);

        await _desks.ConsentAsync(kept, Purpose.Health, false);

        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_health WHERE member_id IN (@kept, @gone)", new { kept = kept.Value, gone = gone.Value }));
        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_merge_health"));
    }

    [DatabaseFact]
    public async Task Allergies_of_another_name_do_not_cross()
    {
        var (kept, gone) = (await HealthyAsync("13810000011", "李强", [], ["青霉素"]), await HealthyAsync("13810000011", "李芳", [], ["头孢"]));

        await MergeAsync(kept, gone);

        Assert.Equal("；青霉素", await HealthAsync(kept));
    }

    [DatabaseFact]
    public async Task What_was_allowed_in_WeChat_goes_with_the_openid_and_comes_back_with_it()
    {
        var kept = await _desks.TillMemberAsync("13810000012", "孙丽");
        var gone = (await _desks.MemberAsync("oGrants", "13810000013")).Member!.Value;
        await GrantAsync(gone, "T1", 2);
        await GrantAsync(gone, "T2", 1);
        await GrantAsync(kept, "T2", 5);

        await MergeAsync(kept, gone);
        Assert.Equal((2, 5, 1), (await GrantsAsync(kept, "T1"), await GrantsAsync(kept, "T2"), await GrantsAsync(gone, "T2")));

        await _desks.WriteAsync("UPDATE wechat_grant SET remaining = 1 WHERE member_id = @member AND template_id = 'T1'", new { member = kept.Value });
        await _desks.PartAsync(gone);
        Assert.Equal((1, 1, 5, 0), (await GrantsAsync(gone, "T1"), await GrantsAsync(gone, "T2"), await GrantsAsync(kept, "T2"), await GrantsAsync(kept, "T1")));
        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_merge_grant"));
    }

    [DatabaseFact]
    public async Task A_sign_in_during_the_merge_goes_back_with_its_openid()
    {
        var kept = await _desks.TillMemberAsync("13810000014", "孙丽");
        var gone = (await _desks.MemberAsync("oDuring", "13810000015")).Member!.Value;
        await _desks.WriteAsync("INSERT INTO member_identity (account, openid, member_id) VALUES (@account, 'oOwn', @kept)", new { account = IdentityDesks.Account, kept = kept.Value });
        await MergeAsync(kept, gone);
        var (during, others) = (await _desks.SignInAsync("oDuring"), await _desks.SignInAsync("oOwn"));
        Assert.Equal((kept, kept), (during.Member, others.Member));

        await _desks.PartAsync(gone);

        Assert.Equal(gone, (await _desks.NowAsync(during)).Member);
        Assert.Equal(kept, (await _desks.NowAsync(others)).Member);
    }

    [DatabaseFact]
    public async Task A_yes_that_came_with_the_other_record_goes_with_it_and_what_was_answered_stays()
    {
        var (kept, gone) = (await _desks.TillMemberAsync("13810000016", "李强"), await _desks.TillMemberAsync("13810000016", "李芳"));
        await _desks.ConsentAsync(kept, Purpose.Reminder, true);
        foreach (var purpose in (Purpose[])[Purpose.MarketingSms, Purpose.Reminder, Purpose.Tips]) await _desks.ConsentAsync(gone, purpose, true);
        await MergeAsync(kept, gone);
        // Taken back and given again: that yes is nobody else's.
        await _desks.ConsentAsync(kept, Purpose.Tips, false);
        await _desks.ConsentAsync(kept, Purpose.Tips, true);

        await _desks.PartAsync(gone);

        Assert.Equal((false, true, true), (await GivenAsync(kept, Purpose.MarketingSms), await GivenAsync(kept, Purpose.Reminder), await GivenAsync(kept, Purpose.Tips)));
        Assert.Equal((true, true, true), (await GivenAsync(gone, Purpose.MarketingSms), await GivenAsync(gone, Purpose.Reminder), await GivenAsync(gone, Purpose.Tips)));
        Assert.Null(await GivenAsync(kept, Purpose.MarketingWeChat));
    }

    [DatabaseFact]
    public async Task What_was_refused_while_they_were_one_stays_refused_on_both()
    {
        var (kept, gone) = (await HealthyAsync("13810000017", "赵敏", [], []), await HealthyAsync("13810000017", "赵敏", [], ["头孢"]));
        foreach (var purpose in (Purpose[])[Purpose.Membership, Purpose.MarketingSms, Purpose.Tips]) await _desks.ConsentAsync(gone, purpose, true);
        await _desks.WriteAsync("INSERT INTO consent (member_id, purpose, granted, text_version, source, changed_at) VALUES (@kept, 1, 0, '', 'pos', 1)", new { kept = kept.Value });
        await MergeAsync(kept, gone);
        await _desks.ConsentAsync(kept, Purpose.MarketingSms, false);
        await _desks.ConsentAsync(kept, Purpose.Health, false);
        await _desks.WriteAsync("DELETE FROM event");

        await _desks.PartAsync(gone);

        Assert.Equal((false, false), (await GivenAsync(kept, Purpose.MarketingSms), await GivenAsync(kept, Purpose.Health)));
        Assert.Equal((false, false), (await GivenAsync(gone, Purpose.MarketingSms), await GivenAsync(gone, Purpose.Health)));
        // The membership is the contract, and ends with the account alone.
        Assert.Equal((true, true), (await GivenAsync(gone, Purpose.Membership), await GivenAsync(gone, Purpose.Tips)));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM event WHERE kind = @kind", new { kind = EventKind.ConsentWithdrawn }));
    }

    [DatabaseTheory]
    [InlineData("李芳", "13810000018")]
    [InlineData("李强", "13810000019")]
    public async Task A_health_consent_that_the_other_had_refused_before_the_merge_is_there_again_after_it(string name, string phone)
    {
        var (kept, gone) = (await _desks.TillMemberAsync(phone, "李强"), await HealthyAsync(phone, name, [], ["青霉素"]));
        await _desks.ConsentAsync(kept, Purpose.Health, true);
        await _desks.ConsentAsync(kept, Purpose.Health, false);
        _desks.Clock.Advance(TimeSpan.FromMinutes(1));
        await MergeAsync(kept, gone);

        await _desks.PartAsync(gone);

        Assert.Equal("；青霉素", await HealthAsync(gone));
        Assert.False(await GivenAsync(kept, Purpose.Health));
    }

    [DatabaseFact]
    public async Task Two_verified_numbers_are_two_people_whatever_anybody_says()
    {
        var one = (await _desks.MemberAsync("oOne", "13810000004")).Member!.Value;
        var two = (await _desks.MemberAsync("oTwo", "13810000005")).Member!.Value;

        Assert.Equal(MergeOutcome.Conflict, await MergeAsync(one, two));

        Assert.NotNull(await _desks.RecordAsync(two));
        Assert.Equal(MergeOutcome.NotFound, await MergeAsync(one, one));
    }

    [DatabaseFact]
    public async Task After_ninety_days_it_stays_as_it_is_and_another_store_sees_nothing_to_undo()
    {
        var kept = await _desks.TillMemberAsync("13810000006", "陈敏");
        var gone = await _desks.TillMemberAsync("13810000006", "陈敏");
        await MergeAsync(kept, gone);

        Assert.Equal(MergeOutcome.NotFound, await _desks.PartAsync(gone, StaffScope.Of([7])));
        _desks.Clock.Advance(TimeSpan.FromDays(91));
        Assert.Equal(MergeOutcome.TooLate, await _desks.PartAsync(gone));
    }

    [DatabaseFact]
    public async Task A_new_number_that_a_nameless_card_has_merges_it()
    {
        var session = await _desks.MemberAsync("oRenew", "13810000007");
        var card = await _desks.TillMemberAsync("13810000008");

        await _desks.BindAsync(session, "13810000008");

        Assert.Null(await _desks.RecordAsync(card));
        Assert.Equal("13810000008", (await _desks.RecordAsync(session.Member!.Value))!.Phone);
        Assert.Equal("same_phone_no_name", (await _desks.Database.ReadAsync(read => MergeReviews.MergesAsync(read, StaffScope.Everything, null, 1), None)).Single().Reason);
    }

    private Task<MergeOutcome> MergeAsync(MemberId kept, MemberId gone) =>
        _desks.Database.WriteAsync(tx => _desks.Desk<MergeDesk>().MergeAsync(tx, kept, gone, "by_staff", AuditActor.CommandLine), None);

    private async Task<bool?> GivenAsync(MemberId member, Purpose purpose) =>
        (await _desks.Database.ReadAsync(session => _desks.Desk<ConsentDesk>().ListAsync(session, member), None)).First(state => state.Purpose == purpose).Given;

    private async Task<MemberId> HealthyAsync(string phone, string name, string[] conditions, string[] allergies)
    {
        var member = await _desks.TillMemberAsync(phone, name);
        await _desks.ConsentAsync(member, Purpose.Health, true);
        Assert.Equal(CareOutcome.Done, await _desks.Desk<HealthBook>().SetAsync(member, new HealthProfile(conditions, allergies), None));
        return member;
    }

    private async Task<string> HealthAsync(MemberId member)
    {
        var profile = await _desks.Database.ReadAsync(session => _desks.Desk<HealthBook>().ProfileAsync(session, member), None);
        return $"{string.Join('、', profile.Conditions)}；{string.Join('、', profile.Allergies)}";
    }

    private Task GrantAsync(MemberId member, string template, int remaining) => _desks.WriteAsync(
        "INSERT INTO wechat_grant (member_id, template_id, remaining, changed_at) VALUES (@member, @template, @remaining, 1)", new { member = member.Value, template, remaining });

    private Task<long> GrantsAsync(MemberId member, string template) =>
        _desks.CountAsync("SELECT COALESCE(SUM(remaining), 0) FROM wechat_grant WHERE member_id = @member AND template_id = @template", new { member = member.Value, template });

    private Task<long> TicketsAsync(MemberId member) => _desks.CountAsync("SELECT COUNT(*) FROM purchase WHERE member_id = @id", new { id = member.Value });
}

public sealed class MergingMembersOnSqlite(SqliteTestDatabase database) : MergingMembersContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class MergingMembersOnMySql(MySqlTestDatabase database) : MergingMembersContract(database), IClassFixture<MySqlTestDatabase>;
