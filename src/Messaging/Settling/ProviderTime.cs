using Engagement.Storage;

namespace Engagement.Messaging.Settling;

/// <summary>Between the clock of our tables and the providers' clocks, which no demo moves.</summary>
internal static class ProviderTime
{
    /// <summary>How far business time is ahead of real time; next to nothing outside the demo.</summary>
    public static TimeSpan BusinessOffset(this Clocks clocks) => clocks.Business.GetUtcNow() - clocks.System.GetUtcNow();
}
