using Engagement.Members;
using Engagement.Members.Cases;
using Engagement.Members.Staff;
using Engagement.Members.Tips;
using Engagement.Storage.Events;
using Engagement.Tests.Members.CarePlans;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Cases;

public abstract class CaseContract(TestDatabase database)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly CaseStaff s_agent = new(21, "客服");
    private static readonly byte[] s_png = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];

    [DatabaseFact]
    public async Task A_complaint_is_answered_done_rated_and_opened_again()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, member) = await OpenAsync(house);
        var (outcome, id) = await desk.OpenAsync(member, CaseCategory.Complaint, "药盒压坏了 <b>😀", [], None);
        Assert.Equal(CaseOutcome.Done, outcome);
        Assert.Equal(CaseOutcome.NotNow, await desk.RateAsync(member, id, 5, None));

        await house.Pharmacy.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM event"), None);
        Assert.Equal(CaseOutcome.Done, await AnswerAsync(house, desk, id, "只是内部记一下", isInternal: true, isDone: false));
        Assert.Empty(await house.Pharmacy.QueryAsync<string>("SELECT kind FROM event"));
        Assert.Equal(CaseOutcome.Done, await AnswerAsync(house, desk, id, "已为您换货", isInternal: false, isDone: true));
        Assert.Equal([EventKind.CaseAnswered], await house.Pharmacy.QueryAsync<string>("SELECT kind FROM event"));

        var (done, thread) = await desk.ReadAsync(member, id, None);
        Assert.Equal((CaseState.Done, 2), (done!.State, thread.Count));
        Assert.Equal(CaseOutcome.Done, await desk.RateAsync(member, id, 2, None));
        Assert.Equal(CaseOutcome.NotNow, await desk.SayAsync(member, id, "还有", [], None));
        Assert.Equal(CaseOutcome.Done, await desk.ReopenAsync(member, id, "问题还在", None));
        var (open, _) = await desk.ReadAsync(member, id, None);
        Assert.Equal((CaseState.Open, 1, (int?)2), (open!.State, open.Reopened, open.Rating));
        Assert.Equal(CaseOutcome.NotNow, await desk.ReopenAsync(member, id, "问题还在", None));
    }

    [DatabaseFact]
    public async Task Nobody_sees_the_case_of_another_and_staff_only_those_of_their_stores()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, member) = await OpenAsync(house);
        var other = await house.JoinAsync();
        var (_, id) = await desk.OpenAsync(member, CaseCategory.Consultation, "几点关门", [], None);
        var store = await house.Pharmacy.ScalarAsync<long>("SELECT store_id FROM member WHERE id = @id", new { id = member.Value });

        Assert.Null((await desk.ReadAsync(other, id, None)).Case);
        Assert.Equal(CaseOutcome.NotFound, await desk.SayAsync(other, id, "我也问", [], None));
        Assert.Empty(await desk.ListAsync(other, null, 10, None));
        Assert.NotNull((await InScopeAsync(house, desk, StaffScope.Of([store]), id)).Case);
        Assert.Null((await InScopeAsync(house, desk, StaffScope.Of([store + 1]), id)).Case);
        Assert.Null((await InScopeAsync(house, desk, StaffScope.Nothing, id)).Case);
    }

    [DatabaseTheory]
    [InlineData("我胸痛喘不上气", CaseTexts.Emergency)]
    [InlineData("孩子误服了两片", CaseTexts.Emergency)]
    [InlineData("两个药能一起吃吗", CaseTexts.Symptom)]
    [InlineData("怀孕了还能用吗", CaseTexts.Symptom)]
    [InlineData("你们几点关门", null)]
    public async Task Symptoms_and_emergencies_get_the_fixed_text_at_once(string question, string? text)
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, member) = await OpenAsync(house);
        var (_, id) = await desk.OpenAsync(member, CaseCategory.Pharmacist, question, [], None);

        Assert.Equal(text, (await desk.ReadAsync(member, id, None)).Thread.SingleOrDefault(entry => entry.Voice == CaseVoice.House)?.Text);
    }

    [DatabaseFact]
    public async Task A_question_that_turns_to_symptoms_is_a_pharmacists_from_then_on_and_a_complaint_stays_one()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, member) = await OpenAsync(house);
        var (_, question) = await desk.OpenAsync(member, CaseCategory.Consultation, "几点关门", [], None);
        var (_, complaint) = await desk.OpenAsync(member, CaseCategory.Complaint, "吃了以后过敏，要退货", [], None);

        Assert.Equal(CaseOutcome.Done, await desk.SayAsync(member, question, "吃了药头晕怎么办", [], None));

        var (asked, _) = await desk.ReadAsync(member, question, None);
        Assert.Equal((CaseCategory.Pharmacist, TimeSpan.FromHours(4)), (asked!.Category, asked.DueAt - asked.OpenedAt));
        Assert.Equal(CaseOutcome.LicenceNeeded, await AnswerAsync(house, desk, question, "多喝水", isInternal: false, isDone: false));
        Assert.Equal(CaseCategory.Complaint, (await desk.ReadAsync(member, complaint, None)).Case!.Category);
    }

    [DatabaseFact]
    public async Task A_question_to_a_pharmacist_is_answered_by_one_with_name_and_licence()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, member) = await OpenAsync(house);
        var (_, id) = await desk.OpenAsync(member, CaseCategory.Pharmacist, "饭前还是饭后", [], None);

        Assert.Equal(CaseOutcome.LicenceNeeded, await AnswerAsync(house, desk, id, "饭后", isInternal: false, isDone: false));
        await house.Pharmacy.Database.WriteAsync(tx => TipDesk.KeepLicenceAsync(tx, new PharmacistLicence(new StaffId(s_agent.Id), "林静", "330000000000001", "康宁大药房", house.Pharmacy.Today)), None);
        Assert.Equal(CaseOutcome.Done, await AnswerAsync(house, desk, id, "按说明书饭后服用", isInternal: false, isDone: false));

        var (found, thread) = await desk.ReadAsync(member, id, None);
        Assert.Equal(CaseState.Answered, found!.State);
        Assert.Equal("药师 林静（注册证 330000000000001）", thread[^1].Speaker);
    }

    [DatabaseFact]
    public async Task What_is_overdue_is_passed_on_twice_and_then_stays_with_the_head_office()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, _, member) = await OpenAsync(house);
        var (_, id) = await desk.OpenAsync(member, CaseCategory.Pharmacist, "饭前还是饭后", [], None);

        Assert.Equal(0, await desk.EscalateAsync(None));
        house.Pharmacy.Clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal(1, await desk.EscalateAsync(None));
        Assert.Equal(0, await desk.EscalateAsync(None));
        house.Pharmacy.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await desk.EscalateAsync(None));
        house.Pharmacy.Clock.Advance(TimeSpan.FromDays(9));
        Assert.Equal(0, await desk.EscalateAsync(None));

        Assert.Equal(2, (await InScopeAsync(house, desk, StaffScope.Everything, id)).Case!.Level);
        Assert.DoesNotContain((await desk.ReadAsync(member, id, None)).Thread, entry => entry.Internal);
    }

    [DatabaseFact]
    public async Task Photos_are_pictures_of_the_member_and_used_once()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (desk, photos, member) = await OpenAsync(house);
        var other = await house.JoinAsync();
        var photo = (await photos.AddAsync(member, s_png, None)).Id;

        Assert.Equal(CaseOutcome.NoPicture, (await photos.AddAsync(member, "<svg onload=alert(1)>"u8.ToArray(), None)).Outcome);
        Assert.Equal(CaseOutcome.NoPicture, (await photos.AddAsync(member, [.. s_png, .. new byte[20 * 1024 * 1024]], None)).Outcome);
        Assert.Null(await photos.FindAsync(other, photo, None));
        Assert.Equal(CaseOutcome.PhotoInvalid, (await desk.OpenAsync(other, CaseCategory.Complaint, "看照片", [photo], None)).Outcome);
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM service_case"));

        var (_, id) = await desk.OpenAsync(member, CaseCategory.Complaint, "看照片", [photo], None);
        Assert.Equal([photo], (await desk.ReadAsync(member, id, None)).Thread[0].Photos);
        Assert.Equal(CaseOutcome.PhotoInvalid, await desk.SayAsync(member, id, "再看一次", [photo], None));
        Assert.Equal(s_png, (await photos.FindAsync(member, photo, None))!.Value.Image);
    }

    private static Task<CaseOutcome> AnswerAsync(CareHouse house, CaseDesk desk, long id, string text, bool isInternal, bool isDone) =>
        house.Pharmacy.Database.WriteAsync(tx => desk.AnswerAsync(tx, StaffScope.Everything, id, s_agent, text, CaseChannel.MiniProgram, isInternal, isDone), None);

    private static Task<(ServiceCase? Case, IReadOnlyList<CaseEntry> Thread)> InScopeAsync(CareHouse house, CaseDesk desk, StaffScope scope, long id) =>
        house.Pharmacy.Database.ReadAsync(session => desk.ReadAsync(session, scope, id), None);

    private static async Task<(CaseDesk Desk, CasePhotos Photos, MemberId Member)> OpenAsync(CareHouse house)
    {
        var pharmacy = house.Pharmacy;
        await pharmacy.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["service_case", "case_entry", "case_photo", "pharmacist_licence"]) await tx.ExecuteAsync($"DELETE FROM {table}");
        }, None);
        return (new CaseDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher), new CasePhotos(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher), await house.JoinAsync());
    }
}

public sealed class CasesOnSqlite(SqliteTestDatabase database) : CaseContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class CasesOnMySql(MySqlTestDatabase database) : CaseContract(database), IClassFixture<MySqlTestDatabase>;
