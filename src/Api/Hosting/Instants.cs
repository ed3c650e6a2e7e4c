using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>Instants as answers show them: on Chinese clocks, with the offset.</summary>
internal static class Instants
{
    /// <summary>The instant of Unix milliseconds.</summary>
    public static DateTimeOffset Of(long ms) => ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(ms));

    /// <inheritdoc cref="Of(long)"/>
    public static DateTimeOffset? Of(long? ms) => ms is { } known ? Of(known) : null;
}
