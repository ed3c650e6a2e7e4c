using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>Where rounds are run: a folder, and the sandbox. Every round is counted by the other side, or it measures nothing.</summary>
internal sealed class Arena : IAsyncDisposable
{
    private readonly string _folder;
    private int _copies;

    private Arena(string folder, BenchSandbox sandbox) => (_folder, Sandbox) = (folder, sandbox);

    public BenchSandbox Sandbox { get; }

    public static async Task<Arena> OpenAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("engagement-bench-dispatch-").FullName;
        return new Arena(folder, await BenchSandbox.StartAsync(folder, ct));
    }

    /// <summary>A folder that nobody uses.</summary>
    public string NewFolder() => Path.Combine(_folder, $"{++_copies}");

    /// <summary>A filled world and its plan.</summary>
    public Task<(World World, DispatchPlan Plan)> MakeAsync(DatabaseProvider provider, DispatchPlan plan, CancellationToken ct) =>
        DispatchWorld.MakeAsync(NewFolder(), provider, plan, ct);

    /// <summary>A round of the bare loop.</summary>
    public Task<RoundFigures> BareAsync(DispatchPlan plan, int latencyMs, CancellationToken ct) => PostsAsync(BenchProcess.Bare, plan, latencyMs, ct);

    /// <summary>A round of our clients, in the bare loop's place.</summary>
    public Task<RoundFigures> ClientAsync(DispatchPlan plan, CancellationToken ct) => PostsAsync(BenchProcess.Client, plan, 0, ct);

    private async Task<RoundFigures> PostsAsync(string what, DispatchPlan plan, int latencyMs, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(NewFolder()).FullName;
        plan.Save(folder);
        await using var started = new StartedRound([RoundProcess.Start(what, folder)], Sandbox, null, plan);
        await started.ReadyAsync(receipts: false, latencyMs, ct);
        return await started.ToTheEndAsync(ct);
    }

    /// <summary>A round of workers on a copy of a world.</summary>
    public async Task<RoundFigures> WorkersAsync(World world, DispatchPlan plan, int latencyMs, CancellationToken ct)
    {
        await using var copy = await world.CopyAsync(NewFolder(), plan, ct);
        await using var started = await WorkersOnAsync(copy, plan, latencyMs, ct);
        return await started.ToTheEndAsync(ct);
    }

    /// <summary>Workers that wait on a world, to be led through their phases one by one.</summary>
    public async Task<StartedRound> WorkersOnAsync(World world, DispatchPlan plan, int latencyMs, CancellationToken ct)
    {
        var started = new StartedRound([.. Enumerable.Range(0, plan.Workers).Select(_ => RoundProcess.Start(BenchProcess.Worker, world.Folder))], Sandbox, world.Server, plan);
        await started.ReadyAsync(plan.Receipts, latencyMs, ct);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await Sandbox.DisposeAsync();
        Directory.Delete(_folder, true);
    }
}

/// <summary>The processes of a round under way.</summary>
internal sealed class StartedRound(IReadOnlyList<RoundProcess> processes, BenchSandbox sandbox, MariaDb? server, DispatchPlan plan) : IAsyncDisposable
{
    private int _phase;

    /// <summary>Waits until all are ready, and readies the sandbox.</summary>
    public async Task ReadyAsync(bool receipts, int latencyMs, CancellationToken ct)
    {
        var ready = await Task.WhenAll(processes.Select(process => process.HearAsync<Ready>(ct)));
        await sandbox.PrepareAsync(receipts ? ready[0].Address : null, latencyMs, ct);
    }

    /// <summary>The expansion that a plan may begin with.</summary>
    public async Task<RoundFigures> ExpandAsync(CancellationToken ct) => await StepAsync(plan.Total, ct);

    /// <summary>The next phase; the sandbox must have accepted exactly its messages.</summary>
    public async Task<RoundFigures> PhaseAsync(CancellationToken ct)
    {
        var messages = plan.Phases[_phase++];
        var before = await sandbox.AcceptedAsync(ct);
        var figures = await StepAsync(messages, ct);
        var accepted = await sandbox.AcceptedAsync(ct) - before;
        return accepted == messages ? figures : throw new InvalidOperationException($"The sandbox accepted {accepted} instead of {messages}.");
    }

    /// <summary>All phases; the figures of the last.</summary>
    public async Task<RoundFigures> ToTheEndAsync(CancellationToken ct)
    {
        while (_phase < plan.Phases.Count - 1) await PhaseAsync(ct);
        return await PhaseAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes) await process.DisposeAsync();
    }

    private async Task<RoundFigures> StepAsync(int messages, CancellationToken ct)
    {
        var (serverCpu, sandboxCpu) = (server?.Cpu ?? TimeSpan.Zero, sandbox.Cpu);
        var figures = await Task.WhenAll(processes.Select(process => process.StepAsync<PhaseFigures>(ct)));
        return RoundFigures.Of(messages, figures) with
        {
            ServerCpuPerThousand = ((server?.Cpu ?? TimeSpan.Zero) - serverCpu).TotalSeconds * 1000 / messages,
            SandboxCpuPerThousand = (sandbox.Cpu - sandboxCpu).TotalSeconds * 1000 / messages,
        };
    }
}
