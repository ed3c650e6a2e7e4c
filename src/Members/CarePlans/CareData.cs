using System.Globalization;
using Engagement.Members.Privacy;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>What a care plan knows about a member: conditions, allergies, measurements, doses, what was said of medicines.</summary>
internal sealed class CareData(HealthBook health) : IPersonalData
{
    private const int MostMeasurements = 1_000;

    private static readonly Phrase s_own = new("本人或药师填写", "told by the member or a pharmacist");

    private static readonly string[] s_forget =
    [
        "DELETE FROM therapy_statement WHERE member_id = @member",
        "DELETE FROM dose_mark WHERE member_id = @member",
        "DELETE FROM measurement WHERE member_id = @member",
        "DELETE FROM member_health WHERE member_id = @member",
        "DELETE FROM care_enrolment WHERE member_id = @member",
        "DELETE FROM member_code WHERE member_id = @member",
    ];

    public async Task<IReadOnlyList<DataSection>> ShowAsync(Session session, MemberId member)
    {
        var profile = await health.ProfileAsync(session, member).ConfigureAwait(false);
        var measured = await health.MeasurementsAsync(session, member, MostMeasurements).ConfigureAwait(false);
        return
        [
            new DataSection("health", new("健康信息", "Health data"),
            [
                .. profile.Conditions.Select(one => new DataRow(new("疾病", "Condition"), new(one, one), s_own)),
                .. profile.Allergies.Select(one => new DataRow(new("过敏", "Allergy"), new(one, one), s_own)),
            ]),
            new DataSection("measurements", new("测量记录", "Measurements"), [.. measured.Select(one => new DataRow(
                Same(one.At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)), one.Text, s_own))]),
        ];
    }

    public async Task ForgetAsync(Tx tx, MemberId member)
    {
        foreach (var statement in s_forget) await tx.ExecuteAsync(statement, new { member = member.Value }).ConfigureAwait(false);
    }

    private static Phrase Same(string text) => new(text, text);
}
