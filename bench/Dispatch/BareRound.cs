using System.Diagnostics;
using Engagement.Messaging;
using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>Ready-made posts of one channel.</summary>
internal interface IBarePosts
{
    /// <summary>Posts one of them and reads the answer.</summary>
    Task PostAsync(HttpClient http, int index, CancellationToken ct);
}

/// <summary>The process of the ceiling: the same posts, with ready bodies, from a plain loop with as many in flight. Nothing else is done.</summary>
internal static class BareRound
{
    public static async Task RunAsync(DispatchPlan plan, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = plan.InFlight }) { BaseAddress = plan.Sandbox };
        var perPost = plan.Channel == Channel.Sms ? BareSms.Size : 1;
        RoundProcess.Say(new Ready(null));
        IBarePosts? posts = null;
        var done = 0;
        foreach (var messages in plan.Phases)
        {
            if (!await RoundProcess.ToldAsync(ct)) return;
            posts ??= plan.Channel == Channel.Sms ? new BareSms(plan) : await BareWeChat.MakeAsync(plan, http, ct);
            var count = messages / perPost;
            var figures = await PhaseAsync(http, posts, done, count, plan.InFlight, ct);
            if ((done += count) < plan.Total / perPost) await Usage.CompiledAsync(ct);
            RoundProcess.Say(figures);
        }
    }

    private static async Task<PhaseFigures> PhaseAsync(HttpClient http, IBarePosts posts, int first, int count, int inFlight, CancellationToken ct)
    {
        var (cpu, started, clock) = (Usage.Cpu, (double)TimeProvider.System.NowMs(), Stopwatch.GetTimestamp());
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => LoopAsync()));
        var ended = started + Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        return new PhaseFigures(started, ended, 0, (Usage.Cpu - cpu).TotalSeconds, Usage.PeakMegabytes);

        async Task LoopAsync()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < first + count;) await posts.PostAsync(http, i, ct);
        }
    }
}
