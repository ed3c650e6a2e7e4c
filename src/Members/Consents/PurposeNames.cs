using Engagement.Storage;

namespace Engagement.Members.Consents;

/// <summary>What purposes are called in front of people.</summary>
public static class PurposeNames
{
    /// <summary>The stable code of a purpose, as imports and the API write it.</summary>
    public static string Code(Purpose purpose) => purpose switch
    {
        Purpose.Membership => "membership",
        Purpose.Health => "health",
        Purpose.Reminder => "reminder",
        Purpose.MarketingSms => "marketing_sms",
        Purpose.MarketingWeChat => "marketing_wechat",
        Purpose.Tips => "tips",
        Purpose.Personalisation => "personalisation",
    };

    /// <summary>The purpose with this code, or <c>null</c>.</summary>
    public static Purpose? Parse(string code)
    {
        foreach (var purpose in Enum.GetValues<Purpose>())
        {
            if (Code(purpose) == code) return purpose;
        }

        return null;
    }

    /// <summary>The name of a purpose.</summary>
    public static Phrase Of(Purpose purpose) => purpose switch
    {
        Purpose.Membership => new("会员服务", "membership service"),
        Purpose.Health => new("健康信息", "use of health data"),
        Purpose.Reminder => new("用药提醒", "medication reminders"),
        Purpose.MarketingSms => new("短信营销", "marketing by SMS"),
        Purpose.MarketingWeChat => new("微信营销", "marketing in WeChat"),
        Purpose.Tips => new("健康科普", "health tips"),
        Purpose.Personalisation => new("个性化推荐", "personalised recommendation"),
    };
}
