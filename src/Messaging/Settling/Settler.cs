using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Settling;

/// <summary>Looks at what was sent and has no end: closes what no receipt came for, asks about what is in doubt, and keeps the promise of its class.</summary>
internal sealed class Settler(
    Database database, Clocks clocks, IHeldWork held, SmsProviders sms, FieldCipher cipher, BlindIndex index, OutboxSignals signals,
    IOptions<SettlingOptions> options, ILogger<Settler> logger) : BackgroundService
{
    private const int PageSize = 500;

    // A look passes over whatever waits in the same index. It rests so much longer than it took that it never costs more than a twentieth.
    private const int RestPerWork = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = clocks.System.GetTimestamp();
            try
            {
                await RoundAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.SettlingFailed(logger, failure);
            }

            var rest = clocks.System.GetElapsedTime(started) * RestPerWork;
            await Task.Delay(rest > options.Value.Interval ? rest : options.Value.Interval, clocks.System, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One look at every run; how many messages changed. Tests call this, the loop repeats it.</summary>
    internal async Task<int> RoundAsync(CancellationToken ct)
    {
        var shards = held.Shards;
        if (shards.Count == 0) return 0;
        var questions = new SmsQuestions(sms, cipher, index, clocks, options.Value.Questions, logger);
        var changed = 0;
        foreach (var run in await database.ReadAsync(SettlingStore.RunsAsync, ct).ConfigureAwait(false))
        {
            changed += await SettleAsync(run, shards, questions, ct).ConfigureAwait(false);
        }

        return changed;
    }

    private async Task<int> SettleAsync(OpenRun run, IReadOnlyList<int> shards, SmsQuestions questions, CancellationToken ct)
    {
        var changed = 0;
        while (true)
        {
            var now = clocks.Business.NowMs();
            var page = await database.ReadAsync(session => SettlingStore.DueAsync(session, run, shards, now, PageSize), ct).ConfigureAwait(false);
            // What this process has on the wire has an owner who will say what came of it.
            var open = page.Where(m => m.State != MessageState.Sending || !held.Contains(m.Id)).ToList();
            if (open.Count == 0) return changed;

            var findings = await questions.AskAsync(database, open.FindAll(DoubtPolicy.CanAsk), ct).ConfigureAwait(false);
            now = clocks.Business.NowMs();
            var settled = open.ConvertAll(m => (m, DoubtPolicy.Decide(m, findings.TryGetValue(m.Id, out var finding) ? finding : null, now)));
            var moved = await database.WriteAsync(tx =>
            {
                tx.AfterCommit(signals.Due.Set);
                return SettlingStore.ApplyAsync(tx, settled, now);
            }, ct).ConfigureAwait(false);
            changed += moved;
            if (moved == 0 || page.Count < PageSize) return changed;
        }
    }
}
