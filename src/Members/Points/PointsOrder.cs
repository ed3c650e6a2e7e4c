using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Members.Points;

/// <summary>A line that counted.</summary>
/// <param name="Id">The line.</param>
/// <param name="Fen">What was paid for it by the member.</param>
/// <param name="RateMilli">The rate of its product on the day.</param>
internal sealed record OrderLine(long Id, long Fen, int RateMilli)
{
    /// <summary>What was given back of <see cref="Fen"/>.</summary>
    public long RefundedFen { get; set; }

    /// <summary>The refund lines that said so; each counts once. <c>null</c> as long as there is none.</summary>
    public List<long>? Refunds { get; set; }
}

/// <summary>What one ticket has earned: the base for its refunds.</summary>
internal sealed partial class PointsOrder
{
    public required long PurchaseId { get; init; }

    public required long Member { get; init; }

    public required int RulesVersion { get; init; }

    public required int Day { get; init; }

    public required int MultiplierMilli { get; init; }

    public required PointsPart BonusPart { get; init; }

    public long Base { get; set; }

    public long Bonus { get; set; }

    public long Reversed { get; set; }

    public required List<OrderLine> Lines { get; init; }

    public bool IsNew { get; init; }

    public bool IsChanged { get; set; }

    /// <summary>Whether everything that counted was given back.</summary>
    public bool IsRefunded => Lines.TrueForAll(line => line.RefundedFen == line.Fen);

    /// <summary>The points that its lines make by these rules, beyond those that it has.</summary>
    public (long Base, long Bonus) Grow(EarningRules rules)
    {
        var all = Lines.Aggregate((Int128)0, (sum, line) => sum + (Int128)line.Fen * line.RateMilli);
        var newBase = (long)(all / 1000 / rules.FenPerPoint);
        var newBonus = (long)((Int128)newBase * (MultiplierMilli - 1000) / 1000);
        var grown = (newBase - Base, newBonus - Bonus);
        (Base, Bonus, IsChanged) = (newBase, newBonus, true);
        return grown;
    }

    /// <summary>Takes a refund line into account.</summary>
    /// <returns>What it gives back of money that counted; <c>null</c> when the line did not count or the refund was here before.</returns>
    public long? Refund(long original, long refundLine, long fen)
    {
        if (Lines.Find(line => line.Id == original) is not { } line || line.Refunds?.Contains(refundLine) == true) return null;
        var back = Math.Clamp(fen, 0, line.Fen - line.RefundedFen);
        line.RefundedFen += back;
        (line.Refunds ??= []).Add(refundLine);
        IsChanged = true;
        return back;
    }

    /// <summary>The points that have to be taken back by now: the part of the money that came back, rounded down over all refunds together.</summary>
    public long Reverse()
    {
        var all = Lines.Aggregate((Int128)0, (sum, line) => sum + (Int128)line.Fen * line.RateMilli);
        var back = Lines.Aggregate((Int128)0, (sum, line) => sum + (Int128)line.RefundedFen * line.RateMilli);
        if (all == 0) return 0;
        var now = (long)((Base + Bonus) * back / all) - Reversed;
        if (now > 0) Reversed += now;
        return Math.Max(0, now);
    }

    public string LinesJson() => JsonSerializer.Serialize(Lines, LinesContext.Default.ListOrderLine);

    public static List<OrderLine> ParseLines(string json) => JsonSerializer.Deserialize(json, LinesContext.Default.ListOrderLine)!;

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonSerializable(typeof(List<OrderLine>))]
    private sealed partial class LinesContext : JsonSerializerContext;
}
