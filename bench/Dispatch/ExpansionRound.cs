using System.Diagnostics;
using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Dispatch;

/// <summary>The processes of an expansion: ours, and the bare inserts. The first phase warms them up.</summary>
internal static class ExpansionRound
{
    public static async Task RunAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        await using var installation = await DispatchWorld.OpenAsync(folder, plan, migrate: false, ct);
        await using var services = installation.Services();
        var expander = services.GetRequiredService<RunExpander>();
        await PhasesAsync(plan, async (first, count) =>
        {
            var result = await expander.ExpandAsync(new RunPlan("bench", MessageKind.Promotion, 1, plan.Day), new MadeUpMembers(plan, first, count), null, ct);
            if (result.Enqueued != count) throw new InvalidOperationException($"{result.Enqueued} messages were made instead of {count}.");
        }, ct);
    }

    public static async Task RunBareAsync(string folder, DispatchPlan plan, CancellationToken ct)
    {
        await using var inserts = await BareInserts.OpenAsync(folder, plan, ct);
        await PhasesAsync(plan, (first, count) => inserts.RunAsync(first, count, ct), ct);
    }

    private static async Task PhasesAsync(DispatchPlan plan, Func<int, int, Task> expandAsync, CancellationToken ct)
    {
        RoundProcess.Say(new Ready(null));
        var first = 0;
        foreach (var count in plan.Phases)
        {
            if (!await RoundProcess.ToldAsync(ct)) return;
            var (cpu, clock) = (Usage.Cpu, Stopwatch.GetTimestamp());
            await expandAsync(first, count);
            var figures = new PhaseFigures(0, Stopwatch.GetElapsedTime(clock).TotalMilliseconds, 0, (Usage.Cpu - cpu).TotalSeconds, Usage.PeakMegabytes);
            if ((first += count) < plan.Total) await Usage.CompiledAsync(ct);
            RoundProcess.Say(figures);
        }
    }
}

/// <summary>Members of whom nothing is known but their ids: what an audience costs is not measured here.</summary>
internal sealed class MadeUpMembers(DispatchPlan plan, int first, int count) : ICandidateSource
{
    private const long Base = 250_000_000_000_000_000;

    public bool Makes(RunPlan plan) => false;

    public static long Member(int i) => Base + (long)i * 4096;

    public static string Key(long member) => $"campaign:{Base}:{member}";

    public Task<CandidatePage> ReadAsync(Session session, RunPlan run, long after, int limit)
    {
        var start = after < Member(first) ? first : (int)((after - Base) / 4096) + 1;
        var page = Enumerable.Range(start, Math.Min(limit, first + count - start)).Select(i => Candidate(Member(i))).ToList();
        return Task.FromResult(page.Count == 0 ? CandidatePage.End : new CandidatePage(page, page[^1].Member.Value));
    }

    private Candidate Candidate(long member) =>
        new(new MemberId(member), null, [Key(member)], "{}", plan.DueAt(0).ToUnixTimeMilliseconds(), plan.NotAfter.ToUnixTimeMilliseconds());
}
