using System.Collections.Concurrent;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Runs;

/// <summary>Goes on with runs whose process was killed while it wrote their members down. Any number of nodes may do so at once.</summary>
public sealed class RunResumer(
    Database database, Clocks clocks, RunExpander expander, IEnumerable<ICandidateSource> sources, IOptions<ScheduleOptions> options, ILogger<RunResumer> logger)
{
    private readonly ConcurrentDictionary<RunId, Seen> _seen = [];

    /// <summary>Goes on with what has stood still since an earlier call; what became of it.</summary>
    public async Task<IReadOnlyList<RunResult>> ResumeAsync(CancellationToken ct)
    {
        var expanding = await database.ReadAsync(RunStore.ExpandingAsync, ct).ConfigureAwait(false);
        foreach (var gone in _seen.Keys.Except(expanding.Select(run => run.Id))) _seen.TryRemove(gone, out _);
        var results = new List<RunResult>();
        foreach (var run in expanding.Where(StandsStill))
        {
            if (sources.FirstOrDefault(source => source.Makes(run.Plan)) is { } source)
            {
                var result = await expander.ContinueAsync(run.Id, source, ct).ConfigureAwait(false);
                Log.Resumed(logger, run.Id, result.Producer, result.Audience, result.Enqueued);
                results.Add(result);
            }
            else
            {
                Log.NoSource(logger, run.Id, run.Plan.Producer);
            }
        }

        return results;
    }

    // Somebody may be at it in this moment, here or elsewhere: then it moves.
    private bool StandsStill(Run run)
    {
        var now = clocks.System.NowMs();
        var seen = _seen.AddOrUpdate(run.Id, new Seen(run.ExpandedTo, now), (_, before) => before.At == run.ExpandedTo ? before : new Seen(run.ExpandedTo, now));
        return now - seen.Since >= options.Value.ResumeAfter.TotalMilliseconds;
    }

    private readonly record struct Seen(long At, long Since);
}
