using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Members.Profiles;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Imports;

/// <summary>What an import of members promises, on each database.</summary>
public abstract class MemberImportContract(TestDatabase test) : IAsyncLifetime
{
    private Pharmacy _pharmacy = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.StockAsync();
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task A_member_comes_in_cleaned_encrypted_and_findable()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", " 王 秀 兰 ", "+86 199-0000-0001") with { Sex = "女", Birthday = "1964/2/29" });

        foreach (var text in (string[])["M1", "19900000001", "0001", "王秀蘭", "王秀兰阿姨"])
        {
            var found = Assert.Single(await _pharmacy.Members.FindAsync(text, 10, default));
            var profile = (await _pharmacy.Members.ProfilesAsync([found], default))[found];
            Assert.Equal(("王秀兰", "19900000001", 2, new Birthday(1964, 2, 29)), (profile.Name?.Value, profile.Phone?.Digits, profile.Sex, profile.Birthday));
            Assert.DoesNotContain("秀兰", profile.ToString());
            Assert.DoesNotContain("19900000001", profile.ToString());
        }

        Assert.Empty(await _pharmacy.Members.FindAsync("0002", 10, default));
        Assert.Equal("""{"name":"till","phone":"till","sex":"till","birthday":"till","store":"till"}""", await _pharmacy.ScalarAsync<string>("SELECT field_sources FROM member"));
        Assert.Equal(1, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM member_fact WHERE birth_year = 1964 AND sex = 2 AND store_id IS NOT NULL"));
    }

    [DatabaseFact]
    public async Task A_second_run_changes_nothing_and_says_so()
    {
        MemberRow[] rows =
        [
            Pharmacy.Member("M1", "王秀兰", "19900000001") with { Consents = [Yes(Purpose.Reminder)], OpenId = "o1" },
            Pharmacy.Member("C7", "王秀兰", "19900000001", "form"), Pharmacy.Member("M2", "王秀芳", "19900000001"), Pharmacy.Member("M3"),
        ];

        var first = await _pharmacy.ImportAsync(rows);
        var second = await _pharmacy.ImportAsync(rows);

        Assert.Equal((4, 3, 1, 1), (first.Rows, first.Added, first.Merged, first.ToReview));
        Assert.Equal((4, 4, 0, 0, 0), (second.Rows, second.Unchanged, second.Added, second.Changed, second.ToReview));
        Assert.Equal(3, await _pharmacy.ScalarAsync<long>("SELECT SUM(version) FROM member"));
        Assert.Equal(1, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM consent_change"));
    }

    [DatabaseTheory]
    [InlineData("王秀兰", "王秀蘭女士", 1, 0)]     // the same name in another spelling
    [InlineData("王秀兰", "顾客", 1, 0)]           // a placeholder is no name
    [InlineData("", "王秀兰", 1, 0)]
    [InlineData("王秀兰", "李强", 0, 1)]           // a family on one phone
    [InlineData("王秀兰", "王秀芳", 0, 1)]         // sisters, or a slip of the pen: a person decides
    [InlineData("王先生", "王女士", 0, 1)]         // a surname is no identity
    public async Task One_phone_on_two_cards_is_merged_or_put_up_for_review(string first, string second, int merged, int review)
    {
        var report = await _pharmacy.ImportAsync(Pharmacy.Member("M1", first, "19900000001"), Pharmacy.Member("C7", second, "19900000001", "form"));

        Assert.Equal((merged, review, 2 - merged), (report.Merged, report.ToReview, report.Added));
        Assert.Equal(review, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM merge_review"));
    }

    [DatabaseFact]
    public async Task The_same_rules_hold_when_the_cards_come_in_two_imports()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "", "19900000001"));

        var report = await _pharmacy.ImportAsync(
            Pharmacy.Member("C7", "王秀兰", "19900000001", "form"), Pharmacy.Member("C8", "李强", "19900000001", "form") with { Birthday = "1980-05-05" });
        var later = await _pharmacy.ImportAsync(Pharmacy.Member("C9", "李强", "19900000002", "web") with { Birthday = "19800505" });

