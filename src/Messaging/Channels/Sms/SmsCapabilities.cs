using Engagement.Messaging.Gate;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>What a provider of SMS takes, and how: the flags that choose it for a message, or keep it out.</summary>
internal sealed record SmsCapabilities
{
    /// <summary>How many numbers one call takes.</summary>
    public required int NumbersPerCall { get; init; }

    /// <summary>Whether all numbers of a call share one set of values.</summary>
    public bool SharedParameters { get; init; }

    /// <summary>Whether it takes promotions at all.</summary>
    public bool TakesPromotions { get; init; }

    /// <summary>Whether the template of a promotion may have variables.</summary>
    public bool PromotionsMayVary { get; init; } = true;

    /// <summary>The hours of the day in China within which it takes promotions; the start is inside, the end is not.</summary>
    public (TimeOnly From, TimeOnly Until)? PromotionHours { get; init; }

    /// <summary>Whether a message that failed to reach the phone is billed.</summary>
    public bool BillsUndelivered { get; init; }

    /// <summary>What one part of an SMS costs, in fen.</summary>
    public int PartFen { get; init; }

    /// <summary>The extension codes that tell replies to reminders from replies to promotions.</summary>
    public ExtendCodes ExtendCodes { get; init; } = ExtendCodes.None;

    /// <summary>The providers that this build knows, as they are without an agreement of one's own (sms.md 2.4, 6.2).</summary>
    /// <remarks>Huawei has no client here yet; its row says what a template that is prepared for it must keep to.</remarks>
    public static IReadOnlyDictionary<string, SmsCapabilities> ByProvider { get; } = new Dictionary<string, SmsCapabilities>
    {
        ["aliyun"] = new() { NumbersPerCall = 100 },
        ["tencent"] = new() { NumbersPerCall = 200, SharedParameters = true, BillsUndelivered = true, PromotionHours = (new(8, 0), new(22, 0)) },
        ["huawei"] = new() { NumbersPerCall = 1, PromotionsMayVary = false, PromotionHours = (new(8, 0), new(22, 0)) },
    };

    /// <summary>Whether it takes messages of this kind, by a template with or without variables; hours aside.</summary>
    public bool Takes(KindRule rule, bool varies) =>
        rule.Class != DeliveryClass.Promotional || (TakesPromotions && (PromotionsMayVary || !varies));
}

/// <summary>The extension codes under which reminders and promotions leave; a reply names the one that it answers.</summary>
/// <param name="Reminders">Digits, or empty.</param>
/// <param name="Promotions">Digits, or empty.</param>
internal sealed record ExtendCodes(string Reminders, string Promotions)
{
    public static readonly ExtendCodes None = new("", "");

    /// <summary>The code that a message of this class carries; empty when it carries none.</summary>
    public string Of(DeliveryClass @class) => @class switch
    {
        DeliveryClass.Service => "",
        DeliveryClass.Reminder => Reminders,
        DeliveryClass.Promotional => Promotions,
    };

    /// <summary>What was answered, by the number that the reply went to; <c>null</c> when that does not tell.</summary>
    /// <param name="destination">The extension alone, or the whole number that ends with it.</param>
    public DeliveryClass? Answered(string destination) =>
        Reminders.Length > 0 && destination.EndsWith(Reminders, StringComparison.Ordinal) ? DeliveryClass.Reminder
        : Promotions.Length > 0 && destination.EndsWith(Promotions, StringComparison.Ordinal) ? DeliveryClass.Promotional
        : null;

    /// <summary>What is wrong with them; the sentence begins with the section's key.</summary>
    internal IEnumerable<string> Problems(string section)
    {
        foreach (var (key, code) in new[] { ("ReminderExtendCode", Reminders), ("PromotionExtendCode", Promotions) })
        {
            if (code.Length > 8 || !code.All(char.IsAsciiDigit)) yield return $"{section}:{key} must be up to 8 digits.";
        }

        if (Reminders.Length > 0 && Promotions.Length > 0 && (Reminders.EndsWith(Promotions, StringComparison.Ordinal) || Promotions.EndsWith(Reminders, StringComparison.Ordinal)))
            yield return $"{section}:ReminderExtendCode and {section}:PromotionExtendCode must not end alike: a reply could not be told apart.";
    }
}
