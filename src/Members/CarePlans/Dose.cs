using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Members.CarePlans;

/// <summary>How a medicine is taken: so much, so often, and at which times of the day.</summary>
/// <param name="Amount">Units each time.</param>
/// <param name="Unit">What a unit is called: 片, 粒, 单位.</param>
/// <param name="TimesPerDay">How often a day.</param>
/// <param name="Times">The times, as many as <paramref name="TimesPerDay"/> or none; <c>HH:mm</c>.</param>
public sealed record Dose(decimal Amount, string Unit, int TimesPerDay, IReadOnlyList<string> Times)
{
    private const int MostTimes = 8;
    private const decimal Most = 200;

    /// <summary>Units a day in thousandths.</summary>
    public int UnitsPerDayMilli => (int)(Amount * 1000 * TimesPerDay);

    /// <summary>The times as minutes of the day, in order.</summary>
    internal IReadOnlyList<int> Minutes => [.. Times.Select(time => MinuteOf(time) ?? 0).Order()];

    /// <summary>Whether somebody could take it so.</summary>
    public bool IsPlausible =>
        Amount is > 0 and <= Most && Amount * 1000 % 1 == 0 && TimesPerDay is >= 1 and <= MostTimes && Amount * TimesPerDay <= Most
        && Unit.Trim().Length is >= 1 and <= 8 && !Unit.Any(char.IsControl)
        && (Times.Count == 0 || (Times.Count == TimesPerDay && Times.Select(MinuteOf).Distinct().Count() == Times.Count && !Times.Select(MinuteOf).Contains(null)));

    /// <summary>The minute of the day, or <c>null</c> for what is no time.</summary>
    public static int? MinuteOf(string time) =>
        TimeOnly.TryParseExact(time, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? parsed.Hour * 60 + parsed.Minute : null;

    /// <summary>The time of a minute of the day.</summary>
    public static string TimeOf(int minute) => $"{minute / 60:00}:{minute % 60:00}";

    internal string ToJson() => JsonSerializer.Serialize(this with { Unit = Unit.Trim(), Times = [.. Minutes.Select(TimeOf)] }, CareJson.Default.Dose);

    internal static Dose? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize(json, CareJson.Default.Dose);
}

/// <summary>A medicine that a member or a pharmacist enters.</summary>
/// <param name="Name">Its name, as on the box.</param>
/// <param name="Strength">Its strength, when known: it decides whether it is one of ours.</param>
/// <param name="Dose">How it is taken, when known.</param>
/// <param name="DaysLeft">For how many days there is some, today included, when known.</param>
public sealed record NewTherapy(string Name, string? Strength = null, Dose? Dose = null, int? DaysLeft = null)
{
    internal const int MostDays = 730;

    /// <summary>What stands against it.</summary>
    internal CareOutcome Check() =>
        !CareText.IsLine(Name, 60) || (Strength is { Length: > 0 } strength && !CareText.IsLine(strength, 30)) ? CareOutcome.TextInvalid
        : Dose is { IsPlausible: false } ? CareOutcome.DoseInvalid
        : DaysLeft is < 0 or > MostDays ? CareOutcome.DaysInvalid
        : CareOutcome.Done;
}

/// <summary>What may stand in a line of text.</summary>
internal static class CareText
{
    /// <summary>Whether it is one line of plain text. Angle brackets and emoji are text; what shows it escapes.</summary>
    public static bool IsLine(string text, int longest) => text.Trim().Length is >= 1 and var length && length <= longest && !text.Any(char.IsControl);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Dose))]
[JsonSerializable(typeof(NewTherapy))]
[JsonSerializable(typeof(List<NewTherapy>))]
[JsonSerializable(typeof(HealthProfile))]
[JsonSerializable(typeof(MergedHealth))]
[JsonSerializable(typeof(KeptMeasurement))]
[JsonSerializable(typeof(MeasurementTable))]
internal sealed partial class CareJson : JsonSerializerContext;
