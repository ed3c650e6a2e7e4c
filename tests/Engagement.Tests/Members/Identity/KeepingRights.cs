using System.Text.Json;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Merges;
using Engagement.Members.Minors;
using Engagement.Members.Preferences;
using Engagement.Members.Privacy;
using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Messaging.Receipts;
using Engagement.Storage.Audit;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Identity;

/// <summary>Consents, switches, members under fourteen, grants, copies and erasures, on each database.</summary>
public abstract class KeepingRightsContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    // Not innodb_trx: whoever reads that more than ten times a second sees the same again and again.
    private const string WaitingForLocks = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID() AND time_ms > 200";

    private IdentityDesks _desks = null!;

    public async Task InitializeAsync() => _desks = await IdentityDesks.OpenAsync(test);

    public async Task DisposeAsync() => await _desks.DisposeAsync();

    [DatabaseFact]
    public async Task A_consent_is_given_for_the_text_of_today_and_taken_back_as_easily()
    {
        var member = (await _desks.MemberAsync("oConsent", "13820000001")).Member!.Value;
        Assert.Equal(ConsentOutcome.StaleText, await _desks.Database.WriteAsync(tx => _desks.Desk<ConsentDesk>().SetAsync(tx, member, Purpose.Health, true, "2020-01-01", "t"), None));
        var before = await GateVersionAsync(member);

        Assert.Equal(ConsentOutcome.Done, await _desks.ConsentAsync(member, Purpose.Health, true));
        Assert.Equal(ConsentOutcome.Done, await _desks.ConsentAsync(member, Purpose.Health, true));
        Assert.Equal(ConsentOutcome.Done, await _desks.Database.WriteAsync(tx => _desks.Desk<ConsentDesk>().SetAsync(tx, member, Purpose.Health, false, "", "t"), None));
        Assert.Equal(ConsentOutcome.Contract, await _desks.ConsentAsync(member, Purpose.Membership, false));

        // A step each, the repetition none; the gate looks again.
        Assert.Equal(2, await _desks.CountAsync("SELECT COUNT(*) FROM consent_change WHERE member_id = @id AND purpose = 2", new { id = member.Value }));
        Assert.Equal(before + 2, await GateVersionAsync(member));
        Assert.False((await StateAsync(member, Purpose.Health)).MayAsk);
        _desks.Clock.Advance(TimeSpan.FromDays(91));
        Assert.True((await StateAsync(member, Purpose.Health)).MayAsk);
        Assert.Null((await StateAsync(member, Purpose.Tips)).Given);
    }

    [DatabaseFact]
    public async Task Under_fourteen_a_guardian_opens_the_service_and_nobody_opens_marketing()
    {
        var member = (await _desks.MemberAsync("oChild", "13820000002")).Member!.Value;
        await _desks.ConsentAsync(member, Purpose.MarketingWeChat, true);

        await _desks.Database.WriteAsync(tx => _desks.Desk<ProfileDesk>().ChangeAsync(tx, member, new ProfileChange(null, new Birthday(2015, 5, 1), null), "member", AuditActor.System), None);

        Assert.False((await StateAsync(member, Purpose.MarketingWeChat)).Given);
        Assert.Equal(ConsentOutcome.GuardianNeeded, await _desks.ConsentAsync(member, Purpose.Health, true));
        Assert.True(PersonName.TryParse("李强", out var name, out _));
        await _desks.Database.WriteAsync(tx => _desks.Desk<GuardianDesk>().AgreeAsync(tx, member, new Guardian(name, PhoneNumber.Parse("13820000003"), "father", "v")), None);
        Assert.Equal(ConsentOutcome.Done, await _desks.ConsentAsync(member, Purpose.Health, true));
        Assert.Equal(ConsentOutcome.Under14, await _desks.ConsentAsync(member, Purpose.MarketingWeChat, true));
        Assert.Equal(("李*", "138****0003", "father"), await _desks.Database.ReadAsync(session => _desks.Desk<GuardianDesk>().GuardianAsync(session, member), None));
    }

    [Theory]
    [InlineData(2012, 310, false)]
    [InlineData(2012, 311, true)]
    [InlineData(2011, 1231, false)]
    [InlineData(null, 311, false)]
    public void Fourteen_is_reached_on_the_birthday(int? year, int monthDay, bool under) =>
        Assert.Equal(under, GuardianDesk.IsUnder14(year, monthDay, new DateOnly(2026, 3, 10)));

    [DatabaseFact]
    public async Task Switches_keep_their_origin_and_the_gate_reads_them()
    {
        var member = (await _desks.MemberAsync("oSwitch", "13820000004")).Member!.Value;
        var preferences = _desks.Desk<PreferenceStore>();

        await _desks.Database.WriteAsync(async tx =>
        {
            await preferences.SwitchKindAsync(tx, member, (int)MessageKind.Promotion, "promotion", false, "member");
            await preferences.SwitchKindAsync(tx, member, (int)MessageKind.Promotion, "promotion", false, "member");
            await preferences.SwitchKindAsync(tx, member, (int)MessageKind.Tip, "tip", false, "staff");
            await preferences.SwitchKindAsync(tx, member, (int)MessageKind.Tip, "tip", true, "member");
            await preferences.SwitchChannelAsync(tx, member, (int)Channel.Sms, "sms", false, "member");
            await preferences.SetPrivateModeAsync(tx, member, true, "member");
        }, None);

        Assert.Equal((1L << (int)MessageKind.Promotion, 1L << (int)Channel.Sms, true), await _desks.Database.ReadAsync(session => PreferenceStore.MutedAsync(session, member), None));
        var chosen = await _desks.Database.ReadAsync(session => PreferenceStore.ReadAsync(session, member), None);
        Assert.Equal([("channel:sms", false, "member"), ("kind:promotion", false, "member"), ("kind:tip", true, "member"), ("private_mode", true, "member")], chosen.Select(one => (one.Name, one.On, one.Origin)));
    }

    [DatabaseFact]
    public async Task A_tap_that_both_the_mini_program_and_a_push_tell_of_is_one_grant()
    {
        var session = await _desks.MemberAsync("oTap", "13820000005");
        var book = _desks.Desk<GrantBook>();
        var tap = new SubscriptionTap(IdentityDesks.Account, "oTap", "TMPL-1", Accepted: true, Popup: true);

        await ApplyAsync(tap with { FromMiniProgram = true });
        await ApplyAsync(tap with { At = _desks.Clock.GetUtcNow().AddSeconds(20) });
        Assert.Equal(1, await LeftAsync());

        // The next tap, told in the other order.
        _desks.Clock.Advance(TimeSpan.FromMinutes(2));
        await ApplyAsync(tap);
        await ApplyAsync(tap with { FromMiniProgram = true });
        Assert.Equal(2, await LeftAsync());
        _desks.Clock.Advance(TimeSpan.FromMinutes(2));
        await ApplyAsync(tap);
        Assert.Equal(3, await LeftAsync());
        await ApplyAsync(tap with { Accepted = false, FromMiniProgram = true });
        Assert.Empty(await _desks.Database.ReadAsync(read => GrantBook.LeftAsync(read, session.Member!.Value), None));

        Task ApplyAsync(SubscriptionTap one) => _desks.Database.WriteAsync(tx => book.ApplyAsync(tx, one), None);
        async Task<int> LeftAsync() => (await _desks.Database.ReadAsync(read => GrantBook.LeftAsync(read, session.Member!.Value), None)).Single().Remaining;
    }

    [DatabaseFact]
    public async Task A_tap_that_both_tell_of_at_the_same_moment_is_one_grant()
    {
        const int Taps = 60;
        var session = await _desks.MemberAsync("oBoth", "13820000010");
        var book = _desks.Desk<GrantBook>();
        for (var i = 0; i < Taps; i++)
        {
            var tap = new SubscriptionTap(IdentityDesks.Account, "oBoth", $"TMPL-{i}", Accepted: true, Popup: true);
            await Task.WhenAll(Task.Run(() => ApplyAsync(tap with { FromMiniProgram = true })), Task.Run(() => ApplyAsync(tap)));
        }

        var left = await _desks.Database.ReadAsync(read => GrantBook.LeftAsync(read, session.Member!.Value), None);
        Assert.Equal((Taps, 0), (left.Count, left.Count(grant => grant.Remaining != 1)));

        Task ApplyAsync(SubscriptionTap one) => _desks.Database.WriteAsync(tx => book.ApplyAsync(tx, one), None);
    }

    [DatabaseFact]
    public async Task A_copy_is_built_kept_a_day_and_given_to_the_session_that_asked()
    {
        var session = await _desks.MemberAsync("oCopy", "13820000006");
        await _desks.TicketAsync(session.Member!.Value, "C-1");
        var desk = _desks.Desk<PrivacyDesk>();

        var request = await desk.SubmitAsync(session, RequestKind.Export, null, None);
        Assert.Equal(RequestState.IdentityChecked, request.State);
        Assert.Equal(request.Id, (await desk.SubmitAsync(session, RequestKind.Export, null, None)).Id);
        Assert.Equal(1, await desk.RunDueAsync(None));
        Assert.Equal(0, await desk.RunDueAsync(None));

        var file = JsonDocument.Parse((await desk.FileAsync(session, request.Id, None))!).RootElement;
        var sections = file.GetProperty("sections").EnumerateArray().ToDictionary(section => section.GetProperty("code").GetString()!, section => section.GetProperty("rows").GetRawText());
        Assert.Contains("13820000006", sections["profile"]);
        Assert.Contains("维生素C", sections["purchases"]);
        Assert.Null(await desk.FileAsync(session with { Id = 1 }, request.Id, None));
        _desks.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Null(await desk.FileAsync(session, request.Id, None));
        await desk.RunDueAsync(None);
        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM privacy_file WHERE request_id = @id", new { id = request.Id }));
        Assert.Equal(4, await _desks.CountAsync("SELECT COUNT(*) FROM privacy_step WHERE request_id = @id", new { id = request.Id }));
    }

    [DatabaseFact]
    public async Task An_erasure_stops_use_at_once_waits_a_week_and_leaves_nobody()
    {
        var session = await _desks.MemberAsync("oErase", "13820000007");
        var member = session.Member!.Value;
        await _desks.ConsentAsync(member, Purpose.MarketingSms, true);
        await _desks.TicketAsync(member, "E-1");
        await _desks.WriteAsync("INSERT INTO wechat_follower (account, openid, scene, followed_at, looks) VALUES (@account, 'oErase', '', 1, 0)", new { account = IdentityDesks.Account });
        await _desks.WriteAsync("INSERT INTO wechat_chat (id, account, openid, message_type, state, said_at, ready_at) VALUES (@id, @account, 'oErase', 'text', 4, 1, 1)", new { id = _desks.Ids.Next(), account = IdentityDesks.Account });
        var desk = _desks.Desk<PrivacyDesk>();

        var request = await desk.SubmitAsync(session, RequestKind.Erasure, null, None);
        Assert.False((await StateAsync(member, Purpose.MarketingSms)).Given);
        Assert.True(request.DueAt > request.ActAt);
        Assert.True(await desk.WithdrawErasureAsync(member, None));
        _desks.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(0, await desk.RunDueAsync(None));
        Assert.NotNull(await _desks.RecordAsync(member));

        await desk.SubmitAsync(session, RequestKind.Erasure, null, None);
        await desk.RunDueAsync(None);
        Assert.NotNull(await _desks.RecordAsync(member));
        _desks.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(1, await desk.RunDueAsync(None));

        Assert.Null(await _desks.RecordAsync(member));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM purchase WHERE ticket_no = 'E-1' AND member_id IS NULL"));
        Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM member WHERE id = @id AND phone_cipher IS NULL AND phone_index IS NULL AND erased_at IS NOT NULL", new { id = member.Value }));
        foreach (var table in (string[])["member_identity", "member_session", "member_fact", "member_product", "consent", "member_preference"])
        {
            Assert.Equal(0, await _desks.CountAsync($"SELECT COUNT(*) FROM {table} WHERE member_id = @id", new { id = member.Value }));
        }

        Assert.Equal(0, await _desks.CountAsync("SELECT (SELECT COUNT(*) FROM wechat_follower) + (SELECT COUNT(*) FROM wechat_chat)"));
        Assert.Null((await _desks.SignInAsync("oErase")).Member);
        Assert.Single(await _desks.AuditAsync("member.erased"), record => record.Entry.MemberId == member.Value);
    }

    [DatabaseFact]
    public async Task However_often_it_is_tapped_there_is_one_erasure_and_taking_it_back_takes_back_all()
    {
        var session = await _desks.MemberAsync("oTwice", "13820000010");
        var member = session.Member!.Value;
        var desk = _desks.Desk<PrivacyDesk>();

        for (var round = 1; round <= 5; round++)
        {
            var requests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => desk.SubmitAsync(session, RequestKind.Erasure, null, None))));

            Assert.Single(requests.Select(request => request.Id).Distinct());
            Assert.Equal(round, await _desks.CountAsync("SELECT COUNT(*) FROM privacy_request WHERE member_id = @id", new { id = member.Value }));
            Assert.True(await desk.WithdrawErasureAsync(member, None));
        }

        // A second one that was stored before that was so.
        var last = await desk.SubmitAsync(session, RequestKind.Erasure, null, None);
        await _desks.WriteAsync("""
            INSERT INTO privacy_request (id, member_id, kind, state, reason, session_id, submitted_at, due_at, act_at)
            SELECT id + 1, member_id, kind, state, reason, session_id, submitted_at, due_at, act_at FROM privacy_request WHERE id = @id
            """, new { id = last.Id });
        Assert.True(await desk.WithdrawErasureAsync(member, None));
        Assert.False(await desk.WithdrawErasureAsync(member, None));
        _desks.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(0, await desk.RunDueAsync(None));
        Assert.NotNull(await _desks.RecordAsync(member));
        Assert.Equal(7, (await _desks.AuditAsync("privacy.withdrawn")).Count(record => record.Entry.MemberId == member.Value));
    }

    [DatabaseFact]
    public async Task An_erasure_that_is_taken_back_in_the_moment_in_which_it_is_due_does_not_happen()
    {
        var session = await _desks.MemberAsync("oDue", "13820000011");
        var member = session.Member!.Value;
        var desk = _desks.Desk<PrivacyDesk>();
        var request = await desk.SubmitAsync(session, RequestKind.Erasure, null, None);
        _desks.Clock.Advance(TimeSpan.FromDays(8));
        var due = Task.CompletedTask;

        // What WithdrawErasureAsync does, held open until the erasure has come up to it.
        await _desks.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE member SET version = version + 1 WHERE id = @id", new { id = member.Value });
            due = Task.Run(() => desk.RunDueAsync(None));
            if (test is MySqlTestDatabase) await Eventually.True(async () => await _desks.CountAsync(WaitingForLocks) > 0);
            await tx.ExecuteAsync("UPDATE privacy_request SET state = 6, act_at = NULL WHERE id = @id", new { id = request.Id });
        }, None);
        await due;

        Assert.NotNull(await _desks.RecordAsync(member));
        Assert.Equal(RequestState.Withdrawn, (await _desks.Database.ReadAsync(read => PrivacyDesk.FindAsync(read, member, request.Id), None))!.State);
    }

    [DatabaseFact]
    public async Task An_erasure_reaches_every_record_that_was_merged_into_the_one_that_was_merged()
    {
        var (first, second) = (await _desks.TillMemberAsync("13820000008", "周芳"), await _desks.TillMemberAsync("13820000008", "周芳"));
        var session = await _desks.MemberAsync("oChain", "13820000009");
        var last = session.Member!.Value;
        await MergeAsync(second, first);
        await MergeAsync(last, second);
        var desk = _desks.Desk<PrivacyDesk>();

        await desk.SubmitAsync(session, RequestKind.Erasure, null, None);
        _desks.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await desk.RunDueAsync(None));

        foreach (var member in (MemberId[])[first, second, last])
        {
            Assert.Equal(1, await _desks.CountAsync("SELECT COUNT(*) FROM member WHERE id = @id AND name_cipher IS NULL AND phone_cipher IS NULL AND erased_at IS NOT NULL", new { id = member.Value }));
        }

        Assert.Equal(0, await _desks.CountAsync("SELECT COUNT(*) FROM member_merge WHERE merged_id IN @ids", new { ids = (long[])[first.Value, second.Value] }));

        Task MergeAsync(MemberId kept, MemberId gone) => _desks.Database.WriteAsync(tx => _desks.Desk<MergeDesk>().MergeAsync(tx, kept, gone, "by_staff", AuditActor.CommandLine), None);
    }

    // A table that names a member and is in neither list was forgotten.
    [DatabaseFact]
    public async Task Every_table_that_names_a_member_has_somebody_who_speaks_for_it()
    {
        string[] forgotten =
        [
            "member_identity", "consent", "merge_review", "therapy_line", "member_fact", "member_product", "member_change", "tier_spend", "member_tier", "tier_period", "referral_code",
            "birthday_benefit", "coupon_invitation", "break_glass", "member_session", "member_preference", "member_guardian", "wechat_grant", "wechat_tap",
            "therapy_statement", "dose_mark", "measurement", "member_health", "care_enrolment", "member_code", "inbox_read", "tip_view", "case_photo", "survey_done",
            // Cut loose, or left under the bare id that nothing leads to a person from.
            "purchase", "parked_refund", "member_alias", "coupon", "message", "privacy_request", "service_case", "survey_answer",
        ];
        string[] kept =
        [
            // Proofs and ledgers: ids, codes and counts.
            "consent_change", "audit_entry", "run_member", "points_account", "points_entry", "points_lot", "points_order", "points_adjustment", "coupon_redemption", "till_points",
        ];
        var columns = test is SqliteTestDatabase
            ? "SELECT DISTINCT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'member_id'"
            : "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'member_id'";

        var tables = await _desks.Database.ReadAsync(session => session.QueryAsync<string>(columns), None);

        Assert.Empty(tables.Except(forgotten).Except(kept));
    }

    private async Task<ConsentState> StateAsync(MemberId member, Purpose purpose) =>
        (await _desks.Database.ReadAsync(session => _desks.Desk<ConsentDesk>().ListAsync(session, member), None)).First(state => state.Purpose == purpose);

    private Task<long> GateVersionAsync(MemberId member) => _desks.CountAsync("SELECT gate_version FROM member WHERE id = @id", new { id = member.Value });
}

public sealed class KeepingRightsOnSqlite(SqliteTestDatabase database) : KeepingRightsContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class KeepingRightsOnMySql(MySqlTestDatabase database) : KeepingRightsContract(database), IClassFixture<MySqlTestDatabase>;
