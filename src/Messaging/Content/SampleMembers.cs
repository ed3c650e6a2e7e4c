using Engagement.Messaging.Campaigns;
using Engagement.Storage;
using Engagement.Templates;

namespace Engagement.Messaging.Content;

/// <summary>Invented members to try a template on: an everyday one, and those on whom templates fail.</summary>
public static class SampleMembers
{
    // Any day does: only an approval number could expire on it.
    internal static readonly DateTimeOffset SomeDay = ChinaTime.At(20_000, new TimeOnly(10, 0));

    private const string Chain = "康宁大药房";

    /// <summary>One row after the other, the everyday member first; it is the same row each time, filled anew.</summary>
    public static IEnumerable<RenderRow> Rows()
    {
        var model = new MessageModel();
        foreach (var (name, surname, sex, store, city) in Members)
        {
            model.For(name, surname, sex, store, city, Chain, SomeDay);
            model.Refill("氨氯地平片、二甲双胍片", ChinaTime.DayOf(SomeDay) + 7);
            model.Campaign(new CampaignContent("冬季润肤周", "身体乳第二件半价", ChinaTime.DayOf(SomeDay) + 14, []));
            yield return model.Row;
        }
    }

    private static readonly (string? Name, string? Surname, int Sex, string? Store, string? City)[] Members =
    [
        ("欧阳晓明", "欧阳", 1, "康宁大药房（人民路店）", "南京"),
        ("王秀兰", "王", 2, "和平路店", null),
        ("阿卜杜热合曼·麦麦提", "阿卜杜热合曼", 0, "康宁大药房（高新技术产业开发区第二分店）", "克孜勒苏柯尔克孜自治州"),
        ("𠮷喆㐂", "𠮷", 2, "东店", "北京"),
        (null, null, 0, null, null),
    ];
}