        Assert.Equal((1, 1, 1), (report.Merged, report.Added, report.ToReview));
        Assert.Equal((1, 1), (later.Added, later.ToReview));
        Assert.Equal(["same_name_and_birthday", "same_phone_other_name"], await _pharmacy.QueryAsync<string>("SELECT reason FROM merge_review ORDER BY reason"));
    }

    [DatabaseFact]
    public async Task A_merged_card_still_buys_for_the_member()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001"), Pharmacy.Member("C7", "王秀兰", "19900000001", "form"));

        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 3), _pharmacy.Sale("T2", 2, member: "C7") with { Source = "form" });

        Assert.Equal(2, await _pharmacy.ScalarAsync<long>("SELECT visits FROM member_fact"));
    }

    [DatabaseFact]
    public async Task A_filled_in_number_and_opposite_people_are_never_merged()
    {
        var report = await _pharmacy.ImportAsync(
            Pharmacy.Member("M1", "王秀兰", "13800000000"), Pharmacy.Member("M2", "王秀兰", "13800000000"), Pharmacy.Member("M3", "", "13800000000"),
            Pharmacy.Member("M4", "李强", "19900000004") with { Sex = "男", Birthday = "1950-01-02" },
            Pharmacy.Member("M5", "李强", "19900000004") with { Sex = "女", Birthday = "1990-01-02" });

        Assert.Equal((5, 0, 1), (report.Added, report.Merged, report.ToReview));
        Assert.Equal(3, report.Flagged["phone_suspicious"]);
        Assert.Equal("hard_conflict", await _pharmacy.ScalarAsync<string>("SELECT reason FROM merge_review"));
    }

    [DatabaseFact]
    public async Task A_changed_row_updates_its_fields_and_the_old_values_are_kept()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001"));

        var report = await _pharmacy.ImportAsync(Pharmacy.Member("M1", "", "19900000009") with { Birthday = "03-10" });

        Assert.Equal(1, report.Changed);
        var profile = await ProfileAsync("M1");
        Assert.Equal(("王秀兰", "19900000009", new Birthday(null, 3, 10)), (profile.Name?.Value, profile.Phone?.Digits, profile.Birthday));
        Assert.Equal([(2L, 2L)], await _pharmacy.QueryAsync<(long, long)>("SELECT version, gate_version FROM member"));
        Assert.Equal([("phone", "till", "till")], await _pharmacy.QueryAsync<(string, string, string)>("SELECT field, old_source, new_source FROM member_change"));
        Assert.Single(await _pharmacy.Members.FindAsync("19900000009", 5, default));
        Assert.Empty(await _pharmacy.Members.FindAsync("19900000001", 5, default));
    }

    [DatabaseFact]
    public async Task A_merged_card_fills_gaps_and_replaces_nothing()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001") with { Joined = "2024-05-01" });

        await _pharmacy.ImportAsync(Pharmacy.Member("C7", "王秀蘭", "19900000001", "form") with { Sex = "女", Joined = "2020-01-01", StoreCode = "S2", PrivateMode = true });

        var profile = await ProfileAsync("M1");
        Assert.Equal(("王秀兰", 2, true), (profile.Name?.Value, profile.Sex, profile.PrivateMode));
        Assert.Equal(Engagement.Storage.ChinaTime.DayOf(new DateOnly(2020, 1, 1)), profile.JoinedDay);
        Assert.Equal("S1", await _pharmacy.ScalarAsync<string>("SELECT s.code FROM store s JOIN member m ON m.store_id = s.id"));
        Assert.Equal("""{"name":"till","phone":"till","store":"till","sex":"form","joined":"form","private_mode":"form"}""",
            await _pharmacy.ScalarAsync<string>("SELECT field_sources FROM member"));
    }

    [DatabaseFact]
    public async Task On_a_merge_the_strictest_consent_wins_and_health_needs_the_same_name()
    {
        await _pharmacy.ImportAsync(
            Pharmacy.Member("M1", "王秀兰", "19900000001") with { Consents = [Yes(Purpose.MarketingSms), No(Purpose.Tips), Yes(Purpose.Reminder)] },
            Pharmacy.Member("M2", "", "19900000002"));

        await _pharmacy.ImportAsync(
            Pharmacy.Member("C7", "王秀兰", "19900000001", "form") with { Consents = [No(Purpose.MarketingSms), Yes(Purpose.Tips), Yes(Purpose.Health)] },
            Pharmacy.Member("C8", "李强", "19900000002", "form") with { Consents = [Yes(Purpose.Health), Yes(Purpose.MarketingWeChat)] });

        Assert.Equal(
            [("M1", 2, 1), ("M1", 3, 1), ("M1", 4, 0), ("M1", 6, 0), ("M2", 5, 1)],
            await _pharmacy.QueryAsync<(string, int, int)>(
                "SELECT m.member_no, c.purpose, c.granted FROM consent c JOIN member m ON m.id = c.member_id ORDER BY m.member_no, c.purpose"));
        Assert.Equal(8, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM consent_change"));
    }

    [DatabaseFact]
    public async Task Consent_needs_evidence_and_a_later_word_on_the_own_card_counts()
    {
        var report = await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001") with
        {
            Consents = [Yes(Purpose.MarketingSms) with { Evidence = " " }, Yes(Purpose.Tips)],
        });
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001") with { Consents = [No(Purpose.Tips) with { Day = _pharmacy.Today }] });
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001") with { Consents = [Yes(Purpose.Tips) with { Day = _pharmacy.Today - 99 }] });

        Assert.Equal(1, report.Flagged["consent_without_evidence"]);
        Assert.Equal([(6, 0)], await _pharmacy.QueryAsync<(int, int)>("SELECT purpose, granted FROM consent"));
        Assert.Equal(3, await _pharmacy.ScalarAsync<long>("SELECT gate_version FROM member") + 1);
    }

    [DatabaseFact]
    public async Task Bad_rows_are_refused_with_line_column_and_reason_and_no_value()
    {
        var good = Pharmacy.Member("M0", "王秀兰", "19900000000");
        var report = await _pharmacy.ImportAsync(
            good with { Line = 2 }, good with { Line = 3, MemberNo = "A", Phone = "1380013800" }, good with { Line = 4, MemberNo = "B", Phone = "1.38E+10" },
            good with { Line = 5, MemberNo = "C", Birthday = "2018-02-29" }, good with { Line = 6, MemberNo = "" },
            good with { Line = 7, MemberNo = "D", StoreCode = "S9" }, good with { Line = 8, MemberNo = "E", Joined = "2030-01-01" },
            good with { Line = 9, Sex = "男" }, good with { Line = 10, MemberNo = "F", Name = new string('王', 100_000) });

        Assert.Equal(
            [(3, "phone", "phone_length"), (4, "phone", "phone_scientific"), (5, "birthday", "birthday_impossible"), (6, "member_no", "missing"),
                (7, "store_code", "unknown_store"), (8, "joined", "date_in_future"), (9, "member_no", "repeated_key"), (10, "name", "name_too_long")],
            _pharmacy.Rejections.Select(r => (r.Line, r.Column, r.Code)));
        Assert.Equal((9, 1, 8), (report.Rows, report.Added, report.Rejected.Values.Sum()));
        Assert.All(_pharmacy.Rejections, r => Assert.DoesNotContain("1380013800", r.Reason.Zh + r.Reason.En));
    }

    [DatabaseFact]
    public async Task An_erased_member_does_not_come_back()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001"));
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE member SET erased_at = 1, name_cipher = NULL, phone_cipher = NULL"), default);

        var report = await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001") with { Sex = "女" });

        Assert.Equal(1, report.Rejected["member_erased"]);
    }

    [DatabaseFact]
    public async Task A_product_keeps_what_it_was_and_therapy_lines_follow_its_dose()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001"));
        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 10, "WAR"));
        Assert.Equal((3, -11), await LineAsync());

        var report = await _pharmacy.ImportAsync(Pharmacy.Medicine("WAR", "华法林钠片", "华法林", "2.5mg", 60, 2000));

        Assert.Equal(1, report.Changed);
        Assert.Equal((1, 19), await LineAsync());
        Assert.Contains("华法林钠片", await _pharmacy.ScalarAsync<string>("SELECT old_row FROM product_change"));
        Assert.Equal((5, 0), (await _pharmacy.ImportAsync(Pharmacy.Medicine("WAR", "华法林钠片", "华法林", "2.5mg", 60, 2000))) is var again ? (4 + again.Unchanged, again.Changed) : default);
    }

    private async Task<(int State, int EndFromToday)> LineAsync()
    {
        var (state, end) = Assert.Single(await _pharmacy.QueryAsync<(int, int)>("SELECT state, coverage_end FROM therapy_line"));
        return (state, end - _pharmacy.Today);
    }

    private async Task<MemberProfile> ProfileAsync(string no)
    {
        var id = Assert.Single(await _pharmacy.Members.FindAsync(no, 5, default));
        return (await _pharmacy.Members.ProfilesAsync([id], default))[id];
    }

    private ConsentRow Yes(Purpose purpose) => new(purpose, true, _pharmacy.Today - 30, "v1", "form 17");

    private ConsentRow No(Purpose purpose) => new(purpose, false, _pharmacy.Today - 20, "v1", "form 18");
}

public sealed class MemberImportOnSqlite(SqliteTestDatabase database) : MemberImportContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class MemberImportOnMySql(MySqlTestDatabase database) : MemberImportContract(database), IClassFixture<MySqlTestDatabase>;
