using Engagement.Api.Hosting;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Dispatch;

/// <summary>The process of a worker, as it is hosted, on a world in which a promotion waits: each phase falls due when it is told so.</summary>
internal sealed class WorkerRound(DispatchPlan plan, Installation installation, WebApplication app)
{
    // Nothing is due, on its way, or (with receipts) without one.
    private const string Open = "SELECT EXISTS (SELECT 1 FROM message WHERE state = 2 OR (state = 1 AND ready_at <= @due) OR (state = 3 AND @receipts = 1))";

    private const string Sent = "SELECT COUNT(*) AS Messages, MAX(outcome_at) AS Last, MAX(receipt_at) AS Received FROM message WHERE state IN (3, 4)";

    private const string SentBefore = "SELECT outcome_at FROM message WHERE outcome_at >= @started ORDER BY outcome_at LIMIT 1 OFFSET @skip";

    private const string Shares = "SELECT COUNT(*) FROM (SELECT owner FROM shard WHERE owner <> '' GROUP BY owner HAVING COUNT(*) = @share) s";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_receiptLook = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_sharesLook = TimeSpan.FromMilliseconds(200);

    private readonly DispatchProfile _profile = app.Services.GetRequiredService<DispatchProfile>();

    public static async Task RunAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        await using var installation = await DispatchWorld.OpenAsync(folder, plan, migrate: false, ct);
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", plan.Receipts ? Role.All : Role.Worker, schedule: false, quiet: true);
        await app.StartAsync(ct);
        var round = new WorkerRound(plan, installation, app);
        await round.SharedAsync(ct);
        RoundProcess.Say(new Ready(EngagementApp.Address(app)));
        for (var phase = plan.ExpandsInWorker ? -1 : 0; phase < plan.Phases.Count && await RoundProcess.ToldAsync(ct); phase++)
        {
            var figures = await round.PhaseAsync(phase, ct);
            if (phase < plan.Phases.Count - 1) await Usage.CompiledAsync(ct);
            RoundProcess.Say(figures);
        }

        await app.StopAsync(ct);
    }

    // As many workers as planned have an equal part of the shards.
    private async Task SharedAsync(CancellationToken ct)
    {
        while (await installation.Database.ReadAsync(session => session.ScalarAsync<long>(Shares, new { share = Shards.Count / plan.Workers }), ct) != plan.Workers) await Task.Delay(s_sharesLook, ct);
    }

    private async Task<PhaseFigures> PhaseAsync(int phase, CancellationToken ct)
    {
        var (cpu, stages) = (Usage.Cpu, Stages());
        // All of the phase falls due at once: the business clock leaps.
        installation.Business.Offset = plan.AheadIn(phase);
        var started = installation.Business.NowMs();
        if (phase < 0) await DispatchWorld.ExpandAsync(app.Services, plan, ct);
        else app.Services.GetRequiredService<OutboxSignals>().Due.Set();
        cpu = (phase < 0 ? Usage.Cpu : await DrainedAsync(ct)) - cpu;

        var expected = plan.Phases.Take(phase + 1).Sum();
        var sent = (await installation.Database.ReadAsync(session => session.SingleOrDefaultAsync<SentRow>(Sent), ct))!;
        if (sent.Messages != expected) throw new InvalidOperationException($"{sent.Messages} messages were sent instead of {expected}.");
        return new PhaseFigures(started, phase < 0 ? installation.Business.NowMs() : sent.Last!.Value, plan.Receipts ? sent.Received ?? 0 : 0, cpu.TotalSeconds, Usage.PeakMegabytes)
        {
            Steady = phase == plan.Phases.Count - 1 ? await SteadyAsync(started, plan.Phases[phase], ct) : 0,
            StageMicroseconds = Stages().ToDictionary(stage => stage.Key, stage => stage.Value - stages[stage.Key]),
        };
    }

    // The outbox is looked at only when no outcome came for a while: reading it is the worker's CPU time too. Returns that at the end.
    private async Task<TimeSpan> DrainedAsync(CancellationToken ct)
    {
        while (true)
        {
            for (long seen = -1, still = 0; still < 5;)
            {
                await Task.Delay(s_look, ct);
                var outcomes = _profile.Of(Stage.Outcome).Messages;
                (still, seen) = (outcomes == seen ? still + 1 : 0, outcomes);
            }

            var cpu = Usage.Cpu;
            if (!await installation.Database.ReadAsync(session => session.ScalarAsync<bool>(
                Open, new { due = installation.Business.NowMs(), receipts = plan.Receipts ? 1 : 0 }), ct)) return cpu;
            if (plan.Receipts) await Task.Delay(s_receiptLook, ct);
        }
    }

    private async Task<double> SteadyAsync(long started, int messages, CancellationToken ct)
    {
        var (from, to) = await installation.Database.ReadAsync(async session => (
            await session.ScalarAsync<long>(SentBefore, new { started, skip = messages / 10 }),
            await session.ScalarAsync<long>(SentBefore, new { started, skip = messages - messages / 10 })), ct);
        return (messages - 2 * (messages / 10)) * 1000.0 / Math.Max(1, to - from);
    }

    private Dictionary<Stage, double> Stages() => Enum.GetValues<Stage>().ToDictionary(stage => stage, stage => _profile.Of(stage).Seconds * 1e6);

    private sealed class SentRow
    {
        public long Messages { get; init; }
        public long? Last { get; init; }
        public long? Received { get; init; }
    }
}
