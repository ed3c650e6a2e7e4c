using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Profiles;
using Engagement.Members.SignIn;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Identity;

/// <summary>Sessions, codes, and how a phone number leads to a member, on each database.</summary>
public abstract class JoiningMembersContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private IdentityDesks _desks = null!;

    public async Task InitializeAsync() => _desks = await IdentityDesks.OpenAsync(test);

    public async Task DisposeAsync() => await _desks.DisposeAsync();

    [DatabaseFact]
    public async Task A_number_that_nobody_has_makes_a_new_member_and_the_next_sign_in_knows_them()
    {
        var visitor = await _desks.SignInAsync("oNew", "uNew");
        Assert.Null(visitor.Member);

        var (member, outcome) = await _desks.BindAsync(visitor, "13800000001");

        Assert.Equal(PhoneOutcome.New, outcome);
        Assert.Equal(member, (await _desks.NowAsync(visitor)).Member);
        Assert.Equal(member, (await _desks.SignInAsync("oNew", "uNew")).Member);
        Assert.Equal(("13800000001", true), ((await _desks.RecordAsync(member))!.Phone, (await _desks.RecordAsync(member))!.PhoneVerifiedAt is not null));
        var history = await _desks.Database.ReadAsync(session => ConsentStore.HistoryAsync(session, member), None);
        Assert.Equal((Purpose.Membership, true, ConsentTexts.Guide.Version), (history.Single().Purpose, history.Single().Granted, history.Single().TextVersion));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM member_fact WHERE member_id = @id", new { id = member.Value }));
    }

    [DatabaseFact]
    public async Task The_number_of_a_till_member_joins_that_member()
    {
        var till = await _desks.TillMemberAsync("13800000002", "王秀兰");
        var visitor = await _desks.SignInAsync("oWang");

        Assert.Equal((till, PhoneOutcome.Joined), await _desks.BindAsync(visitor, "13800000002"));

        Assert.Equal(("王秀兰", true), ((await _desks.RecordAsync(till))!.Name, (await _desks.RecordAsync(till))!.PhoneVerifiedAt is not null));
        Assert.Equal(till, (await _desks.SignInAsync("oWang")).Member);
        // The same again changes nothing.
        Assert.Equal((till, PhoneOutcome.Joined), await _desks.BindAsync(await _desks.NowAsync(visitor), "13800000002"));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM member_identity WHERE member_id = @id", new { id = till.Value }));
    }

    [DatabaseFact]
    public async Task A_number_of_several_people_joins_nobody_and_waits_for_a_person()
    {
        await _desks.TillMemberAsync("13800000003", "李强");
        await _desks.TillMemberAsync("13800000003", "李芳");

        var (member, outcome) = await _desks.BindAsync(await _desks.SignInAsync("oFamily"), "13800000003");

        Assert.Equal(PhoneOutcome.Review, outcome);
        Assert.Equal(2, await _desks.CountAsync("SELECT COUNT(*) FROM merge_review WHERE member_id = @id AND state = 1", new { id = member.Value }));
    }

    [DatabaseFact]
    public async Task A_member_of_another_wechat_with_the_number_is_not_taken_over()
    {
        var first = (await _desks.MemberAsync("oFirst", "13800000004")).Member!.Value;

        var (second, outcome) = await _desks.BindAsync(await _desks.SignInAsync("oSecond"), "13800000004");

        Assert.Equal(PhoneOutcome.Review, outcome);
        Assert.NotEqual(first, second);
        Assert.Equal(first, (await _desks.SignInAsync("oFirst")).Member);
    }

    [DatabaseFact]
    public async Task Whoever_gives_the_number_of_another_wechat_twice_takes_nothing_over()
    {
        var owner = await _desks.TillMemberAsync("13800000011", "王秀兰");
        var first = await _desks.MemberAsync("oHers", "13800000011");
        await _desks.TicketAsync(owner, "J-1");
        var second = await _desks.SignInAsync("oHis");
        var (own, _) = await _desks.BindAsync(second, "13800000011");

        Assert.Equal((own, PhoneOutcome.Review), await _desks.BindAsync(await _desks.NowAsync(second), "13800000011"));
        await ApartAsync(own, owner);
        Assert.Equal((own, PhoneOutcome.Review), await _desks.BindAsync(await _desks.NowAsync(second), "13800000011"));

        Assert.NotNull(await _desks.RecordAsync(owner));
        Assert.Equal(owner, (await _desks.NowAsync(first)).Member);
        Assert.Equal(owner, (await _desks.SignInAsync("oHers")).Member);
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM purchase WHERE ticket_no = 'J-1' AND member_id = @id", new { id = owner.Value }));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM merge_review WHERE other_id = @id", new { id = owner.Value }));
    }

    [DatabaseFact]
    public async Task A_member_who_changes_to_the_number_of_another_wechat_takes_nothing_over()
    {
        var owner = await _desks.TillMemberAsync("13800000015", "王秀兰");
        await _desks.MemberAsync("oOwner", "13800000015");
        var other = await _desks.MemberAsync("oChanger", "13800000016");

        Assert.Equal((other.Member!.Value, PhoneOutcome.Review), await _desks.BindAsync(other, "13800000015"));

        Assert.NotNull(await _desks.RecordAsync(owner));
        Assert.Equal(owner, (await _desks.SignInAsync("oOwner")).Member);
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM merge_review WHERE other_id = @id AND reason = 'phone_of_other_wechat' AND state = 1", new { id = owner.Value }));
    }

    [DatabaseFact]
    public async Task A_pair_that_waits_or_that_staff_kept_apart_is_not_merged_by_the_same_number_again()
    {
        var (one, two) = (await _desks.TillMemberAsync("13800000012", "李强"), await _desks.TillMemberAsync("13800000012", "李芳"));
        var session = await _desks.SignInAsync("oAgain");
        var (own, _) = await _desks.BindAsync(session, "13800000012");

        Assert.Equal((own, PhoneOutcome.Review), await _desks.BindAsync(await _desks.NowAsync(session), "13800000012"));
        await ApartAsync(own, one);
        await ApartAsync(own, two);
        // The pair counts whichever of the two it names first.
        await _desks.WriteAsync("UPDATE merge_review SET member_id = @one, other_id = @own WHERE other_id = @one", new { one = one.Value, own = own.Value });
        Assert.Equal((own, PhoneOutcome.Review), await _desks.BindAsync(await _desks.NowAsync(session), "13800000012"));

        Assert.NotNull(await _desks.RecordAsync(one));
        Assert.NotNull(await _desks.RecordAsync(two));
        Assert.Equal(2, await _desks.CountAsync("SELECT COUNT(*) FROM merge_review WHERE @own IN (member_id, other_id) AND state = 3", new { own = own.Value }));
        Assert.Equal(2, await _desks.CountAsync("SELECT COUNT(*) FROM merge_review WHERE @own IN (member_id, other_id)", new { own = own.Value }));
    }

    [DatabaseFact]
    public async Task Records_that_were_parted_are_not_merged_by_the_same_number_again()
    {
        var session = await _desks.MemberAsync("oParted", "13800000013");
        var own = session.Member!.Value;
        var card = await _desks.TillMemberAsync("13800000014");
        Assert.Equal((own, PhoneOutcome.Joined), await _desks.BindAsync(session, "13800000014"));
        await _desks.PartAsync(card);

        Assert.Equal((own, PhoneOutcome.Review), await _desks.BindAsync(await _desks.NowAsync(session), "13800000014"));

        Assert.NotNull(await _desks.RecordAsync(card));
    }

    [DatabaseFact]
    public async Task One_unionid_is_one_person()
    {
        var official = await _desks.TillMemberAsync("13800000005", "赵磊");
        await _desks.WriteAsync("INSERT INTO member_identity (account, openid, member_id, unionid) VALUES ('wxofficial', 'oOfficial', @id, 'uZhao')", new { id = official.Value });

        // Known from the official account: signed in as that member without a phone number.
        Assert.Equal(official, (await _desks.SignInAsync("oZhao", "uZhao")).Member);

        // A second record with that unionid is the same person too.
        var other = await _desks.TillMemberAsync("13800000006");
        await _desks.WriteAsync("INSERT INTO member_identity (account, openid, member_id, unionid) VALUES ('wxother', 'oOther', @id, 'uZhao')", new { id = other.Value });
        Assert.Equal(official, (await _desks.SignInAsync("oZhao", "uZhao")).Member);
        Assert.Null(await _desks.RecordAsync(other));
        Assert.Equal("13800000005", (await _desks.RecordAsync(official))!.Phone);

        // Staff who part them know better: the pair is for people from then on, and stands on their list once.
        await _desks.PartAsync(other);
        for (var time = 0; time < 2; time++) Assert.Equal(official, (await _desks.SignInAsync("oZhao", "uZhao")).Member);
        Assert.NotNull(await _desks.RecordAsync(other));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM merge_review WHERE state = 1 AND reason = 'same_unionid'"));
    }

    [DatabaseFact]
    public async Task A_refresh_token_works_once_and_a_copy_of_an_old_one_ends_the_session()
    {
        var sessions = _desks.Desk<MemberSessions>();
        var session = await _desks.SignInAsync("oRefresh");

        var second = await sessions.RefreshAsync(session.Id, 1, None);
        Assert.Equal(2, second!.RefreshNo);
        // The answer was lost on the way: within the minute the old token gets the same again.
        Assert.Equal(2, (await sessions.RefreshAsync(session.Id, 1, None))!.RefreshNo);
        _desks.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await sessions.RefreshAsync(session.Id, 1, None));
        Assert.Null(await sessions.FindAsync(session.Id, None));
        Assert.Null(await sessions.RefreshAsync(session.Id, 2, None));
    }

    [DatabaseFact]
    public async Task A_session_ends_after_thirty_days_without_a_refresh_and_at_once_when_signed_out()
    {
        var sessions = _desks.Desk<MemberSessions>();
        var (idle, signedOut) = (await _desks.SignInAsync("oIdle"), await _desks.SignInAsync("oOut"));
        await _desks.Desk<PersonDesk>().SignOutAsync(signedOut, None);
        Assert.Null(await sessions.FindAsync(signedOut.Id, None));

        _desks.Clock.Advance(TimeSpan.FromDays(29));
        Assert.NotNull(await sessions.RefreshAsync(idle.Id, 1, None));
        _desks.Clock.Advance(TimeSpan.FromDays(29));
        Assert.NotNull(await sessions.FindAsync(idle.Id, None));
        _desks.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Null(await sessions.FindAsync(idle.Id, None));
        await sessions.SweepAsync(_desks.Clock.GetUtcNow().ToUnixTimeMilliseconds(), None);
        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_session WHERE id = @id", new { id = idle.Id }));
    }

    [DatabaseFact]
    public async Task A_code_works_once_within_five_minutes_and_five_tries()
    {
        var codes = _desks.Desk<PhoneCodes>();
        var phone = PhoneNumber.Parse("13800000007");
        var session = await _desks.SignInAsync("oCode");
        var made = await codes.MakeAsync(session.Id, phone, PhoneCodePurpose.OwnPhone, None);
        Assert.Matches("^[0-9]{6}$", made.Code!);
        Assert.Null((await codes.MakeAsync(session.Id, phone, PhoneCodePurpose.OwnPhone, None)).Code);

        Assert.False(await TakeAsync(phone, made.Code!, PhoneCodePurpose.Guardian));
        Assert.False(await TakeAsync(PhoneNumber.Parse("13800000008"), made.Code!));
        Assert.True(await TakeAsync(phone, made.Code!));
        Assert.False(await TakeAsync(phone, made.Code!));

        _desks.Clock.Advance(TimeSpan.FromMinutes(2));
        var late = await codes.MakeAsync(session.Id, phone, PhoneCodePurpose.OwnPhone, None);
        _desks.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(await TakeAsync(phone, late.Code!));

        var guessed = await codes.MakeAsync(session.Id, phone, PhoneCodePurpose.OwnPhone, None);
        for (var i = 0; i < 5; i++) Assert.False(await TakeAsync(phone, guessed.Code == "000000" ? "111111" : "000000"));
        Assert.False(await TakeAsync(phone, guessed.Code!));

        Task<bool> TakeAsync(PhoneNumber to, string code, PhoneCodePurpose purpose = PhoneCodePurpose.OwnPhone) => codes.TakeAsync(session.Id, to, purpose, code, None);
    }

    [DatabaseFact]
    public async Task One_number_gets_few_codes_whoever_asks()
    {
        var codes = _desks.Desk<PhoneCodes>();
        var sent = 0;
        for (var i = 0; i < 8; i++)
        {
            var session = await _desks.SignInAsync($"oAsker{i}");
            if ((await codes.MakeAsync(session.Id, PhoneNumber.Parse("13800000009"), PhoneCodePurpose.OwnPhone, None)).Code is not null) sent++;
            _desks.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(5, sent);
    }

    private Task ApartAsync(MemberId one, MemberId other) =>
        _desks.WriteAsync("UPDATE merge_review SET state = 3, decided_by = 1, decided_at = 1 WHERE member_id = @one AND other_id = @other", new { one = one.Value, other = other.Value });
}

public sealed class JoiningMembersOnSqlite(SqliteTestDatabase database) : JoiningMembersContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class JoiningMembersOnMySql(MySqlTestDatabase database) : JoiningMembersContract(database), IClassFixture<MySqlTestDatabase>;
