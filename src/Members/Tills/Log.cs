using Microsoft.Extensions.Logging;

namespace Engagement.Members.Tills;

/// <summary>What tills can say in the log. The numbers are headings of docs/runbook.md.</summary>
internal static partial class Log
{
    [LoggerMessage(5301, LogLevel.Warning, "Store {Store} told more or less for {Day} ({Source}) than has arrived: {Tickets} ticket(s), {Lines} line(s), {Fen} fen are missing")]
    public static partial void DayDiffers(ILogger logger, string store, DateOnly day, string source, int tickets, int lines, long fen);

    [LoggerMessage(5302, LogLevel.Warning, "{Count} store(s) that tell their totals told none for {Day}: {Stores}")]
    public static partial void StoresSilent(ILogger logger, int count, DateOnly day, string stores);

    [LoggerMessage(5303, LogLevel.Error, "The look for gaps at the tills failed; it runs again at its next time")]
    public static partial void WatchFailed(ILogger logger, Exception failure);
}
