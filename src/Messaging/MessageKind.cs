namespace Engagement.Messaging;

/// <summary>What a message is about: a row of the gate table (domain 4.10), which decides consent, hours, words.</summary>
public enum MessageKind
{
    /// <summary>验证码.</summary>
    Verification = 1,

    /// <summary>交易通知: points, coupon used, case answered.</summary>
    Transaction = 2,

    /// <summary>续购提醒.</summary>
    Refill = 3,

    /// <summary>服药提醒.</summary>
    Dose = 4,

    /// <summary>生日与节日祝福.</summary>
    Birthday = 5,

    /// <summary>促销.</summary>
    Promotion = 6,

    /// <summary>健康科普.</summary>
    Tip = 7,

    /// <summary>召回与安全通知.</summary>
    Recall = 8,

    /// <summary>调查问卷.</summary>
    Survey = 9,
}

/// <summary>What a crash may cost a message, and nothing else. The numbers are the order in which a worker sends.</summary>
public enum DeliveryClass
{
    /// <summary>At most once, short life.</summary>
    Service = 1,

    /// <summary>At least once, and once where the provider can be asked.</summary>
    Reminder = 2,

    /// <summary>At most once; never sent again when in doubt.</summary>
    Promotional = 3,
}

/// <summary>The ways to a member that leave the house. The in-app inbox is none: it is always open and is no send.</summary>
public enum Channel
{
    /// <summary>WeChat mini-program subscribe message.</summary>
    WeChatSubscribe = 1,

    /// <summary>SMS.</summary>
    Sms = 2,

    /// <summary>Template message of the WeChat official account, to its followers.</summary>
    OfficialAccount = 3,

    /// <summary>WeChat customer-service message, to those who have written or tapped a while ago.</summary>
    CustomerService = 4,
}

/// <summary>Where a message stands. The transition table is in docs/delivery.md.</summary>
public enum MessageState
{
    /// <summary>Waits for its time and for the gate.</summary>
    Pending = 1,

    /// <summary>An intent is durable; the bytes may be on the wire.</summary>
    Sending = 2,

    /// <summary>The provider accepted it.</summary>
    Sent = 3,

    /// <summary>A receipt says that it arrived.</summary>
    Delivered = 4,

    /// <summary>A receipt says that it did not arrive.</summary>
    Undelivered = 5,

    /// <summary>The gate refused it, with a reason.</summary>
    Suppressed = 6,

    /// <summary>No channel took it, or it could not be rendered.</summary>
    Failed = 7,

    /// <summary>Nobody can say whether the provider has it.</summary>
    InDoubt = 8,
}

/// <summary>The stable names of channels, as reports and the console show them.</summary>
public static class ChannelNames
{
    /// <summary><c>wechat_subscribe</c>, <c>sms</c>, <c>official_account</c> or <c>customer_service</c>.</summary>
    public static string Code(this Channel channel) => channel switch
    {
        Channel.WeChatSubscribe => "wechat_subscribe",
        Channel.Sms => "sms",
        Channel.OfficialAccount => "official_account",
        Channel.CustomerService => "customer_service",
    };
}
