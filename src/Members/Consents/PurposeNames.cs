using Engagement.Storage;

namespace Engagement.Members.Consents;

/// <summary>What purposes are called in front of people.</summary>
public static class PurposeNames
{
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
