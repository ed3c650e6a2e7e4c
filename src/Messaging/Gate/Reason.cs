using Engagement.Members.Consents;
using Engagement.Storage;

namespace Engagement.Messaging.Gate;

/// <summary>Why something was not sent. The codes are a contract: reports count them, people read their sentences.</summary>
public static class Reason
{
    /// <summary>The member asked to be erased.</summary>
    public const string Erased = "erased";
    /// <summary>Under 14: out of all marketing (个人信息保护法 31).</summary>
    public const string Minor = "minor";
    /// <summary>No consent to membership service.</summary>
    public const string NoMembershipConsent = "no_membership_consent";
    /// <summary>No consent to the use of health data.</summary>
    public const string NoHealthConsent = "no_health_consent";
    /// <summary>No consent to reminders.</summary>
    public const string NoReminderConsent = "no_reminder_consent";
    /// <summary>No consent to marketing on any channel.</summary>
    public const string NoMarketingConsent = "no_marketing_consent";
    /// <summary>No consent to health tips.</summary>
    public const string NoTipsConsent = "no_tips_consent";
    /// <summary>An earlier run made this message.</summary>
    public const string Already = "already";
    /// <summary>The medicine is of a category that gets no automatic message.</summary>
    public const string SensitiveCategory = "sensitive_category";
    /// <summary>In the holdout: gets nothing, so that the effect can be measured.</summary>
    public const string HeldOut = "held_out";
    /// <summary>No channel but the inbox may carry it.</summary>
    public const string InboxOnly = "inbox_only";
    /// <summary>As many commercial messages as a member gets in a day.</summary>
    public const string CapReached = "cap_reached";
    /// <summary>Its last moment passed before it could go out.</summary>
    public const string Expired = "expired";
    /// <summary>The campaign was cancelled.</summary>
    public const string Cancelled = "cancelled";
    /// <summary>The medicine was bought before the reminder went out.</summary>
    public const string Refilled = "refilled";
    /// <summary>The member answered the reminder before it went out.</summary>
    public const string Answered = "answered";
    /// <summary>A health tip and an offer are kept a day apart.</summary>
    public const string TipAndOffer = "tip_and_offer";
    /// <summary>It would advertise a prescription product.</summary>
    public const string PrescriptionGuard = "prescription_guard";
    /// <summary>Its text says what its kind may not.</summary>
    public const string ContentRefused = "content_refused";
    /// <summary>The template could not be rendered for this member.</summary>
    public const string TemplateError = "template_error";
    /// <summary>Its data cannot be used: a key or a row is missing.</summary>
    public const string DataError = "data_error";
    /// <summary>The provider refused it for good and no other channel was left.</summary>
    public const string ProviderRefused = "provider_refused";
    /// <summary>Outside the hours of its kind; it waits.</summary>
    public const string OutsideHours = "outside_hours";
    /// <summary>The kind does not use this channel.</summary>
    public const string NotThisChannel = "not_this_channel";
    /// <summary>No consent to marketing on this channel.</summary>
    public const string NoChannelConsent = "no_channel_consent";
    /// <summary>The member is not known in the mini-program.</summary>
    public const string NoOpenId = "no_openid";
    /// <summary>No subscription is left for this template.</summary>
    public const string NoGrant = "no_grant";
    /// <summary>The member switched this kind of message off.</summary>
    public const string SwitchedOff = "switched_off";
    /// <summary>The member switched this channel off.</summary>
    public const string ChannelOff = "channel_off";
    /// <summary>No usable phone number.</summary>
    public const string NoPhone = "no_phone";
    /// <summary>The number refused such SMS.</summary>
    public const string OptedOut = "opted_out";
    /// <summary>The member wants nothing on the phone's lock screen.</summary>
    public const string PrivateMode = "private_mode";
    /// <summary>The campaign does not fall back to SMS.</summary>
    public const string SmsFallbackOff = "sms_fallback_off";
    /// <summary>The SMS provider takes no promotions.</summary>
    public const string SmsNotForPromotion = "sms_not_for_promotion";
    /// <summary>As many commercial SMS as a member gets in a week.</summary>
    public const string SmsCapReached = "sms_cap_reached";
    /// <summary>No SMS provider has approved the template or the signature.</summary>
    public const string SmsNotApproved = "sms_not_approved";
    /// <summary>The SMS template is one for notices, and this is a promotion.</summary>
    public const string SmsNoticeTemplate = "sms_notice_template";
    /// <summary>No SMS provider answers just now; it waits.</summary>
    public const string SmsProvidersResting = "sms_providers_resting";
    /// <summary>The template has no content for this channel.</summary>
    public const string NoContent = "no_content";
    /// <summary>The provider refused it on this channel before.</summary>
    public const string RefusedBefore = "refused_before";

    /// <summary>The provider took it, and no receipt came within three days.</summary>
    public const string NoReceipt = "no_receipt";

    /// <summary>The member does not follow the official account, as far as we know.</summary>
    public const string NotFollowing = "not_following";
    /// <summary>WeChat takes no customer-service message for this person now.</summary>
    public const string WindowClosed = "window_closed";
    /// <summary>The provider has deleted or refused the template.</summary>
    public const string TemplateGone = "template_gone";

