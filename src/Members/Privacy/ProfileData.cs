using System.Globalization;
using Engagement.Members.Consents;
using Engagement.Members.Preferences;
using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Privacy;

/// <summary>Who a member is, what was agreed to and what was chosen. The eraser itself forgets these, last of all.</summary>
internal sealed class ProfileData(OpenRecords records) : IPersonalData
{
    private static readonly Phrase s_none = new("", "");

    public async Task<IReadOnlyList<DataSection>> ShowAsync(Session session, MemberId member)
    {
        if (await records.ReadAsync(session, member.Value).ConfigureAwait(false) is not { } record) return [];
        var consents = await ConsentStore.HistoryAsync(session, member).ConfigureAwait(false);
        var preferences = await PreferenceStore.ReadAsync(session, member).ConfigureAwait(false);
        var openIds = await session.QueryAsync<string>("SELECT openid FROM member_identity WHERE member_id = @member ORDER BY account, openid", new { member = member.Value }).ConfigureAwait(false);
        return
        [
            new DataSection("profile", new("基本资料", "Profile"), [.. Profile(record)]),
            new DataSection("wechat", new("微信标识", "WeChat ids"), [.. openIds.Select(openId => new DataRow(new("openid", "openid"), Same(openId), new("微信登录", "WeChat sign-in")) { OnScreen = Same(openId[..Math.Min(4, openId.Length)] + "****") })]),
            new DataSection("consents", new("同意记录", "Consents"), [.. consents.Select(change => new DataRow(
                PurposeNames.Of(change.Purpose), change.Granted ? new($"同意（{change.TextVersion}）", $"given ({change.TextVersion})") : new("不同意", "refused"), Origin(change.Source, change.At)))]),
            new DataSection("preferences", new("偏好设置", "Preferences"), [.. preferences.Select(one => new DataRow(Same(one.Name), one.On ? new("开", "on") : new("关", "off"), Origin(one.Origin, one.At)))]),
        ];
    }

    // The eraser clears the record when every other feature has forgotten.
    public Task ForgetAsync(Tx tx, MemberId member) => Task.CompletedTask;

    private static IEnumerable<DataRow> Profile(OpenRecord record)
    {
        yield return new(new("会员号", "Member number"), Same(record.MemberNo), Same(record.Source));
        if (record.Name is { } name) yield return new(new("姓名", "Name"), Same(name), Said("name"));
        if (record.Phone is { } phone) yield return new(new("手机号", "Phone"), Same(phone), Said("phone")) { OnScreen = Same(PhoneNumber.Parse(phone).ToString()) };
        if (record.BirthMonthDay is { } born) yield return new(new("生日", "Birthday"), Same($"{record.BirthYear?.ToString(CultureInfo.InvariantCulture) ?? "----"}-{born / 100:00}-{born % 100:00}"), Said("birthday"));
        if (record.Sex != 0) yield return new(new("性别", "Gender"), record.Sex == 1 ? new("男", "male") : new("女", "female"), Said("sex"));
        yield return new(new("入会日期", "Joined"), Same(Day(record.JoinedDay)), Said("joined"));
        yield return new(new("隐私模式", "Private mode"), record.PrivateMode ? new("开", "on") : new("关", "off"), Said("private_mode"));

        Phrase Said(string field) => record.Sources.TryGetValue(field, out var source) ? Same(source) : s_none;
    }

    private static Phrase Origin(string source, long at) => Same($"{source} {Day(ChinaTime.DayOf(DateTimeOffset.FromUnixTimeMilliseconds(at)))}");

    private static string Day(int day) => ChinaTime.Date(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Phrase Same(string text) => new(text, text);
}
