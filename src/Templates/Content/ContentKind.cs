namespace Engagement.Templates.Content;

/// <summary>What a message is for; it decides what its text may say.</summary>
public enum ContentKind
{
    /// <summary>A verification code.</summary>
    Verification,

    /// <summary>A notice of the member's own business: points, a coupon used, a case answered.</summary>
    TransactionNotice,

    /// <summary>A refill falls due.</summary>
    RefillReminder,

    /// <summary>It is time for a dose; generic outside the login.</summary>
    DoseReminder,

    /// <summary>A birthday or festival greeting.</summary>
    Greeting,

    /// <summary>An offer of goods.</summary>
    Promotion,

    /// <summary>Health knowledge, reviewed by a pharmacist.</summary>
    HealthTip,

    /// <summary>A recall or safety notice, sent only to buyers; may name product and batch.</summary>
    Recall,

    /// <summary>A question to the member.</summary>
    Survey,
}

/// <summary>Where a text is read.</summary>
public enum ContentSurface
{
    /// <summary>A text message, which a lock screen shows and others may read.</summary>
    Sms,

    /// <summary>A WeChat card, which a lock screen shows.</summary>
    WeChatCard,

    /// <summary>Inside the mini-program, behind the login.</summary>
    InApp,
}

/// <summary>What the law and the carriers ask of a text; the rules of a kind, or a caller's own.</summary>
/// <param name="MayNameMedicine">A medicine, its class, quantity and the condition it is for may be named anywhere.</param>
/// <param name="MayNameCondition">Conditions may be named in general terms, as knowledge does.</param>
/// <param name="IsPublicity">The text addresses members as an audience: no prescription medicine, no claims.</param>
/// <param name="IsOffer">The text offers goods: it is an advertisement and is marked as one.</param>
/// <param name="IsKnowledge">The text is health knowledge: no product, offer, contact or link beside it.</param>
/// <param name="NeedsOptOut">By SMS, the text ends with the way to refuse.</param>
public sealed record ContentRules(
    bool MayNameMedicine = false,
    bool MayNameCondition = false,
    bool IsPublicity = false,
    bool IsOffer = false,
    bool IsKnowledge = false,
    bool NeedsOptOut = false)
{
    /// <summary>The rules of a kind of message.</summary>
    public static ContentRules For(ContentKind kind) => kind switch
    {
        ContentKind.Verification or ContentKind.TransactionNotice or ContentKind.DoseReminder => new(),
        ContentKind.RefillReminder => new(NeedsOptOut: true),
        ContentKind.Greeting or ContentKind.Survey => new(IsPublicity: true, NeedsOptOut: true),
        ContentKind.Promotion => new(IsPublicity: true, IsOffer: true, NeedsOptOut: true),
        ContentKind.HealthTip => new(MayNameCondition: true, IsPublicity: true, IsKnowledge: true, NeedsOptOut: true),
        ContentKind.Recall => new(MayNameMedicine: true, MayNameCondition: true),
    };
}
