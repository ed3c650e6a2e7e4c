using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What a coupon gives, to whom, when and how often. A published version never changes; a coupon keeps the version it was claimed under.</summary>
public sealed record CouponTerms
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(), new IdJsonConverter<StoreId>() },
    };

    /// <summary>The name that members read.</summary>
    public required string Title { get; init; }

    /// <summary>What kind of benefit it is; decides what <see cref="Value"/> means.</summary>
    public required CouponKind Kind { get; init; }

    /// <summary>Fen off, hundredths of a percent off (1000 = 九折), the price in fen of an exchange, or the multiplier of points in hundredths (200 = double).</summary>
    public long Value { get; init; }

    /// <summary>The least that the lines in scope must cost, after earlier discounts.</summary>
    public long ThresholdFen { get; init; }

    /// <summary>The most that it takes off; <c>null</c> is no limit.</summary>
    public long? CapFen { get; init; }

    /// <summary>Always <c>CNY</c>.</summary>
    public string Currency { get; init; } = "CNY";

    /// <summary>Of a free service: which.</summary>
    public string Service { get; init; } = "";

    /// <summary>The products that count.</summary>
    public ProductScope Products { get; init; } = new();

    /// <summary>The stores that take it; empty is all.</summary>
    public IReadOnlyList<StoreId> Stores { get; init; } = [];

    /// <summary>The channels that take it; empty is all.</summary>
    public IReadOnlyList<SalesChannel> Channels { get; init; } = [];

    /// <summary>The tiers that may claim and use it; empty is all.</summary>
    public IReadOnlyList<string> Tiers { get; init; } = [];

    /// <summary>Whether only members of a chosen audience may claim it; see <see cref="CouponDefinitions.InviteAsync(CouponDefinitionId, IReadOnlyList{MemberId}, CancellationToken)"/>.</summary>
    public bool InvitedOnly { get; init; }

    /// <summary>The first day on which it can be used, in China; <c>null</c> is from its claim.</summary>
    public DateOnly? ValidFrom { get; init; }

    /// <summary>The last day on which it can be used, in China.</summary>
    public DateOnly? ValidUntil { get; init; }

    /// <summary>It can be used until the end of this many days after the day of its claim; with <see cref="ValidUntil"/> too, the earlier end counts.</summary>
    public int? DaysAfterClaim { get; init; }

    /// <summary>When claims begin.</summary>
    public DateTimeOffset ClaimFrom { get; init; }

    /// <summary>When claims have ended: this instant is no longer in the window.</summary>
    public DateTimeOffset ClaimUntil { get; init; }

    /// <summary>How many there are; <c>null</c> is no limit.</summary>
    public long? Total { get; init; }

    /// <summary>What they may cost together; <c>null</c> is no limit. An open coupon counts with the most it can take off.</summary>
    public long? BudgetFen { get; init; }

    /// <summary>How many may be claimed on one day; <c>null</c> is no limit.</summary>
    public long? Daily { get; init; }

    /// <summary>How many one member may claim.</summary>
    public int PerMember { get; init; } = 1;

    /// <summary>How many one person (one phone number, over all member records) may claim; <c>null</c> is no limit.</summary>
    public int? PerPerson { get; init; }

    /// <summary>The stacking category, one of <see cref="CouponOptions.Categories"/>.</summary>
    public string Category { get; init; } = "promotion";

    /// <summary>Whether it can be used together with other coupons.</summary>
    public bool Combinable { get; init; } = true;

    /// <summary>What a full refund makes of it.</summary>
    public RefundPolicy Refund { get; init; } = RefundPolicy.ReturnWhileValid;

    /// <summary>With <see cref="RefundPolicy.IssueAgain"/>: how many days a coupon that had expired can be used again.</summary>
    public int ReissueDays { get; init; }

    /// <summary>What a claim costs in points; 0 is free.</summary>
    public long PointsPrice { get; init; }

    /// <summary>What the law wants where the offer advertises.</summary>
    public Advertising Advertising { get; init; } = new();

    /// <summary>The most that one coupon can take off, as far as the terms bound it; else 0.</summary>
    internal long FaceFen => Kind switch
    {
        CouponKind.AmountOff or CouponKind.DeliveryFee => Math.Min(Value, CapFen ?? long.MaxValue),
        CouponKind.Percentage or CouponKind.Exchange => CapFen ?? 0,
        CouponKind.FreeService or CouponKind.PointsMultiplier => 0,
    };

    /// <summary>The first instant at which a coupon claimed now can be used, and the first at which it no longer can.</summary>
    internal (long From, long Until) ValidityFrom(DateTimeOffset now)
    {
        var from = ValidFrom is { } first ? Math.Max(now.ToUnixTimeMilliseconds(), StartOf(ChinaTime.DayOf(first))) : now.ToUnixTimeMilliseconds();
        var last = Math.Min(ValidUntil is { } until ? ChinaTime.DayOf(until) : int.MaxValue, DaysAfterClaim is { } days ? ChinaTime.DayOf(now) + days : int.MaxValue);
        return (from, StartOf(last + 1));
    }

    internal static long StartOf(int day) => ChinaTime.At(day, TimeOnly.MinValue).ToUnixTimeMilliseconds();

    internal string ToJson() => JsonSerializer.Serialize(this, s_json);

    internal static CouponTerms FromJson(string json) => JsonSerializer.Deserialize<CouponTerms>(json, s_json)!;

    /// <summary>The fields in which two versions differ.</summary>
    internal static IReadOnlyList<FieldChange> Changes(CouponTerms before, CouponTerms after)
    {
        var (old, now) = (JsonSerializer.SerializeToNode(before, s_json)!.AsObject(), JsonSerializer.SerializeToNode(after, s_json)!.AsObject());
        return [.. from field in old
                   where !JsonNode.DeepEquals(field.Value, now[field.Key])
                   select new FieldChange(field.Key, field.Value?.ToJsonString(s_json) ?? "null", now[field.Key]?.ToJsonString(s_json) ?? "null")];
    }
}

