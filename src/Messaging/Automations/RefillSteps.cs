namespace Engagement.Messaging.Automations;

/// <summary>When a refill is spoken of: 7 and 3 days before the supply ends and the day after it has ended (domain 5.3).</summary>
/// <remarks>Each step is a window, so that a day on which nothing ran is caught up; the windows do not overlap.</remarks>
public static class RefillSteps
{
    /// <summary>How many days ahead of the end the first step begins.</summary>
    public const int FirstStep = -7;

    /// <summary>The last day after the end on which the last step may still go out; then it is the pharmacist's turn.</summary>
    public const int LastDay = 2;

    /// <summary>Lines whose supply ends within so many days of each other share one message.</summary>
    public const int MergeDays = 7;

    /// <summary>The step that is due on <paramref name="today"/> for supply that ends on <paramref name="coverageEnd"/>, or <c>null</c>.</summary>
    public static int? DueOn(int today, int coverageEnd) => (today - coverageEnd) switch
    {
        >= -7 and < -3 => -7,
        >= -3 and <= 0 => -3,
        >= 1 and <= LastDay => 1,
        _ => null,
    };

    /// <summary>The day for which the member asked to be reminded again, when today is that day or one of the two after it.</summary>
    public static int? AskedOn(int today, int? remindOn) => remindOn is { } asked && today >= asked && today <= asked + LastDay ? asked : null;

    /// <summary>The key of the reminder that a member asked for.</summary>
    public static string AskedKey(long therapyLine, int coverageEnd, int remindOn) => $"refill:{therapyLine}:{coverageEnd}:on{remindOn}";

    /// <summary>The last day on which <paramref name="step"/> may go out.</summary>
    public static int WindowEnd(int coverageEnd, int step) => step switch
    {
        -7 => coverageEnd - 4,
        -3 => coverageEnd,
        1 => coverageEnd + LastDay,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "A refill step is -7, -3 or 1."),
    };

    /// <summary>The key of one reminder: therapy line, coverage end and step (domain 5.3).</summary>
    public static string Key(long therapyLine, int coverageEnd, int step) => $"refill:{therapyLine}:{coverageEnd}:{step}";
}
