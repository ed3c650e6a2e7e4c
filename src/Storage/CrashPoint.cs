using System.Diagnostics;

namespace Engagement.Storage;

/// <summary>Named steps at which the chaos tests kill the process or let it stand still: what they promise is only worth what a kill right there leaves.</summary>
/// <remarks>
/// Off unless <c>ENGAGEMENT_CRASH_AT</c> is <c>STEP:N</c>: the process kills itself (SIGKILL, nothing is flushed) when it comes to the step for the N-th time.
/// With <c>STEP:N:stand</c> it stands still there (SIGSTOP) until somebody lets it go on.
/// </remarks>
public static class CrashPoint
{
    private static readonly (string Step, int Nth, bool Stand)? s_plan = Parse(Environment.GetEnvironmentVariable("ENGAGEMENT_CRASH_AT"));
    private static int s_reached;

    /// <summary>Says that a step has been reached.</summary>
    /// <param name="step">Its name, one of docs/delivery.md.</param>
    public static void Reach(string step)
    {
        if (s_plan is not { } plan || plan.Step != step || Interlocked.Increment(ref s_reached) != plan.Nth) return;
        if (plan.Stand)
        {
            using var stop = Process.Start("kill", ["-STOP", $"{Environment.ProcessId}"]);
            stop.WaitForExit();
            return;
        }

        Process.GetCurrentProcess().Kill();
        // Nothing more may happen while the signal is on its way.
        new ManualResetEvent(false).WaitOne();
    }

    private static (string, int, bool)? Parse(string? plan) =>
        plan?.Split(':') is [var step, var nth, .. var how] && int.TryParse(nth, out var count) ? (step, count, how is ["stand"]) : null;
}
