using System.Text.Json;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>What members measure.</summary>
public enum MeasurementKind
{
    /// <summary>血压: systolic and diastolic.</summary>
    BloodPressure = 1,

    /// <summary>空腹血糖.</summary>
    GlucoseFasting = 2,

    /// <summary>餐后血糖.</summary>
    GlucoseAfterMeal = 3,

    /// <summary>心率.</summary>
    HeartRate = 4,

    /// <summary>体重.</summary>
    Weight = 5,

    /// <summary>体温.</summary>
    Temperature = 6,

    /// <summary>糖化血红蛋白.</summary>
    Hba1c = 7,

    /// <summary>低密度脂蛋白胆固醇.</summary>
    Ldl = 8,
}

/// <summary>What the approved table says of values.</summary>
public enum RangeMark
{
    /// <summary>Within range, or there is none.</summary>
    None = 0,

    /// <summary>Below.</summary>
    Low = 1,

    /// <summary>Above.</summary>
    High = 2,

    /// <summary>So far off that a doctor should be asked now.</summary>
    Urgent = 3,
}

/// <summary>A measurement of a member.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What was measured.</param>
/// <param name="Values">The values by their codes.</param>
/// <param name="At">When.</param>
/// <param name="Flag">What the table said of it when it was entered.</param>
/// <param name="Text">The values and the flag in words.</param>
public sealed record Measurement(long Id, MeasurementKind Kind, IReadOnlyDictionary<string, decimal> Values, DateTimeOffset At, RangeMark Flag, Phrase Text);

internal sealed record KeptMeasurement(Dictionary<string, decimal> Values, RangeMark Flag, string Table);

/// <summary>The ranges: data that a pharmacist approved, <c>measurements.json</c> beside this file. It flags; it does not diagnose.</summary>
internal sealed record MeasurementTable(string Source, string ReviewedBy, string Version, IReadOnlyList<MeasurementRule> Kinds)
{
    public static MeasurementTable Shipped { get; } = Load();

    public MeasurementRule this[MeasurementKind kind] => Kinds.Single(rule => rule.Kind == kind);

    private static MeasurementTable Load()
    {
        using var stream = typeof(MeasurementTable).Assembly.GetManifestResourceStream("Engagement.Members.CarePlans.measurements.json")!;
        return JsonSerializer.Deserialize(stream, CareJson.Default.MeasurementTable)!;
    }
}

internal sealed record MeasurementRule(MeasurementKind Kind, string Name, string Unit, IReadOnlyList<ValueRule> Values)
{
    /// <summary>Whether these are the values of this kind, each within what can be measured.</summary>
    public bool Takes(IReadOnlyDictionary<string, decimal> values) =>
        values.Count == Values.Count && Values.All(rule => values.TryGetValue(rule.Code, out var value) && value >= rule.Least && value <= rule.Most && value * 100 % 1 == 0)
        && (Kind != MeasurementKind.BloodPressure || values["systolic"] > values["diastolic"]);

    /// <summary>The worst that is to be said of the values.</summary>
    public RangeMark FlagOf(IReadOnlyDictionary<string, decimal> values) => Values.Max(rule => rule.FlagOf(values[rule.Code]));

    public Phrase Words(IReadOnlyDictionary<string, decimal> values, RangeMark flag)
    {
        var said = $"{string.Join("/", Values.Select(rule => values[rule.Code].ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)))} {Unit}";
        var note = flag switch
        {
            RangeMark.None => new Phrase("", ""),
            RangeMark.Low => new("，低于参考范围，可咨询药师或医生", ", below the range: ask a pharmacist or a doctor"),
            RangeMark.High => new("，高于参考范围，可咨询药师或医生", ", above the range: ask a pharmacist or a doctor"),
            RangeMark.Urgent => new("，明显超出参考范围，请尽快就医；如有胸痛、意识不清等不适，请立即拨打120", ", far out of range: see a doctor soon, and call 120 at once with chest pain or confusion"),
        };
        return new($"{Name} {said}{note.Zh}", $"{Kind} {said}{note.En}");
    }
}

internal sealed record ValueRule(string Code, string Name, decimal Least, decimal Most, decimal? Low = null, decimal? High = null, decimal? Urgent = null, decimal? UrgentLow = null)
{
    public RangeMark FlagOf(decimal value) =>
        value >= Urgent || value <= UrgentLow ? RangeMark.Urgent : value >= High ? RangeMark.High : value < Low ? RangeMark.Low : RangeMark.None;
}
