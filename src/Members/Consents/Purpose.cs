namespace Engagement.Members.Consents;

/// <summary>What a member agrees to, each apart from the others (个人信息保护法 14, 23, 29; domain R-PI-2). Silence is refusal.</summary>
public enum Purpose
{
    /// <summary>会员服务: the membership contract itself.</summary>
    Membership = 1,

    /// <summary>健康信息: use of health data, prescription purchases included (敏感个人信息, 28–30).</summary>
    Health = 2,

    /// <summary>用药提醒: refill and dose reminders.</summary>
    Reminder = 3,

    /// <summary>短信营销: commercial messages by SMS.</summary>
    MarketingSms = 4,

    /// <summary>微信营销: commercial messages in WeChat and the mini-program.</summary>
    MarketingWeChat = 5,

    /// <summary>健康科普: health tips.</summary>
    Tips = 6,

    /// <summary>个性化推荐: automated decisions about what is shown (24).</summary>
    Personalisation = 7,
}
