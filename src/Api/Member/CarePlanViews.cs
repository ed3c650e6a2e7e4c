using Engagement.Members.CarePlans;
using Engagement.Storage;

namespace Engagement.Api.Member;

internal sealed record NewId(string Id);

internal sealed record NewLineBody(string Name, string? Strength = null, DoseBody? Dose = null, int? DaysLeft = null);

internal sealed record DoseBody(decimal Amount, string Unit, int TimesPerDay, IReadOnlyList<string>? Times = null)
{
    public Dose ToDose() => new(Amount, Unit, TimesPerDay, Times ?? []);
}

internal sealed record AnswerBody(RefillAnswer Answer, int? Days = null);

internal sealed record MarkBody(string LineId, DateOnly Date, string Time, DoseState State);

internal sealed record MeasureBody(MeasurementKind Kind, Dictionary<string, decimal> Values, DateTimeOffset At);

internal sealed record HealthBody(IReadOnlyList<string> Conditions, IReadOnlyList<string> Allergies);

internal sealed record DecisionBody(bool Accept);

internal sealed record EnrolmentOfferView(string Programme, string? Store, string Pharmacist, int Medicines, string Text, string TextVersion, DateTimeOffset ExpiresAt);

internal sealed record CalendarView(string Title, long StartTime, string RepeatInterval, long RepeatEndTime, string Description, IReadOnlyList<CalendarEntry> More);

/// <summary>What the member still has to do about a line.</summary>
internal enum CareTask
{
    /// <summary>补全用法.</summary>
    CompleteDose = 1,
}

internal sealed record CarePlanView(
    bool HealthConsent, IReadOnlyList<CareLineView> Lines, IReadOnlyList<DoseOfDayView> Today, IReadOnlyList<MeasurementView> Measurements, IReadOnlyList<string> Conditions, IReadOnlyList<string> Allergies)
{
    public static CarePlanView Of(CarePlan plan, Language language) => new(
        plan.HealthConsent, [.. plan.Lines.Select(line => CareLineView.Of(line, language))],
        [.. plan.Today.Select(dose => new DoseOfDayView(dose.Line.ToString(), dose.Title, dose.Time, dose.State))],
        [.. plan.Measurements.Select(one => MeasurementView.Of(one, language))], plan.Health.Conditions, plan.Health.Allergies);
}

internal sealed record CareLineView(
    string Id, string Title, TherapySource Source, Dose? Dose, bool DoseEstimated, CareTask? Task, DateOnly? CoveredUntil, int? DaysLeft, NextRefillView? NextRefill, PdcView? Pdc, TherapyState State,
    DateOnly? RemindOn, bool NeedsPrescription)
{
    public static CareLineView Of(CareLine line, Language language) => new(
        line.Id.ToString(), line.Title, line.Source, line.Dose, line.DoseEstimated, line.NeedsDose ? CareTask.CompleteDose : null, Day(line.CoveredUntil), line.DaysLeft,
        line.NextRefill is { } next ? new NextRefillView(ChinaTime.Date(next.Day), [.. next.Because.Select(because => because.In(language))]) : null,
        line.Adherence is { } pdc ? new PdcView(pdc.Percent, ChinaTime.Date(pdc.From), ChinaTime.Date(pdc.Until)) : null, line.State, Day(line.RemindOn), line.NeedsPrescription);

    private static DateOnly? Day(int? day) => day is { } known ? ChinaTime.Date(known) : null;
}

internal sealed record NextRefillView(DateOnly Date, IReadOnlyList<string> Because);

internal sealed record PdcView(int Percent, DateOnly From, DateOnly Until);

internal sealed record DoseOfDayView(string LineId, string Title, string Time, DoseState State);

internal sealed record MeasurementView(string Id, MeasurementKind Kind, IReadOnlyDictionary<string, decimal> Values, DateTimeOffset At, bool OutOfRange, RangeMark Mark, string Text)
{
    public static MeasurementView Of(Measurement one, Language language) =>
        new(one.Id.ToString(), one.Kind, one.Values, one.At, one.Flag != RangeMark.None, one.Flag, one.Text.In(language));
}
