using Engagement.Api.Hosting;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Dispatch;

/// <summary>The worker as it is hosted, on an outbox in which a promotion waits.</summary>
internal static class WorkerRound
{
    private const string Open = "SELECT EXISTS (SELECT 1 FROM message WHERE state = 2 OR (state = 1 AND ready_at <= @due))";

    private const string Sent = "SELECT COUNT(*) AS Messages, MAX(outcome_at) AS Last FROM message WHERE state = 3";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    public static async Task<RoundFigures> RunAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        await using var installation = await DispatchWorld.OpenAsync(folder, plan, migrate: false, ct);
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.Worker, schedule: false, quiet: true);
        await app.StartAsync(ct);
        await DrainedAsync(installation, ct);
        await RoundFigures.WarmAsync(ct);

        var cpu = RoundFigures.Cpu();
        // The rest falls due at once: the hour that the business clock leaps.
        installation.Business.Offset += DispatchPlan.Later;
        var started = installation.Business.NowMs();
        app.Services.GetRequiredService<OutboxSignals>().Due.Set();
        await DrainedAsync(installation, ct);
        var sent = (await installation.Database.ReadAsync(session => session.SingleOrDefaultAsync<SentRow>(Sent), ct))!;
        if (sent.Messages != plan.Messages + plan.WarmUp) throw new InvalidOperationException($"{sent.Messages} messages were sent instead of {plan.Messages + plan.WarmUp}.");
        var figures = RoundFigures.Of(plan.Messages, (sent.Last - started) / 1000.0, cpu);
        await app.StopAsync(ct);
        return figures;
    }

    // Looks seldom: what it reads is the worker's CPU time too.
    private static async Task DrainedAsync(Installation installation, CancellationToken ct)
    {
        do await Task.Delay(s_pause, ct);
        while (await installation.Database.ReadAsync(session => session.ScalarAsync<bool>(Open, new { due = installation.Business.NowMs() }), ct));
    }

    private sealed class SentRow
    {
        public long Messages { get; init; }
        public long Last { get; init; }
    }
}
