using System.Globalization;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Sms;

/// <summary>Instants as both providers write them: in Beijing time, to the second.</summary>
internal static class ChinaTime
{
    public static string Text(DateTimeOffset at) =>
        at.ToOffset(SandboxClock.China).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Text(long unixMs) => Text(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
}
