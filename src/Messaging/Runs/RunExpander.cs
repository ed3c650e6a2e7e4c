using System.Data.Common;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Reports;
using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>Freezes the audience of a run and writes its messages, chunk by chunk: run_member, outbox, keys and how far the run is, in one commit.</summary>
/// <remarks>
/// Any number of processes may expand one run at the same time: a chunk is committed only by whoever moves the run on from where the chunk begins,
/// all others drop theirs and go on from where the run is. So a kill at any point costs nothing but the chunk under way, and nobody is written twice.
/// </remarks>
public sealed class RunExpander(Database database, IdGenerator ids, Clocks clocks, GateTable gates, OutboxSignals signals)
{
    internal const int ChunkSize = 1000;

    private const int Attempts = 4;

    private const string EndRun = "UPDATE run SET state = 2 WHERE id = @run AND expanded_to = @after AND state = 1";

    /// <summary>Makes a run and expands it. With a <paramref name="key"/> that a run has already, that run is gone on with.</summary>
    /// <param name="plan">What to say.</param>
    /// <param name="source">To whom.</param>
    /// <param name="key">What keeps two schedulers from making the run twice; <c>null</c> for a run made by hand.</param>
    /// <param name="ct">Stops between chunks; the run is then gone on with by whoever finds it.</param>
    public async Task<RunResult> ExpandAsync(RunPlan plan, ICandidateSource source, string? key, CancellationToken ct)
    {
        var run = await database.WriteAsync(tx => BeginAsync(tx, plan, key), ct).ConfigureAwait(false);
        return await ContinueAsync(run, source, ct).ConfigureAwait(false);
    }

    /// <summary>Makes a run of which nobody is written down yet, or returns the one that has its <paramref name="key"/>.</summary>
    internal Task<RunId> BeginAsync(Tx tx, RunPlan plan, string? key)
    {
        tx.AfterCommit(signals.Runs.Set);
        return RunStore.AddAsync(tx, new RunId(ids.Next()), plan, gates[plan.Kind].Class, key, clocks.Business.NowMs());
    }

    /// <summary>Makes a run over candidates who are known already.</summary>
    public Task<RunResult> ExpandAsync(RunPlan plan, IReadOnlyList<Candidate> candidates, CancellationToken ct) =>
        ExpandAsync(plan, new ListedCandidates(candidates), null, ct);

    /// <summary>Goes on with a run from where it is, and says what became of its audience; a run that is complete or cancelled is left as it is.</summary>
    public async Task<RunResult> ContinueAsync(RunId id, ICandidateSource source, CancellationToken ct)
    {
        var (failedAt, failures) = (-1L, 0);
        while (await FindAsync(id, ct).ConfigureAwait(false) is { State: RunState.Expanding } run)
        {
            try
            {
                if (await ExpandFromAsync(run, source, ct).ConfigureAwait(false) is { } end) await EndAsync(id, end, ct).ConfigureAwait(false);
            }
            catch (DbException) when (run.ExpandedTo != failedAt || failures < Attempts)
            {
                // Most often a key that another run took after we had looked for it: the chunk is decided anew.
                (failedAt, failures) = (run.ExpandedTo, run.ExpandedTo == failedAt ? failures + 1 : 1);
            }
        }

        return await database.ReadAsync(session => RunFigureStore.AudienceAsync(session, id), ct).ConfigureAwait(false);
    }

    // Where nobody was left; null when the run stands elsewhere than we believed. The next chunk is read while one is written.
    private async Task<long?> ExpandFromAsync(Run run, ICandidateSource source, CancellationToken ct)
    {
        var at = run.ExpandedTo;
        var reading = ReadAsync(run, source, at, ct);
        while (await reading.ConfigureAwait(false) is { } chunk)
        {
            // Drivers that do not really wait would else read before they write.
            reading = Task.Run(() => ReadAsync(run, source, chunk.Last, ct), ct);
            try
            {
                if (!await database.WriteAsync(tx => WriteAsync(tx, chunk), ct).ConfigureAwait(false)) return null;
                CrashPoint.Reach("expanded");
                at = chunk.Last;
            }
            finally
            {
                // It is looked at in the next turn, or of no use any more.
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return at;
    }

    private async Task<bool> WriteAsync(Tx tx, RunChunk chunk)
    {
        tx.AfterCommit(signals.Due.Set);
        return await chunk.WriteAsync(tx, clocks.Business.NowMs()).ConfigureAwait(false);
    }

    // Whoever finds the end first marks it; for all others the run does not stand there any more.
    private Task EndAsync(RunId id, long after, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.ExecuteAsync(EndRun, new { run = id.Value, after }).ConfigureAwait(false);
        tx.AfterCommit(signals.Runs.Set);
    }, ct);

    // Null when nobody is left.
    private async Task<RunChunk?> ReadAsync(Run run, ICandidateSource source, long after, CancellationToken ct)
    {
        var (candidates, last) = (new List<Candidate>(ChunkSize), after);
        return await database.ReadAsync(async session =>
        {
            while (candidates.Count < ChunkSize / 2)
            {
                var page = await source.ReadAsync(session, run.Plan, last, ChunkSize - candidates.Count).ConfigureAwait(false);
                if (page.Last is not { } read) break;
                candidates.AddRange(page.Candidates);
                last = read;
            }

            return last == after ? null : await RunChunk.DecideAsync(session, run, gates[run.Plan.Kind].Class, candidates, after, last, ids).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
    }

    private async Task<Run> FindAsync(RunId id, CancellationToken ct) =>
        await database.ReadAsync(session => RunStore.FindAsync(session, id), ct).ConfigureAwait(false)
        ?? throw new KeyNotFoundException($"There is no run {id}.");
}
