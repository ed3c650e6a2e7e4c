using System.Text.Json;
using Engagement.Members.Merges;
using Engagement.Members.Privacy;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>What care plans, tips, surveys and cases keep about a member: shown, forgotten, and moved when two records are one person.</summary>
internal sealed class CareData(FieldCipher cipher, HealthBook health) : IPersonalData, IMergePart
{
    private const int Most = 500;

    private const string Statements = "SELECT id AS Id, kind AS Kind, day AS Day, detail_cipher AS Detail FROM therapy_statement WHERE member_id = @member ORDER BY id";
    private const string Cases = "SELECT id AS Id, category AS Kind, opened_at AS At FROM service_case WHERE member_id = @member ORDER BY id";

    // A case is kept for the store's sake and cut loose from the person; what the person said in it goes.
    private static readonly string[] s_forget =
    [
        "DELETE FROM therapy_statement WHERE member_id = @member",
        "DELETE FROM dose_mark WHERE member_id = @member",
        "DELETE FROM measurement WHERE member_id = @member",
        "DELETE FROM member_health WHERE member_id = @member",
        "DELETE FROM member_merge_health WHERE merge_id IN (SELECT id FROM member_merge WHERE survivor_id = @member OR merged_id = @member)",
        "DELETE FROM care_enrolment WHERE member_id = @member",
        "DELETE FROM tip_view WHERE member_id = @member",
        "DELETE FROM inbox_read WHERE member_id = @member",
        "DELETE FROM case_photo WHERE member_id = @member",
        "DELETE FROM case_entry WHERE case_id IN (SELECT id FROM service_case WHERE member_id = @member)",
        "UPDATE service_case SET member_id = NULL WHERE member_id = @member",
        "DELETE FROM survey_text WHERE answer_id IN (SELECT id FROM survey_answer WHERE member_id = @member)",
        "UPDATE survey_answer SET member_id = NULL WHERE member_id = @member",
        "DELETE FROM survey_done WHERE member_id = @member",
    ];

    // What goes along with a merge: rows that have an id of their own, so that each can go back. Health data crosses only between records of one name.
    private static readonly (int Kind, string Table, bool Health)[] s_moved =
        [(120, "therapy_statement", true), (121, "measurement", true), (122, "care_enrolment", true), (123, "service_case", false), (124, "case_photo", false), (125, "survey_answer", false)];

    public async Task<IReadOnlyList<DataSection>> ShowAsync(Session session, MemberId member)
    {
        var said = await session.QueryAsync<Row>(Statements, new { member = member.Value }).ConfigureAwait(false);
        var measured = await health.MeasurementsAsync(session, member, Most).ConfigureAwait(false);
        var profile = await health.ProfileAsync(session, member).ConfigureAwait(false);
        var cases = await session.QueryAsync<Row>(Cases, new { member = member.Value }).ConfigureAwait(false);
        DataSection[] sections =
        [
            new("care_plan", new("用药计划", "Care plan"), [.. said.Select(one => new DataRow(Same(Day(one.Day)), Same(Words(one)), new("您或药师登记", "you or a pharmacist")))]),
            new("measurements", new("测量记录", "Measurements"), [.. measured.Select(one => new DataRow(Same(Day(ChinaTime.DayOf(one.At))), one.Text, new("您登记", "you")))]),
            new("health", new("疾病与过敏", "Conditions and allergies"),
                [.. profile.Conditions.Select(text => new DataRow(new("疾病", "condition"), Same(text), new("您登记", "you"))), .. profile.Allergies.Select(text => new DataRow(new("过敏", "allergy"), Same(text), new("您登记", "you")))]),
            new("cases", new("服务工单", "Service cases"), [.. cases.Select(one => new DataRow(Same($"#{one.Id}"), Same(Day(ChinaTime.DayOf(DateTimeOffset.FromUnixTimeMilliseconds(one.At)))), new("您提交", "you")))]),
        ];
        return [.. sections.Where(section => section.Rows.Count > 0)];
    }

    public async Task ForgetAsync(Tx tx, MemberId member)
    {
        foreach (var statement in s_forget) await tx.ExecuteAsync(statement, new { member = member.Value }).ConfigureAwait(false);
    }

    public async Task MergeAsync(Tx tx, Merge merge)
    {
        var (from, to) = (merge.From.Value, merge.To.Value);
        foreach (var (kind, table, isHealth) in s_moved)
        {
            if (isHealth && !merge.SameName) continue;
            await tx.ExecuteAsync($"INSERT INTO member_merge_row (merge_id, kind, row_id) SELECT @merge, @kind, id FROM {table} WHERE member_id = @from", new { merge = merge.Id, kind, from }).ConfigureAwait(false);
            await tx.ExecuteAsync($"UPDATE {table} SET member_id = @to WHERE member_id = @from", new { from, to }).ConfigureAwait(false);
        }

        if (merge.SameName) await health.MergeAsync(tx, merge).ConfigureAwait(false);
    }

    public async Task PartAsync(Tx tx, Merge merge)
    {
        foreach (var (kind, table, _) in s_moved)
        {
            await tx.ExecuteAsync($"UPDATE {table} SET member_id = @from WHERE id IN (SELECT row_id FROM member_merge_row WHERE merge_id = @merge AND kind = @kind)",
                new { merge = merge.Id, kind, from = merge.From.Value }).ConfigureAwait(false);
        }

        await health.PartAsync(tx, merge).ConfigureAwait(false);
    }

    private string Words(Row row) => (StatementKind)row.Kind switch
    {
        StatementKind.Entered when row.Detail is not null => JsonSerializer.Deserialize(cipher.Decrypt(StatementStore.Detail, row.Id, row.Detail), CareJson.Default.NewTherapy)!.Name,
        StatementKind.Dose when Dose.FromJson(cipher.Decrypt(StatementStore.Detail, row.Id, row.Detail)) is { } dose => $"每次 {dose.Amount:0.###} {dose.Unit}，每天 {dose.TimesPerDay} 次 {string.Join(" ", dose.Times)}",
        StatementKind.Bought => "已购买",
        StatementKind.StillHave => "还有药",
        StatementKind.Stopped => "不再服用",
        StatementKind.Later => "稍后提醒",
        _ => "正在服用",
    };

    private static Phrase Same(string text) => new(text, text);

    private static string Day(long day) => ChinaTime.Date((int)day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kind { get; init; }
        public long Day { get; init; }
        public long At { get; init; }
        public byte[]? Detail { get; init; }
    }
}
