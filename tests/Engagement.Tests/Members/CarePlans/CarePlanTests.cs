using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Engagement.Storage.Events;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.CarePlans;

public abstract class CarePlanContract(TestDatabase database)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Dose s_morning = new(1, "片", 1, ["08:00"]);

    [DatabaseFact]
    public async Task Without_a_health_consent_there_is_no_plan_and_nothing_is_kept()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(consents: []);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 10));

        Assert.Equal(CarePlan.Closed, await house.Book.ReadAsync(member, None));
        Assert.Equal(CareOutcome.NoHealthConsent, (await house.Desk.AddAsync(member, new NewTherapy("别处的药"), Teller.Member, None)).Outcome);
        Assert.Equal(CareOutcome.NoHealthConsent, await house.Health.SetAsync(member, new HealthProfile(["高血压"], []), None));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM member_health"));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM therapy_statement"));
    }

    [DatabaseFact]
    public async Task The_next_refill_names_the_tickets_behind_it()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 40), house.Pharmacy.Sale("T2", 20));

        var line = Assert.Single((await house.Book.ReadAsync(member, None)).Lines);

        var today = house.Pharmacy.Today;
        Assert.Equal(today - 40 + 56 - 1, line.CoveredUntil);
        Assert.Equal(16, line.DaysLeft);
        Assert.Equal(line.CoveredUntil - 28 + 1 + 22, line.NextRefill!.Day);
        Assert.Contains(line.NextRefill.Because, because => because.Zh.Contains("T1", StringComparison.Ordinal) && because.Zh.Contains("人民路店", StringComparison.Ordinal));
        Assert.Contains(line.NextRefill.Because, because => because.Zh.Contains("T2", StringComparison.Ordinal));
        Assert.True(line.NeedsPrescription);
        Assert.Null(line.Adherence);
    }

    [DatabaseFact]
    public async Task Adherence_is_that_of_the_class_over_at_least_ninety_one_days()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 99), house.Pharmacy.Sale("T2", 60));

        var measured = Assert.Single((await house.Book.ReadAsync(member, None)).Lines).Adherence!;

        Assert.Equal((56, house.Pharmacy.Today - 99, house.Pharmacy.Today), (measured.Percent, measured.From, measured.Until));
    }

    [DatabaseFact]
    public async Task Each_of_the_four_answers_changes_the_plan_and_tells_of_it()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 26));
        var today = house.Pharmacy.Today;
        var line = Assert.Single((await house.Book.ReadAsync(member, None)).Lines).Id;

        async Task<CareLine> AfterAsync(RefillAnswer answer, int? days = null)
        {
            await house.Pharmacy.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM event"), None);
            Assert.Equal(CareOutcome.Done, await house.Desk.AnswerAsync(member, line, answer, days, Teller.Member, None));
            Assert.Equal(EventKind.TherapyChanged, Assert.Single(await house.Pharmacy.QueryAsync<string>("SELECT kind FROM event")));
            return Assert.Single((await house.Book.ReadAsync(member, None)).Lines);
        }

        Assert.Equal(today + 3, (await AfterAsync(RefillAnswer.Later)).RemindOn);
        var still = await AfterAsync(RefillAnswer.StillHave, 10);
        Assert.Equal((today + 9, null), (still.CoveredUntil, still.RemindOn));
        // As many days as the last pack, after those that are left.
        Assert.Equal(today + 9 + 28, (await AfterAsync(RefillAnswer.Bought)).CoveredUntil);
        Assert.Equal(TherapyState.Stopped, (await AfterAsync(RefillAnswer.Stopped)).State);
        Assert.Equal(CareOutcome.DaysNeeded, await house.Desk.AnswerAsync(member, line, RefillAnswer.StillHave, null, Teller.Member, None));
        Assert.Equal(CareOutcome.DaysInvalid, await house.Desk.AnswerAsync(member, line, RefillAnswer.StillHave, 100000, Teller.Member, None));
        Assert.Equal(CareOutcome.NotFound, await house.Desk.AnswerAsync(member, 4711, RefillAnswer.Later, null, Teller.Member, None));
    }

    [DatabaseFact]
    public async Task What_was_said_survives_the_next_import_and_a_rebuild()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 26));
        var line = Assert.Single((await house.Book.ReadAsync(member, None)).Lines).Id;
        await house.Desk.AnswerAsync(member, line, RefillAnswer.StillHave, 10, Teller.Member, None);
        await house.Desk.AddAsync(member, new NewTherapy("别处的药", DaysLeft: 5), Teller.Member, None);
        house.Pharmacy.Clock.Advance(TimeSpan.FromDays(1));

        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T2", 0));
        var imported = (await house.Book.ReadAsync(member, None)).Lines.Select(one => (one.Id, one.CoveredUntil, one.State)).ToList();
        await house.Pharmacy.Therapies.RebuildAsync(None);
        var rebuilt = (await house.Book.ReadAsync(member, None)).Lines.Select(one => (one.Id, one.CoveredUntil, one.State)).ToList();

        Assert.Equal(imported, rebuilt);
        Assert.Contains((line, house.Pharmacy.Today - 1 + 9 + 28, TherapyState.Active), rebuilt);
        Assert.Equal(2, rebuilt.Count);
    }

    [DatabaseFact]
    public async Task An_unknown_dose_is_a_task_and_completing_it_ends_the_task()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 10, "WAR"));
        var before = Assert.Single((await house.Book.ReadAsync(member, None)).Lines);

        Assert.Equal((true, null, TherapyState.DoseUnknown), (before.NeedsDose, before.CoveredUntil, before.State));
        Assert.Equal(CareOutcome.Done, await house.Desk.DoseAsync(member, before.Id, new Dose(1, "片", 2, ["20:00", "08:00"]), Teller.Pharmacist(new StaffId(7)), None));

        var after = (await house.Book.ReadAsync(member, None)).Lines.Single();
        Assert.Equal((false, (int?)(house.Pharmacy.Today - 10 + 30 - 1), TherapyState.Active), (after.NeedsDose, after.CoveredUntil, after.State));
        Assert.Equal(["08:00", "20:00"], after.Dose!.Times);
    }

    [DatabaseTheory]
    [InlineData(0, 1)]
    [InlineData(1000, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1000)]
    [InlineData(-1, 1)]
    [InlineData(0.0001, 1)]
    public async Task Nobody_takes_such_a_dose(decimal amount, int times)
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);

        Assert.Equal(CareOutcome.DoseInvalid, (await house.Desk.AddAsync(member, new NewTherapy("药", Dose: new Dose(amount, "片", times, [])), Teller.Member, None)).Outcome);
    }

    [DatabaseFact]
    public async Task Doses_of_today_are_marked_and_others_are_not()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        var line = (await house.Desk.AddAsync(member, new NewTherapy("药<b>😀", Dose: s_morning, DaysLeft: 9), Teller.Member, None)).Line!.Value;
        var today = ChinaTime.Date(house.Pharmacy.Today);

        Assert.Equal(DoseState.Due, Assert.Single((await house.Book.ReadAsync(member, None)).Today).State);
        Assert.Equal(CareOutcome.Done, await house.Desk.MarkAsync(member, line, today, "08:00", DoseState.Taken, None));
        Assert.Equal(CareOutcome.Done, await house.Desk.MarkAsync(member, line, today, "08:00", DoseState.Skipped, None));
        Assert.Equal(DoseState.Skipped, Assert.Single((await house.Book.ReadAsync(member, None)).Today).State);
        Assert.Equal(CareOutcome.TimeInvalid, await house.Desk.MarkAsync(member, line, today, "09:00", DoseState.Taken, None));
        Assert.Equal(CareOutcome.TimeInvalid, await house.Desk.MarkAsync(member, line, today.AddDays(1), "08:00", DoseState.Taken, None));
        Assert.Equal(CareOutcome.TimeInvalid, await house.Desk.MarkAsync(member, line, DateOnly.MinValue, "08:00", DoseState.Taken, None));

        var entry = Assert.Single((await house.Book.CalendarAsync(member, line, None))!);
        Assert.Equal(("健康提醒", "day"), (entry.Title, entry.RepeatInterval));
        Assert.DoesNotContain("药<b>", entry.Description, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task Measurements_are_flagged_by_the_approved_table_and_stand_encrypted()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(Purpose.Health);
        var at = house.Pharmacy.Clock.GetUtcNow();

        async Task<RangeMark?> FlagAsync(MeasurementKind kind, params (string, decimal)[] values) =>
            (await house.Health.MeasureAsync(member, kind, values.ToDictionary(v => v.Item1, v => v.Item2), at, Teller.Member, None)).Kept?.Flag;

        Assert.Equal(RangeMark.None, await FlagAsync(MeasurementKind.BloodPressure, ("systolic", 128), ("diastolic", 80)));
        Assert.Equal(RangeMark.High, await FlagAsync(MeasurementKind.BloodPressure, ("systolic", 136), ("diastolic", 80)));
        Assert.Equal(RangeMark.Urgent, await FlagAsync(MeasurementKind.BloodPressure, ("systolic", 185), ("diastolic", 100)));
        Assert.Equal(RangeMark.Low, await FlagAsync(MeasurementKind.GlucoseFasting, ("glucose", 3.8m)));
        Assert.Null(await FlagAsync(MeasurementKind.BloodPressure, ("systolic", 80), ("diastolic", 120)));
        Assert.Null(await FlagAsync(MeasurementKind.BloodPressure, ("systolic", 128)));
        Assert.Null(await FlagAsync(MeasurementKind.Weight, ("weight", 1000)));
        Assert.Equal(CareOutcome.TimeInvalid, (await house.Health.MeasureAsync(member, MeasurementKind.Weight, new Dictionary<string, decimal> { ["weight"] = 60 }, DateTimeOffset.MaxValue, Teller.Member, None)).Outcome);
        Assert.Equal(4, (await house.Book.ReadAsync(member, None)).Measurements.Count);
        Assert.All(await house.Pharmacy.QueryAsync<byte[]>("SELECT value_cipher FROM measurement"), kept => Assert.DoesNotContain("systolic", System.Text.Encoding.UTF8.GetString(kept), StringComparison.Ordinal));
    }

    [DatabaseFact]
    public async Task Only_the_member_confirms_an_enrolment_and_the_draft_goes_with_the_decision()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var (member, other) = (await house.JoinAsync(), await house.JoinAsync());
        var (outcome, code, _) = await house.Enrolments.EnterAsync(member, "hypertension", [new NewTherapy("别处的药", Dose: s_morning, DaysLeft: 12)], null, new StaffId(7), None);

        Assert.Equal(CareOutcome.Done, outcome);
        Assert.False((await house.Book.ReadAsync(member, None)).HealthConsent);
        Assert.Null(await house.Enrolments.FindAsync(other, code, None));
        Assert.Equal(CareOutcome.NotFound, await house.Enrolments.DecideAsync(other, code, true, None));
        Assert.Equal(1, (await house.Enrolments.FindAsync(member, code.ToLowerInvariant(), None))!.Medicines);

        Assert.Equal(CareOutcome.Done, await house.Enrolments.DecideAsync(member, code, true, None));
        Assert.Equal(CareOutcome.Over, await house.Enrolments.DecideAsync(member, code, true, None));

        var plan = await house.Book.ReadAsync(member, None);
        Assert.True(plan.HealthConsent);
        Assert.Equal(TherapySource.Pharmacist, Assert.Single(plan.Lines).Source);
        var consents = await house.Pharmacy.Database.ReadAsync(session => ConsentStore.HistoryAsync(session, member), None);
        Assert.Equal([Purpose.Health, Purpose.Reminder], consents.Select(consent => consent.Purpose));
        Assert.All(consents, consent => Assert.StartsWith("enrolment:", consent.Evidence, StringComparison.Ordinal));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM care_enrolment WHERE draft_cipher IS NOT NULL"));
    }

    [DatabaseFact]
    public async Task Staff_see_no_therapy_of_a_member_who_never_gave_the_health_consent_or_took_it_back()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync(consents: []);
        await house.Pharmacy.ImportAsync(house.Pharmacy.Sale("T1", 10));

        Assert.Equal(0, await LinesAsync());
        await AnswerAsync(true);
        Assert.Equal(1, await LinesAsync());
        await AnswerAsync(false);
        Assert.Equal(0, await LinesAsync());

        async Task<int> LinesAsync() => (await house.Pharmacy.Database.ReadAsync(session => TherapyStore.LinesOfAsync(session, member), None)).Count;
        Task AnswerAsync(bool given) => house.Pharmacy.Database.WriteAsync(
            tx => house.Consents.RecordAsync(tx, [new ConsentChange(member, Purpose.Health, given, "v1", "test", "form", house.Pharmacy.Clock.NowMs())]), None);
    }

    [DatabaseFact]
    public async Task Under_fourteen_nobody_accepts_an_enrolment_before_a_guardian_has_agreed()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync();
        await house.Pharmacy.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM member_guardian");
            await tx.ExecuteAsync("UPDATE member SET birth_year = @year, birth_md = 101 WHERE id = @id", new { year = ChinaTime.Date(house.Pharmacy.Today).Year - 10, id = member.Value });
        }, None);
        var (_, code, _) = await house.Enrolments.EnterAsync(member, "airways", [new NewTherapy("别处的药")], null, new StaffId(7), None);

        Assert.Equal(CareOutcome.GuardianNeeded, await house.Enrolments.DecideAsync(member, code, true, None));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1"));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM therapy_line"));

        // The code still waits: with the guardian's yes it is accepted.
        await house.Pharmacy.Database.WriteAsync(tx => tx.ExecuteAsync(
            "INSERT INTO member_guardian (member_id, relation, text_version, confirmed_at) VALUES (@id, 'mother', 'v1', 1)", new { id = member.Value }), None);
        Assert.Equal(CareOutcome.Done, await house.Enrolments.DecideAsync(member, code, true, None));
        Assert.Equal(2, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1"));
        var given = await house.Pharmacy.Database.ReadAsync(session => AuditLog.SearchAsync(session, new AuditQuery { Action = "consent.given" }), None);
        Assert.Equal(["consent:health", "consent:reminder"], given.Where(record => record.Entry.MemberId == member.Value).Select(record => record.Entry.Subject).Order());
    }

    [DatabaseFact]
    public async Task Declining_keeps_nothing_of_what_was_entered()
    {
        await using var house = await CareHouse.OpenAsync(database);
        var member = await house.JoinAsync();
        var (_, code, _) = await house.Enrolments.EnterAsync(member, "general", [new NewTherapy("别处的药")], null, new StaffId(7), None);

        Assert.Equal(CareOutcome.Done, await house.Enrolments.DecideAsync(member, code, false, None));

        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM therapy_line"));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM care_enrolment WHERE draft_cipher IS NOT NULL"));
        Assert.Equal(0, await house.Pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM consent WHERE granted = 1"));
    }
}

