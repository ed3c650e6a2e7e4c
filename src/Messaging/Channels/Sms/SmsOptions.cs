namespace Engagement.Messaging.Channels.Sms;

/// <summary>What holds for all providers of SMS together. Bound from <c>Sms</c>; refused at start when invalid.</summary>
public sealed class SmsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Sms";

    /// <summary>How much of the traffic each provider gets, by name (<c>aliyun</c>, <c>tencent</c>), in relation to the others.</summary>
    /// <value>Default: all that are set up alike. From 0 (only when no other can) to 1,000.</value>
    public Dictionary<string, int> Weights { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a refusal by SMS is confirmed by SMS as well; it always is in the in-app inbox.</summary>
    /// <value>Default <c>false</c>.</value>
    public bool ConfirmOptOut { get; set; }

    /// <summary>The share of errors, in percent of a window, from which traffic moves away from a provider.</summary>
    /// <value>Default 15, from 1 to 100.</value>
    public int ErrorPercent { get; set; } = 15;

    /// <summary>How many of a hundred points of traffic move in one step, away or back.</summary>
    /// <value>Default 10, from 1 to 100.</value>
    public int StepPoints { get; set; } = 10;

    /// <summary>How long errors are counted before they are judged.</summary>
    /// <value>Default 10 s, from 1 s to 5 min.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many numbers must have been answered in a window for a step away.</summary>
    /// <value>Default 20, from 1 to 10,000.</value>
    public int WindowLeast { get; set; } = 20;

    /// <summary>How long a provider must be healthy for a step back.</summary>
    /// <value>Default 5 min, from 1 s to 1 h.</value>
    public TimeSpan HealthyFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After how many calls in a row without an answer nothing more is sent by a provider.</summary>
    /// <value>Default 5, from 1 to 1,000.</value>
    public int BreakAfter { get; set; } = 5;

    /// <summary>For how long; then one message tries whether it answers again.</summary>
    /// <value>Default 30 s, from 1 s to 10 min.</value>
    public TimeSpan BreakFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach (var (name, weight) in Weights)
        {
            if (!SmsCapabilities.ByProvider.ContainsKey(name)) yield return $"{Section}:Weights:{name} names no provider: {string.Join(", ", SmsCapabilities.ByProvider.Keys.Order(StringComparer.Ordinal))}.";
            if (weight is < 0 or > 1000) yield return $"{Section}:Weights:{name} must be from 0 to 1000.";
        }

        if (Weights.Count > 0 && Weights.Values.All(weight => weight <= 0))
            yield return $"{Section}:Weights:{Weights.Keys.First()} is 0, and no other provider has more: one must.";
        if (ErrorPercent is < 1 or > 100) yield return $"{Section}:ErrorPercent must be from 1 to 100.";
        if (StepPoints is < 1 or > 100) yield return $"{Section}:StepPoints must be from 1 to 100.";
        if (Window < TimeSpan.FromSeconds(1) || Window > TimeSpan.FromMinutes(5)) yield return $"{Section}:Window must be from 00:00:01 to 00:05:00.";
        if (WindowLeast is < 1 or > 10_000) yield return $"{Section}:WindowLeast must be from 1 to 10000.";
        if (HealthyFor < TimeSpan.FromSeconds(1) || HealthyFor > TimeSpan.FromHours(1)) yield return $"{Section}:HealthyFor must be from 00:00:01 to 01:00:00.";
        if (BreakAfter is < 1 or > 1000) yield return $"{Section}:BreakAfter must be from 1 to 1000.";
        if (BreakFor < TimeSpan.FromSeconds(1) || BreakFor > TimeSpan.FromMinutes(10)) yield return $"{Section}:BreakFor must be from 00:00:01 to 00:10:00.";
    }
}
