using System.Diagnostics;
using Engagement.Bench.Channels;
using Engagement.Messaging;
using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>Posts of one channel, as many as a plan has.</summary>
internal interface IPosts
{
    /// <summary>Posts one of them and reads the answer.</summary>
    ValueTask PostAsync(int index, CancellationToken ct);
}

/// <summary>A process that posts from a plain loop, so many in flight, and does nothing else: with ready bodies (the ceiling), or through our clients.</summary>
internal static class PostRound
{
    /// <summary>Posts with ready bodies.</summary>
    public static async Task RunBareAsync(DispatchPlan plan, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = plan.InFlight }) { BaseAddress = plan.Sandbox };
        await RunAsync(plan, async () => plan.Channel == Channel.Sms ? new BareSms(http, plan) : await BareWeChat.MakeAsync(http, plan, ct), ct);
    }

    /// <summary>Sends through our clients.</summary>
    public static async Task RunClientAsync(DispatchPlan plan, CancellationToken ct)
    {
        await using var clients = ClientPosts.Clients(plan);
        await RunAsync(plan, () => Task.FromResult(ClientPosts.Of(clients, plan)), ct);
    }

    private static async Task RunAsync(DispatchPlan plan, Func<Task<IPosts>> make, CancellationToken ct)
    {
        var perPost = plan.Channel == Channel.Sms ? BareSms.Size : 1;
        RoundProcess.Say(new Ready(null));
        IPosts? posts = null;
        var done = 0;
        foreach (var messages in plan.Phases)
        {
            if (!await RoundProcess.ToldAsync(ct)) return;
            posts ??= await make();
            var count = messages / perPost;
            var figures = await PhaseAsync(posts, done, count, plan.InFlight, ct);
            if ((done += count) < plan.Total / perPost) await Usage.CompiledAsync(ct);
            RoundProcess.Say(figures);
        }
    }

    private static async Task<PhaseFigures> PhaseAsync(IPosts posts, int first, int count, int inFlight, CancellationToken ct)
    {
        var (cpu, started, clock) = (Usage.Cpu, (double)TimeProvider.System.NowMs(), Stopwatch.GetTimestamp());
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => LoopAsync()));
        var ended = started + Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        return new PhaseFigures(started, ended, 0, (Usage.Cpu - cpu).TotalSeconds, Usage.PeakMegabytes);

        async Task LoopAsync()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < first + count;) await posts.PostAsync(i, ct);
        }
    }
}
