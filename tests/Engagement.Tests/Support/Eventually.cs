using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Engagement.Tests.Support;

/// <summary>Waits for what another thread or process brings about. Nothing in the tests waits for a fixed time.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as the condition holds; fails with its text when it does not hold in time (30 s unless told).</summary>
    public static Task True(
        Func<bool> condition, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        True(() => Task.FromResult(condition()), timeout, text);

    /// <inheritdoc cref="True(Func{bool}, TimeSpan?, string)"/>
    public static async Task True(
        Func<Task<bool>> condition, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var limit = timeout ?? TimeSpan.FromSeconds(30);
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit) Assert.Fail($"Not within {limit.TotalSeconds:0.#} s: {text}");
            await Task.Delay(s_pause);
        }
    }
}