    private static readonly Dictionary<string, Phrase> s_sentences = new()
    {
        [Erased] = new("会员已要求删除个人信息", "the member asked to be erased"),
        [Minor] = new("不满十四周岁，不参与营销", "under 14, kept out of marketing"),
        [NoMembershipConsent] = new("没有会员服务同意", "no consent to membership service"),
        [NoHealthConsent] = new("没有（或已撤回）健康信息同意", "no consent to the use of health data, or it was withdrawn"),
        [NoReminderConsent] = new("没有用药提醒同意", "no consent to reminders"),
        [NoMarketingConsent] = new("没有任何渠道的营销同意", "no consent to marketing on any channel"),
        [NoTipsConsent] = new("没有健康科普同意", "no consent to health tips"),
        [Already] = new("此前已生成过这条消息，不重复", "an earlier run made this message; it is not repeated"),
        [SensitiveCategory] = new("属于敏感品类，不自动发消息", "a sensitive category that gets no automatic message"),
        [HeldOut] = new("属于对照组，不发送，用于衡量效果", "in the holdout: gets nothing, so that the effect can be measured"),
        [InboxOnly] = new("没有可用的发送渠道，只进入小程序消息", "no channel may carry it; it waits in the in-app inbox"),
        [CapReached] = new("今天的营销消息已到上限", "the day's limit of commercial messages is reached"),
        [Expired] = new("已过最后可发送时间", "its last moment to be sent has passed"),
        [Cancelled] = new("活动已取消", "the campaign was cancelled"),
        [Refilled] = new("发送前已续购，提醒取消", "the medicine was bought before the reminder went out"),
        [Answered] = new("发送前会员已答复，提醒取消", "the member answered before the reminder went out"),
        [TipAndOffer] = new("科普与优惠之间须间隔二十四小时", "a health tip and an offer are kept twenty-four hours apart"),
        [PrescriptionGuard] = new("涉及处方药，不得推广（广告法第十五条）", "it would advertise a prescription product (Advertising Law, article 15)"),
        [ContentRefused] = new("内容检查未通过", "the content check refused the text"),
        [TemplateError] = new("模板对该会员渲染出错", "the template could not be rendered for this member"),
        [DataError] = new("数据不可用，无法生成这条消息", "its data cannot be used, so it could not be made"),
        [ProviderRefused] = new("服务商明确拒绝，且没有其他渠道", "the provider refused it and no other channel was left"),
        [OutsideHours] = new("不在允许发送的时段，稍后发送", "outside the permitted hours; it waits"),
        [NotThisChannel] = new("此类消息不走该渠道", "this kind does not use the channel"),
        [NoChannelConsent] = new("没有该渠道的营销同意", "no consent to marketing on this channel"),
        [NoOpenId] = new("未登录过小程序", "not known in the mini-program"),
        [NoGrant] = new("没有剩余的订阅授权", "no subscription left for this template"),
        [SwitchedOff] = new("会员关闭了这类消息", "the member switched this kind of message off"),
        [ChannelOff] = new("会员关闭了这个渠道", "the member switched this channel off"),
        [NoPhone] = new("没有可用的手机号", "no usable phone number"),
        [OptedOut] = new("该号码已回复拒收", "the number has refused such SMS"),
        [PrivateMode] = new("会员开启了隐私模式，不发短信", "private mode: nothing by SMS"),
        [SmsFallbackOff] = new("活动未开启短信补发", "the campaign does not fall back to SMS"),
        [SmsNotForPromotion] = new("短信服务商不接受营销内容", "the SMS provider takes no promotions"),
        [SmsCapReached] = new("本周营销短信已到上限", "the week's limit of commercial SMS is reached"),
        [SmsNotApproved] = new("短信模板或签名未通过服务商审核", "no SMS provider has approved the template or the signature"),
        [SmsNoticeTemplate] = new("通知类短信模板不得用于营销", "the SMS template is for notices and must not carry a promotion"),
        [SmsProvidersResting] = new("短信服务商暂无响应，稍后发送", "no SMS provider answers just now; it waits"),
        [NoContent] = new("模板没有该渠道的内容", "the template has no content for this channel"),
        [RefusedBefore] = new("该渠道此前已被服务商拒绝", "the provider has refused it on this channel"),
        [NotFollowing] = new("未关注服务号", "does not follow the official account"),
        [WindowClosed] = new("不在客服消息的可回复时间内", "outside the time in which a customer-service message is taken"),
        [TemplateGone] = new("服务商已删除或封禁该模板", "the provider has deleted or refused the template"),
        [NoReceipt] = new("服务商已受理，但三天内没有回执", "the provider took it, but no receipt came within three days"),
    };

    /// <summary>Every code with its sentence.</summary>
    public static IReadOnlyDictionary<string, Phrase> All => s_sentences;

    /// <summary>The sentence of a code; a code of a provider stands for itself.</summary>
    public static Phrase Sentence(string code) => s_sentences.TryGetValue(code, out var phrase) ? phrase : new(code, code);

    /// <summary>The reason for which a missing consent keeps a message back.</summary>
    public static string Missing(Purpose purpose) => purpose switch
    {
        Purpose.Membership => NoMembershipConsent,
        Purpose.Health => NoHealthConsent,
        Purpose.Reminder => NoReminderConsent,
        Purpose.MarketingSms or Purpose.MarketingWeChat or Purpose.Personalisation => NoMarketingConsent,
        Purpose.Tips => NoTipsConsent,
    };
}
