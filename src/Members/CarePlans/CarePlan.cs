using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>A member's care plan as the mini-program shows it.</summary>
/// <param name="HealthConsent">Whether the member agrees to the use of health data; without it everything else is empty.</param>
/// <param name="Lines">The medicines; what runs out first comes first.</param>
/// <param name="Today">The doses of today, in order of time.</param>
/// <param name="Measurements">The latest measurements, the newest first.</param>
/// <param name="Health">Conditions and allergies.</param>
public sealed record CarePlan(bool HealthConsent, IReadOnlyList<CareLine> Lines, IReadOnlyList<DoseOfDay> Today, IReadOnlyList<Measurement> Measurements, HealthProfile Health)
{
    /// <summary>What is shown without the health consent.</summary>
    public static readonly CarePlan Closed = new(false, [], [], [], HealthProfile.Nothing);

    /// <summary>Masked: health data.</summary>
    public override string ToString() => "care plan";
}

/// <summary>One medicine of a plan.</summary>
/// <param name="Id">The line.</param>
/// <param name="Title">The medicine.</param>
/// <param name="Source">Whom the line comes from.</param>
/// <param name="State">Active, stopped, or of unknown dose.</param>
public sealed record CareLine(long Id, string Title, TherapySource Source, TherapyState State)
{
    /// <summary>How it is taken; <c>null</c> when nobody knows.</summary>
    public Dose? Dose { get; init; }

    /// <summary>Whether the dose is a default of the class of medicines, or worked out from the product alone.</summary>
    public bool DoseEstimated { get; init; }

    /// <summary>Whether somebody has to complete the dose (补全用法).</summary>
    public bool NeedsDose { get; init; }

    /// <summary>The last day that the supply covers; <c>null</c> when nobody knows.</summary>
    public int? CoveredUntil { get; init; }

    /// <summary>Days left from today on, today included; below zero since it ran out.</summary>
    public int? DaysLeft { get; init; }

    /// <summary>When to refill, and why then; <c>null</c> for what is stopped or unknown.</summary>
    public NextRefill? NextRefill { get; init; }

    /// <summary>How well the class of medicines was covered; <c>null</c> when there is too little to measure.</summary>
    public MeasuredAdherence? Adherence { get; init; }

    /// <summary>The day for which the member asked to be reminded again.</summary>
    public int? RemindOn { get; init; }

    /// <summary>Whether buying it again needs a valid prescription.</summary>
    public bool NeedsPrescription { get; init; }

    /// <summary>Masked: a medicine is health data.</summary>
    public override string ToString() => $"therapy line {Id}";
}

/// <summary>When a refill is due.</summary>
/// <param name="Day">The day on which its window opens.</param>
/// <param name="Because">The tickets and answers behind it, and the sum.</param>
public sealed record NextRefill(int Day, IReadOnlyList<Phrase> Because);

/// <summary>An adherence with the days it was measured over.</summary>
/// <param name="Percent">Proportion of days covered, rounded.</param>
/// <param name="From">The first day.</param>
/// <param name="Until">The last day.</param>
public sealed record MeasuredAdherence(int Percent, int From, int Until);

/// <summary>A dose of today.</summary>
/// <param name="Line">Its line.</param>
/// <param name="Title">The medicine.</param>
/// <param name="Time">When, <c>HH:mm</c>.</param>
/// <param name="State">Whether it was taken.</param>
public sealed record DoseOfDay(long Line, string Title, string Time, DoseState State);

/// <summary>The arguments of an entry in the phone's calendar: its title says nothing of medicines (domain 5.4).</summary>
/// <param name="Title">Neutral.</param>
/// <param name="StartTime">The first time, Unix seconds.</param>
/// <param name="RepeatInterval">Daily.</param>
/// <param name="RepeatEndTime">The last time, Unix seconds.</param>
/// <param name="Description">Neutral.</param>
public sealed record CalendarEntry(string Title, long StartTime, string RepeatInterval, long RepeatEndTime, string Description);
