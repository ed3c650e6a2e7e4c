using System.Net.Http.Json;
using System.Text.Json;
using Engagement.Api.Demo;

namespace Engagement.Bench.Dispatch;

/// <summary>The provider's side of a benchmark: the sandbox in its fast mode, emptied before each round. It counts what it accepts.</summary>
internal sealed class BenchSandbox : IAsyncDisposable
{
    private readonly SandboxProcess _process;
    private readonly SandboxClient _control;
    private readonly HttpClient _http;
    private readonly int _pid;

    private BenchSandbox(SandboxProcess process, int pid) =>
        (_process, _control, _http, _pid) = (process, new SandboxClient(process.Url), new HttpClient { BaseAddress = process.Url }, pid);

    public Uri Url => _process.Url;

    public TimeSpan Cpu => Usage.CpuOf(_pid);

    public static async Task<BenchSandbox> StartAsync(string folder, CancellationToken ct)
    {
        var process = await SandboxProcess.StartAsync(0, folder, fast: true, ct);
        using var http = new HttpClient { BaseAddress = process.Url };
        var health = await http.GetFromJsonAsync<JsonElement>("/_sandbox/health", ct);
        return new BenchSandbox(process, health.GetProperty("pid").GetInt32());
    }

    /// <summary>Forgets all messages and faults.</summary>
    /// <param name="receiptsTo">Where to push receipts; <c>null</c> = nowhere.</param>
    /// <param name="latencyMs">How long a send takes.</param>
    /// <param name="ct">Stops it.</param>
    public async Task PrepareAsync(string? receiptsTo, int latencyMs, CancellationToken ct)
    {
        await PostAsync("/_sandbox/reset", new { }, ct);
        var setup = DemoTemplates.Setup(receiptsTo);
        await _control.SetUpAsync(receiptsTo is null ? setup with { Receipts = new SandboxReceipts(false, 0, 0) } : setup, ct);
        if (latencyMs > 0) await PostAsync("/_sandbox/faults", new { latencyMs = new[] { latencyMs, latencyMs } }, ct);
    }

    /// <summary>What it has accepted since.</summary>
    public async Task<long> AcceptedAsync(CancellationToken ct) => (await _control.StatsAsync(ct)).Accepted;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _control.Dispose();
        await _process.DisposeAsync();
    }

    private async Task PostAsync<T>(string path, T body, CancellationToken ct)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, ct);
        answer.EnsureSuccessStatusCode();
    }
}
