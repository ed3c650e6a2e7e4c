using System.Diagnostics;
using System.Text.Json;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Storage;
using Engagement.Storage.Cluster;

namespace Engagement.Api.Demo;

/// <summary>What <c>run.sh</c> does: an installation of its own, a chain's history, API, worker and sandbox, and the main job.</summary>
internal sealed class DemoRun(DemoOptions options)
{
    /// <summary>The name under which the sample promotion is counted.</summary>
    public const string Promotion = "promotion";

    private static readonly TimeSpan s_receiptPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_drainPatience = TimeSpan.FromMinutes(30);

    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Runs to the end (<c>--once</c>) or until it is stopped; the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(options.Data);
        var keys = Path.Combine(options.Data, "keys");
        if (!File.Exists(Path.Combine(keys, KeyRing.FileName))) KeyRing.Create(keys, demo: true);
        // Made-up members do not belong among real ones, and what waits for real ones does not belong to the sandbox.
        if (!KeyRing.Load(keys).Demo)
        {
            throw new StorageException("not_a_demo", new(
                $"{options.Data} 里是正式安装的数据，演示不在其中运行；请用 --data 另选一个文件夹。", $"{options.Data} holds a real installation; the demo does not run in it. Choose another folder with --data."));
        }

        using var single = ServerLock.Take(options.Data);
        DemoStory.Banner();

        await using var sandbox = await SandboxProcess.StartAsync(options.SandboxPort, options.Data, fast: false, ct);
        await using var installation = await Installation.OpenAsync(Settings.Read(options.Data, [.. DemoSettings.For(sandbox.Url), DemoSettings.OneClick]), migrate: true, ct);
        var now = await DemoClock.StartAsync(installation, options.At, ct);
        if (!options.Empty && await FillAsync(installation, ct) is { } refused)
        {
            await Console.Error.WriteLineAsync(refused.Say());
            return 1;
        }

        using var client = new SandboxClient(sandbox.Url);
        // The worker may begin with what an earlier run left; then the sandbox must know the accounts already.
        await client.SetUpAsync(DemoTemplates.Setup(api: null), ct);
        await DemoGrants.TellAsync(installation.Database, client, ct);

