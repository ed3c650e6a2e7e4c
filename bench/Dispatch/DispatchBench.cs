using Engagement.Api.Demo;
using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>How fast a promotion leaves by WeChat, with gate, rendering and durable recording, next to the same posts from a bare loop.</summary>
internal static class DispatchBench
{
    private const double Bar = 0.25;

    public static async Task<BenchReport> RunAsync(string scale, CancellationToken ct)
    {
        var (messages, warmUp, rounds) = scale == "small" ? (4_000, 2_000, 3) : (20_000, 4_000, 5);
        var folder = Directory.CreateTempSubdirectory("engagement-bench-dispatch-").FullName;
        try
        {
            await using var sandbox = await SandboxProcess.StartAsync(0, folder, fast: true, ct);
            using var control = new SandboxClient(sandbox.Url);
            // Receipts off: this measures the way out.
            await control.SetUpAsync(DemoTemplates.Setup(api: null) with { Receipts = new SandboxReceipts(false, 0, 0) }, ct);
            var plan = new DispatchPlan(sandbox.Url, messages, warmUp, TimeProvider.System.Today());
            await DispatchWorld.MakeAsync(Path.Combine(folder, "world"), plan, ct);

            var (worker, bare) = (new List<RoundFigures>(), new List<RoundFigures>());
            for (var round = 0; round < rounds; round++)
            {
                // Each goes first every other time, so that whatever else the machine does meets both.
                if (round % 2 == 0) bare.Add(await BareAsync());
                worker.Add(await WorkerAsync(round));
                if (round % 2 == 1) bare.Add(await BareAsync());
            }

            return Report(plan, worker, bare);

            Task<RoundFigures> BareAsync() => CountedAsync(control, plan, () => DispatchRound.StartAsync(DispatchRound.Bare, Path.Combine(folder, "world"), ct), ct);

            Task<RoundFigures> WorkerAsync(int round)
            {
                var copy = DispatchWorld.Copy(Path.Combine(folder, "world"), Path.Combine(folder, $"round-{round}"));
                return CountedAsync(control, plan, () => DispatchRound.StartAsync(DispatchRound.Worker, copy, ct), ct);
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    // The other side counts: a round in which a message was lost or doubled measures nothing.
    private static async Task<RoundFigures> CountedAsync(SandboxClient control, DispatchPlan plan, Func<Task<RoundFigures>> round, CancellationToken ct)
    {
        var before = (await control.StatsAsync(ct)).Accepted;
        var figures = await round();
        var accepted = (await control.StatsAsync(ct)).Accepted - before;
        return accepted == plan.Messages + plan.WarmUp ? figures : throw new InvalidOperationException($"The sandbox accepted {accepted} instead of {plan.Messages + plan.WarmUp}.");
    }

    private static BenchReport Report(DispatchPlan plan, List<RoundFigures> worker, List<RoundFigures> bare)
    {
        var share = Figure.Of("dispatch / bare posts, messages per second", "×", worker.Zip(bare, (w, b) => w.PerSecond / b.PerSecond));
        return new BenchReport("dispatch",
        [
            Figure.Of($"dispatch of {plan.Messages:N0} messages", "messages/s", worker.Select(r => r.PerSecond)),
            Figure.Of("bare posts", "messages/s", bare.Select(r => r.PerSecond)),
            share,
            Figure.Of("dispatch, CPU per 1,000 messages", "s", worker.Select(r => r.CpuPerThousand)),
            Figure.Of("bare posts, CPU per 1,000 messages", "s", bare.Select(r => r.CpuPerThousand)),
            Figure.Of("dispatch / bare posts, CPU", "×", worker.Zip(bare, (w, b) => w.CpuPerThousand / b.CpuPerThousand)),
            Figure.Of("dispatch, peak memory", "MB", worker.Select(r => r.PeakMegabytes)),
            Figure.Of("bare posts, peak memory", "MB", bare.Select(r => r.PeakMegabytes)),
        ],
        [Ratio.AtLeast("dispatch / bare posts, messages per second", share.Median, Bar)]);
    }
}