public sealed class CarePlanOnSqlite(SqliteTestDatabase database) : CarePlanContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class CarePlanOnMySql(MySqlTestDatabase database) : CarePlanContract(database), IClassFixture<MySqlTestDatabase>;

/// <summary>The pharmacy with what care plans need.</summary>
internal sealed class CareHouse : IAsyncDisposable
{
    private int _members;

    private CareHouse(Pharmacy pharmacy)
    {
        Pharmacy = pharmacy;
        var consents = new ConsentStore(pharmacy.Ids);
        Desk = new CareDesk(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher, pharmacy.Therapies);
        Health = new HealthBook(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher);
        Book = new CarePlanBook(pharmacy.Database, pharmacy.Clocks, pharmacy.Cipher, Health);
        Enrolments = new Enrolments(pharmacy.Database, pharmacy.Ids, pharmacy.Clocks, pharmacy.Cipher, Desk, consents, new AuditLog(pharmacy.Clocks));
        Consents = consents;
    }

    public Pharmacy Pharmacy { get; }

    public CareDesk Desk { get; }

    public HealthBook Health { get; }

    public CarePlanBook Book { get; }

    public Enrolments Enrolments { get; }

    public ConsentStore Consents { get; }

    public static async Task<CareHouse> OpenAsync(TestDatabase database)
    {
        var pharmacy = await Pharmacy.OpenAsync(database);
        await database.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["therapy_statement", "dose_mark", "measurement", "member_health", "care_enrolment", "event"]) await tx.ExecuteAsync($"DELETE FROM {table}");
        }, CancellationToken.None);
        await pharmacy.StockAsync();
        return new CareHouse(pharmacy);
    }

    /// <summary>A member M1, M2 … with these consents.</summary>
    public async Task<MemberId> JoinAsync(params Purpose[] consents)
    {
        var no = $"M{++_members}";
        await Pharmacy.ImportAsync(Pharmacy.Member(no));
        var id = (await Pharmacy.Members.FindAsync(no, 1, CancellationToken.None)).Single();
        await Pharmacy.Database.WriteAsync(tx => Consents.RecordAsync(
            tx, [.. consents.Select(purpose => new ConsentChange(id, purpose, true, "v1", "test", "form", Pharmacy.Clock.NowMs()))]), CancellationToken.None);
        return id;
    }

    public ValueTask DisposeAsync() => Pharmacy.DisposeAsync();
}
