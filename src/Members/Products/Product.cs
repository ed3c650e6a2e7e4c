namespace Engagement.Members.Products;

/// <summary>What the import and the care plans need of a product; the full master row stays in the table.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sku">The chain's own article number.</param>
/// <param name="TherapyKey">Ingredient and strength, for long-term medicines; else <c>null</c>.</param>
/// <param name="PackUnits">Units (tablets) in a pack, when known.</param>
/// <param name="UnitsPerDayMilli">Units a day in thousandths, when known.</param>
/// <param name="DoseEstimated">Whether the dose is a class default.</param>
public sealed record Product(long Id, string Sku, string? TherapyKey, int? PackUnits, int? UnitsPerDayMilli, bool DoseEstimated)
{
    private const int LongestKey = 150;

    /// <summary>The key of a therapy line: all makers and packs of one ingredient and strength count together.</summary>
    public static string KeyOf(string genericName, string strength)
    {
        var key = $"{Profiles.PlainText.Fold(genericName)}|{Profiles.PlainText.Fold(strength).Replace(" ", "").ToLowerInvariant()}";
        return key.Length <= LongestKey ? key : key[..LongestKey];
    }
}
