using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>What every foreign till export lacks.</summary>
internal static class TillPeople
{
    /// <summary>The sentence for the summary.</summary>
    public static Phrase Made(PersonMaker maker) => new(
        $"姓名、手机号（{maker.Phones.Pattern}）、生日、门店、openid、同意记录、订阅次数为生成；另加五位示例会员（来源 {Story.Source}）。",
        $"Names, phone numbers ({maker.Phones.Pattern}), birthdays, stores, openids, consents and grants were made; five people of the story were added (source {Story.Source}).");
}
