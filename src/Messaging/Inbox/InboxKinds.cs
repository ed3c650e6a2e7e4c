using Engagement.Members.Consents;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Inbox;

/// <summary>What kinds of message are called in front of members, and why they come.</summary>
public static class InboxKinds
{
    /// <summary>The name of a kind.</summary>
    public static Phrase Name(MessageKind kind) => kind switch
    {
        MessageKind.Verification => new("验证码", "Code"),
        MessageKind.Transaction => new("账户与服务通知", "Account and service"),
        MessageKind.Refill => new("续购提醒", "Refill reminder"),
        MessageKind.Dose => new("服药提醒", "Dose reminder"),
        MessageKind.Birthday => new("生日祝福", "Birthday"),
        MessageKind.Promotion => new("优惠活动", "Offers"),
        MessageKind.Tip => new("健康科普", "Health tips"),
        MessageKind.Recall => new("召回与安全通知", "Recall and safety"),
        MessageKind.Survey => new("满意度调查", "Surveys"),
    };

    /// <summary>Why a message came: what happened, and what the member had agreed to.</summary>
    /// <param name="rule">The kind's row of the gate table.</param>
    /// <param name="campaign">The name of its campaign, when it has one.</param>
    /// <param name="consents">What the member agrees to now.</param>
    public static Phrase Why(KindRule rule, string? campaign, PurposeSet consents)
    {
        var occasion = rule.Kind switch
        {
            MessageKind.Verification => new Phrase("您请求了验证码。", "You asked for a code."),
            MessageKind.Transaction => new("您的会员账户或服务有变动，需要告诉您。", "Something about your account or a service of yours has changed."),
            MessageKind.Refill => new("按您的购药记录和您告诉我们的情况，有药品快用完了。", "By your purchases and what you told us, a medicine is about to run out."),
            MessageKind.Dose => new("您为自己设了服药时间。", "You set a time for a dose."),
            MessageKind.Birthday => new("您登记的生日到了。", "It is your birthday, as you told us."),
            MessageKind.Promotion => campaign is null
                ? new("您符合一项优惠活动的条件。", "An offer is meant for members like you.")
                : new($"您符合活动“{campaign}”的条件。", $"You are among those for whom \"{campaign}\" is meant."),
            MessageKind.Tip => new("有新的健康科普文章。", "There are new health tips."),
            MessageKind.Recall => new("您购买过有安全通知的批次。依法必须通知您，这类消息不能关闭。", "You bought a batch with a safety notice. The law wants you told, so this cannot be switched off."),
            MessageKind.Survey => new("想了解您对我们服务的评价。", "We would like to know how our service was."),
        };
        // What was agreed to then may be withdrawn by now; one of these it was.
        List<Purpose> any = [.. rule.AnyConsent.Where(consents.Has)];
        List<Purpose> given = [.. rule.Consents, .. any.Count > 0 ? any : rule.AnyConsent];
        if (given.Count == 0) return occasion;
        var (zh, en) = (string.Join("、", given.Select(purpose => PurposeNames.Of(purpose).Zh)), string.Join(", ", given.Select(purpose => PurposeNames.Of(purpose).En)));
        return new($"{occasion.Zh}依据您的同意：{zh}。", $"{occasion.En} You had agreed to: {en}.");
    }
}
