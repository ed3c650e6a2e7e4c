namespace Engagement.Bench.Dispatch;

/// <summary>How much is measured.</summary>
/// <param name="Name"><c>small</c> or <c>full</c>.</param>
/// <param name="Rounds">Rounds of each row.</param>
/// <param name="WarmUp">Messages of the two phases before the measured one: as in a process that lives for hours, all that is hot is compiled.</param>
/// <param name="Messages">Messages that are measured.</param>
/// <param name="LatencyMessages">The same where the provider is slow.</param>
/// <param name="Expanded">Members of an expansion.</param>
/// <param name="Few">Recipients of the smaller table.</param>
/// <param name="Many">Recipients of the larger one.</param>
internal sealed record Scale(string Name, int Rounds, IReadOnlyList<int> WarmUp, int Messages, int LatencyMessages, int Expanded, int Few, int Many)
{
    public static readonly Scale Small = new("small", 3, [6_000, 4_000], 10_000, 10_000, 20_000, 20_000, 100_000);

    public static readonly Scale Full = new("full", 5, [8_000, 4_000], 20_000, 30_000, 100_000, 20_000, 1_000_000);

    public bool IsSmall => Name == "small";
}