/// <summary>One field that somebody changed.</summary>
/// <param name="Field">Its name, as in JSON.</param>
/// <param name="Before">What it was, as JSON.</param>
/// <param name="After">What it is, as JSON.</param>
public sealed record FieldChange(string Field, string Before, string After);

/// <summary>The kinds of benefit.</summary>
public enum CouponKind
{
    /// <summary>满减: a sum off above a threshold.</summary>
    AmountOff = 1,

    /// <summary>折扣: a share off, with or without a cap.</summary>
    Percentage = 2,

    /// <summary>换购、兑换: one unit of a named product for a fixed price, 0 for a gift. No drug may be one.</summary>
    Exchange = 3,

    /// <summary>A service free of charge: blood pressure, a talk with the pharmacist.</summary>
    FreeService = 4,

    /// <summary>积分倍率: the purchase earns more points.</summary>
    PointsMultiplier = 5,

    /// <summary>运费券: a sum off the delivery fee.</summary>
    DeliveryFee = 6,
}

/// <summary>Where a purchase is made.</summary>
public enum SalesChannel
{
    /// <summary>At a till.</summary>
    Store = 1,

    /// <summary>In the mini-program.</summary>
    MiniProgram = 2,

    /// <summary>On a delivery platform.</summary>
    Delivery = 3,
}

/// <summary>What a full refund makes of a redeemed coupon. A partial refund never gives one back.</summary>
public enum RefundPolicy
{
    /// <summary>It stays used.</summary>
    Forfeit = 1,

    /// <summary>It can be used again, if it is not past its last day.</summary>
    ReturnWhileValid = 2,

    /// <summary>It can be used again; past its last day, for <see cref="CouponTerms.ReissueDays"/> more.</summary>
    IssueAgain = 3,
}

/// <summary>Which products count. Prescription, class-A OTC and unknown products never do, whatever stands here.</summary>
public sealed record ProductScope
{
    /// <summary>Article numbers that count; with <see cref="Classes"/> empty too, everything does.</summary>
    public IReadOnlyList<string> Skus { get; init; } = [];

    /// <summary>Classes that count.</summary>
    public IReadOnlyList<ProductClass> Classes { get; init; } = [];

    /// <summary>Article numbers that do not count.</summary>
    public IReadOnlyList<string> Except { get; init; } = [];

    internal bool Holds(string sku, ProductClass @class) =>
        (Skus.Count == 0 && Classes.Count == 0 || Skus.Contains(sku) || Classes.Contains(@class)) && !Except.Contains(sku);
}

/// <summary>What the Advertising Law wants of an offer that names OTC medicines, devices or health food.</summary>
public sealed record Advertising
{
    /// <summary>The approval number of the advertisement (广告批准文号).</summary>
    public string ApprovalNo { get; init; } = "";

    /// <summary>The last day of the approval; afterwards nobody is offered the coupon, and those claimed are honoured.</summary>
    public DateOnly? ApprovalUntil { get; init; }

    /// <summary>The advice and warnings that are shown with it.</summary>
    public string Warning { get; init; } = "";

    /// <summary>Whether it is shown with the mark 广告.</summary>
    public bool Marked { get; init; }

    /// <summary>The page with the rules of the promotion.</summary>
    public string RulesPage { get; init; } = "";
}