        await using var app = EngagementApp.Build(installation, $"http://127.0.0.1:{options.Port}", Role.All, schedule: false, quiet: true);
        await StartAsync(app, ct);
        try
        {
            await client.SetUpAsync(DemoTemplates.Setup(EngagementApp.Address(app)), ct);
            foreach (var template in DemoTemplates.All) await app.Services.GetRequiredService<TemplateStore>().ApproveAsync(template, ct);
            DemoStory.Clock(now);
            return options.Empty
                ? await ServeAsync(installation, app, sandbox.Url, ct)
                : await MainJobAsync(installation, app, client, sandbox.Url, ct);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    private async Task StartAsync(WebApplication app, CancellationToken ct)
    {
        try
        {
            await EngagementApp.StartAsync(app, ct);
        }
        catch (IOException failure)
        {
            throw new StorageException("port_in_use", new(
                $"端口 {options.Port} 无法使用，请用 --port 换一个（0 表示自动选择）。",
                $"Port {options.Port} cannot be used: choose another with --port (0 picks a free one)."), failure);
        }
    }

    // Null when the folder holds what was asked for.
    private async Task<Phrase?> FillAsync(Installation installation, CancellationToken ct)
    {
        var origin = options.Purchases is null ? $"made:{options.Members}" : Path.GetFileName(options.Purchases);
        if (await DemoHistory.KnownAsync(installation.Database, ct) is { } known)
        {
            if (known.Origin != origin && (options.Purchases is not null || !known.Origin.StartsWith("made:", StringComparison.Ordinal)))
            {
                return new Phrase($"{options.Data} 里已经是 {known.Origin} 的数据，换数据请用另一个 --data 文件夹。", $"{options.Data} already holds {known.Origin}: use another --data folder for other data.");
            }

            DemoStory.Known(known);
            return null;
        }

        var chainOptions = new ChainOptions(installation.Business.Today(), options.Members);
        var chain = ChainMaker.Make(chainOptions);
        if (options.Purchases is not null)
        {
            switch (await TillExport.ReadAsync(options.Purchases, chainOptions, ct))
            {
                case TillFile.Refused refused:
                    return refused.Why;
                case TillFile.OwnFeed:
                    return new Phrase($"{options.Purchases} 是本系统的购买明细，请用 engage import purchases 导入。", $"{options.Purchases} is our own purchase feed: import it with engage import purchases.");
                case TillFile.Completed completed:
                    chain = completed.Data;
                    break;
            }
        }

        await using var services = installation.Services();
        DemoStory.Loaded(await new DemoHistory(installation, services).LoadAsync(chain, origin, ct), chain);
        return null;
    }

    private async Task<int> MainJobAsync(Installation installation, WebApplication app, SandboxClient client, Uri sandbox, CancellationToken ct)
    {
        var runs = await ProduceAsync(installation, app.Services, ct);
        await DrainAsync(installation.Database, runs, ct);
        var summary = await SummariseAsync(installation, app.Services, client, runs, ct);
        await File.WriteAllTextAsync(Path.Combine(options.Data, "summary.json"), JsonSerializer.Serialize(summary, DemoJson.Default.Summary), ct);
        await DemoStory.SummaryAsync(installation, app.Services, summary, runs, ct);
        if (options.Once) return summary.Holds() ? 0 : 1;
        return await ServeAsync(installation, app, sandbox, ct);
    }

    private static async Task<IReadOnlyList<RunResult>> ProduceAsync(Installation installation, IServiceProvider services, CancellationToken ct)
    {
        DemoStory.Producing();
        var runs = new List<RunResult>();
        await AddAsync(await services.GetRequiredService<BirthdayAutomation>().RunAsync(ct));
        await AddAsync(await services.GetRequiredService<RefillAutomation>().RunAsync(ct));

        var desk = services.GetRequiredService<CampaignDesk>();
        var promotion = await DemoCampaign.SubmitAsync(installation.Database, desk, ct);
        DemoStory.Approval(promotion, await desk.ApproveAsync(promotion, ct));
        var approved = (await installation.Database.ReadAsync(session => CampaignStore.FindAsync(session, promotion.Id), ct))!;
        if (await services.GetRequiredService<CampaignRuns>().RunAsync(approved, Promotion, ct) is { } run) await AddAsync(run);

        var unlawful = await desk.SubmitAsync(DemoTemplates.Campaign(DemoCampaign.Unlawful), null, ct);
        DemoStory.Approval(unlawful, await desk.ApproveAsync(unlawful, ct));
        return runs;

        async Task AddAsync(RunResult result)
        {
            runs.Add(result);
            DemoStory.Produced(result, await installation.Database.ReadAsync(session => DemoStory.MergedAsync(session, result), ct));
        }
    }

    // Done when nothing waits or is on the wire; then receipts are waited for, as long as the contract says.
    private static async Task DrainAsync(Database database, IReadOnlyList<RunResult> runs, CancellationToken ct)
    {
        IReadOnlyList<RunId> ids = [.. runs.Select(run => run.Id)];
        var total = runs.Sum(run => run.Enqueued);
        await Stage.BarAsync("发送", "Sending", total, async bar =>
        {
            await UntilAsync(s_drainPatience, async () =>
            {
                var live = await database.ReadAsync(session => RunFigureStore.LiveAsync(session, ids), ct);
                bar.Report(new Stage.Step(total - live.Open, DemoStory.Live(live)));
                return live.Open == 0;
            }, ct);
            return await UntilAsync(s_receiptPatience, async () => await database.ReadAsync(session => RunFigureStore.AwaitingReceiptAsync(session, ids), ct) == 0, ct);
        });
    }

    private static async Task<bool> UntilAsync(TimeSpan patience, Func<Task<bool>> done, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < patience)
        {
            if (await done()) return true;
            await Task.Delay(50, ct);
        }

        return false;
    }

    private async Task<Summary> SummariseAsync(Installation installation, IServiceProvider services, SandboxClient client, IReadOnlyList<RunResult> runs, CancellationToken ct)
    {
        var figures = await installation.Database.ReadAsync(async session =>
        {
            var list = new List<RunFigures>();
            foreach (var run in runs) list.Add(await RunFigureStore.OfAsync(session, run.Id));
            return (
                Members: await session.ScalarAsync<long>("SELECT COUNT(*) FROM member"),
                Purchases: await session.ScalarAsync<long>("SELECT COUNT(*) FROM purchase"), Runs: list);
        }, ct);
        var stats = await client.StatsAsync(ct);
        var match = await Reconciliation.OfAsync(
            installation.Database, services.GetRequiredService<BlindIndex>(), [.. runs.Select(run => run.Id)], await client.MessagesAsync(ct), ct);
        return new Summary(
            figures.Members, figures.Purchases, figures.Runs.ToDictionary(run => run.Producer, RunSummary.Of),
            new SandboxSummary(stats.Accepted, stats.ByChannel), match.Lost, match.Duplicates,
            Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 1)) { Earlier = match.Earlier };
    }

    // Follows the demo's clock: a new business day brings the next greetings and reminders.
    private static async Task<int> ServeAsync(Installation installation, WebApplication app, Uri sandbox, CancellationToken ct)
    {
        DemoStory.Addresses(EngagementApp.Address(app), sandbox);
        var schedule = app.Services.GetRequiredService<DailySchedule>();
        var day = installation.Business.Today();
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ct.IsCancellationRequested) break;
            await installation.FollowClockAsync(ct);
            if (installation.Business.Today() == day) continue;
            day = installation.Business.Today();
            DemoStory.Clock(installation.Business.GetUtcNow());
            foreach (var run in await schedule.RunDueAsync(ct))
            {
                DemoStory.Produced(run, await installation.Database.ReadAsync(session => DemoStory.MergedAsync(session, run), ct));
            }
        }

        return 0;
    }
}
