namespace Engagement.Templates.Content;

/// <summary>The class of a product, as far as texts about it are concerned.</summary>
public enum ProductClass
{
    /// <summary>A prescription medicine; also what a product counts as whose class nobody knows.</summary>
    Prescription,

    /// <summary>A medicine without prescription of class A (甲类), which needs a pharmacist and may be no gift.</summary>
    OtcA,

    /// <summary>A medicine without prescription of class B (乙类).</summary>
    OtcB,

    /// <summary>A health food (保健食品).</summary>
    HealthFood,

    /// <summary>A medical device.</summary>
    Device,

    /// <summary>Anything else.</summary>
    Ordinary,
}

/// <summary>A product that texts may name, as the caller's product master knows it.</summary>
/// <param name="Name">The name as a text writes it.</param>
/// <param name="Class">The class, which goes before what the shipped dictionary says of the same name.</param>
/// <param name="ApprovalNumber">The advertising approval number (广告批准文号), or null.</param>
/// <param name="ApprovedUntil">The last day of that approval, or null when it is not known, which counts as expired.</param>
public sealed record NamedProduct(string Name, ProductClass Class, string? ApprovalNumber = null, DateOnly? ApprovedUntil = null);

/// <summary>One thing that a text must not say, or must say and does not.</summary>
/// <param name="Code">The stable code, such as `rx_promotion`.</param>
/// <param name="Words">The offending words; empty when something is missing.</param>
/// <param name="Start">Where they begin in the text; its length when something is missing at the end.</param>
/// <param name="Length">How many UTF-16 units of the text they take; 0 when something is missing.</param>
/// <param name="Article">The article of law or rule.</param>
/// <param name="MessageZh">A sentence in Chinese.</param>
/// <param name="Message">The same in English.</param>
public sealed record ContentFinding(
    string Code, string Words, int Start, int Length, string Article, string MessageZh, string Message);
