using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Members.Products;

namespace Engagement.Members.Points;

/// <summary>How purchases earn points. A version of them is never changed; see <see cref="EarningRulesStore"/>.</summary>
/// <remarks>Multipliers work on the base points alone; of several the highest wins.</remarks>
public sealed record EarningRules
{
    // Both lists at their longest still fit into a TEXT column of MySQL.
    private const int MostExcluded = 1500;

    /// <summary>How many fen make one point.</summary>
    public int FenPerPoint { get; init; } = 100;

    /// <summary>Days from the purchase until its points are active: the time in which goods come back.</summary>
    public int PendingDays { get; init; } = 7;

    /// <summary>Days from then on for which they are valid.</summary>
    public int ValidDays { get; init; } = 365;

    /// <summary>Thousandths of the ordinary rate, by class of product; a class that is not named has 1000.</summary>
    public IReadOnlyDictionary<ProductClass, int> RateMilli { get; init; } = new Dictionary<ProductClass, int>();

    /// <summary>Whether prescription products earn. Off unless the chain's lawyers say otherwise for its city.</summary>
    public bool EarnOnPrescription { get; init; }

    /// <summary>Whether class-A OTC products earn.</summary>
    public bool EarnOnOtcA { get; init; }

    /// <summary>Whether what the medical insurance paid earns.</summary>
    public bool EarnOnInsurance { get; init; }

    /// <summary>Whether prescription products may be paid with points.</summary>
    public bool BurnOnPrescription { get; init; }

    /// <summary>Whether class-A OTC products may be paid with points.</summary>
    public bool BurnOnOtcA { get; init; }

    /// <summary>Whether points may take the place of what the medical insurance pays.</summary>
    public bool BurnOnInsurance { get; init; }

    /// <summary>Products that earn nothing, by id.</summary>
    public IReadOnlyList<long> ExcludedProducts { get; init; } = [];

    /// <summary>Stores in which nothing is earned, by id.</summary>
    public IReadOnlyList<long> ExcludedStores { get; init; } = [];

    /// <summary>Thousandths by tier, the lowest tier first; 1000 adds nothing, and is what tiers that are not named have.</summary>
    public IReadOnlyList<int> TierMilli { get; init; } = [];

    /// <summary>Thousandths around a birthday.</summary>
    public int BirthdayMilli { get; init; } = 1000;

    /// <summary>What counts as around.</summary>
    public BirthdayWindow BirthdayWindow { get; init; } = BirthdayWindow.Day;

    /// <summary>The member days, as days of the month.</summary>
    public IReadOnlyList<int> MemberDays { get; init; } = [];

    /// <summary>Thousandths on a member day.</summary>
    public int MemberDayMilli { get; init; } = 1000;

    /// <summary>The rate of a product in thousandths; 0 earns nothing. A product without a known class is a prescription product.</summary>
    public int RateOf(ProductClass kind, long product) => ExcludedProducts.Contains(product) ? 0 : kind switch
    {
        ProductClass.Unknown or ProductClass.Prescription when !EarnOnPrescription => 0,
        ProductClass.OtcA when !EarnOnOtcA => 0,
        _ => RateMilli.GetValueOrDefault(kind, 1000),
    };

    /// <summary>How much of a line may be paid with points. As a gift such a medicine is never handed out: that has no switch, and coupons refuse it.</summary>
    /// <param name="kind">The class of the product.</param>
    /// <param name="netFen">What is to be paid for the line.</param>
    /// <param name="insuranceFen">What the medical insurance pays of it.</param>
    public long BurnableFen(ProductClass kind, long netFen, long insuranceFen) => kind switch
    {
        ProductClass.Unknown or ProductClass.Prescription when !BurnOnPrescription => 0,
        ProductClass.OtcA when !BurnOnOtcA => 0,
        _ => BurnOnInsurance ? netFen : netFen - insuranceFen,
    };

    /// <summary>The highest multiplier that holds for a member on a day, and why.</summary>
    internal (int Milli, PointsPart Part) MultiplierOf(int tier, int? birthMonthDay, DateOnly date)
    {
        (int Milli, PointsPart Part) best = (1000, PointsPart.None);
        if (tier < TierMilli.Count && TierMilli[tier] > best.Milli) best = (TierMilli[tier], PointsPart.Tier);
        if (BirthdayMilli > best.Milli && birthMonthDay is { } born && BirthdayDates.YearServed(born, date, BirthdayWindow) is not null) best = (BirthdayMilli, PointsPart.Birthday);
        if (MemberDayMilli > best.Milli && MemberDays.Contains(date.Day)) best = (MemberDayMilli, PointsPart.MemberDay);
        return best;
    }

    /// <summary>What is wrong with these rules, or <c>null</c>.</summary>
    internal string? Fault() =>
        FenPerPoint is < 1 or > 1_000_000 ? nameof(FenPerPoint)
        : PendingDays is < 0 or > 365 ? nameof(PendingDays)
        : ValidDays is < 1 or > 3650 ? nameof(ValidDays)
        : RateMilli.Values.Any(rate => rate is < 0 or > 100_000) ? nameof(RateMilli)
        : TierMilli.Any(IsNoMultiplier) ? nameof(TierMilli)
        : IsNoMultiplier(BirthdayMilli) ? nameof(BirthdayMilli)
        : IsNoMultiplier(MemberDayMilli) ? nameof(MemberDayMilli)
        : MemberDays.Count > 31 || MemberDays.Any(day => day is < 1 or > 31) ? nameof(MemberDays)
        : TierMilli.Count > 20 ? nameof(TierMilli)
        : ExcludedProducts.Count > MostExcluded ? nameof(ExcludedProducts)
        : ExcludedStores.Count > MostExcluded ? nameof(ExcludedStores)
        : null;

    private static bool IsNoMultiplier(int milli) => milli is < 1000 or > 100_000;

    internal string ToJson() => JsonSerializer.Serialize(this, RulesJson.Default.EarningRules);

    internal static EarningRules Parse(string json) => JsonSerializer.Deserialize(json, RulesJson.Default.EarningRules)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EarningRules))]
internal sealed partial class RulesJson : JsonSerializerContext;
