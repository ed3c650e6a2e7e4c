using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Engagement.EndToEnd.Chaos;

/// <summary>Waits for what processes bring about; nothing here waits for a fixed time.</summary>
internal static class Until
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(40);

    /// <summary>Returns when the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message says what was waited for.</exception>
    /// <param name="what">What is waited for.</param>
    /// <param name="patience">For how long.</param>
    /// <param name="condition">Whether it has come.</param>
    /// <param name="standing">Says how things stand when it has not.</param>
    public static async Task HoldsAsync(string what, TimeSpan patience, Func<Task<bool>> condition, Func<Task<string>>? standing = null)
    {
        if (await HeldAsync(patience, condition)) return;
        throw new TimeoutException($"Not within {patience.TotalSeconds:0} s: {what}.{(standing is null ? "" : $"\n{await standing()}")}");
    }

    /// <summary>Whether the condition held within a time.</summary>
    public static async Task<bool> HeldAsync(TimeSpan patience, Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > patience) return false;
            await Task.Delay(s_pause);
        }

        return true;
    }

    /// <summary>A port on which nobody listens now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
