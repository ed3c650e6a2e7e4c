namespace Engagement.Api.Demo.Chain;

/// <summary>What chain to make. The same options give the same rows, byte for byte.</summary>
/// <param name="Today">The demo's business day, an epoch day in China; the newest ticket is the day before.</param>
/// <param name="Members">How many people, the <see cref="Story"/>'s five and the duplicate rows not counted; 100 to 1,000,000.</param>
/// <param name="Stores">How many stores, 1 to 200.</param>
/// <param name="Seed">Where every random stream starts.</param>
internal sealed record ChainOptions(int Today, int Members = 5000, int Stores = 20, int Seed = 42)
{
    /// <summary>The length of the history: 78 weeks, eighteen months.</summary>
    public const int HistoryDays = 78 * 7;

    /// <summary>The newest day that a ticket may have.</summary>
    public int Yesterday => Today - 1;

    /// <summary>The oldest day that a ticket may have.</summary>
    public int FirstDay => Today - HistoryDays;
}
