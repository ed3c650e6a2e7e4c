using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>Freezes the audience of a run and writes its messages, chunk by chunk: run_member, outbox and keys in one commit.</summary>
public sealed class RunExpander(Database database, IdGenerator ids, Clocks clocks, GateTable gates, OutboxSignals signals)
{
    private const int ChunkSize = 500;

    private const string InsertRun = """
        INSERT INTO run (id, producer, kind, class, campaign_id, business_day, started_at, state, audience)
        VALUES (@Id, @Producer, @Kind, @Class, @Campaign, @Day, @Now, @State, @Audience)
        """;

    private const string EndRun = "UPDATE run SET state = @state WHERE id = @id";

    /// <summary>Expands <paramref name="plan"/> over <paramref name="candidates"/>. A member whose every key is taken counts as <c>already</c>.</summary>
    public async Task<RunResult> ExpandAsync(RunPlan plan, IReadOnlyList<Candidate> candidates, CancellationToken ct)
    {
        var run = new RunId(ids.Next());
        await database.WriteAsync(tx => tx.ExecuteAsync(InsertRun, new
        {
            Id = run.Value, plan.Producer, Kind = (int)plan.Kind, Class = (int)gates[plan.Kind].Class, Campaign = plan.Campaign?.Value, Day = plan.BusinessDay,
            Now = clocks.Business.NowMs(), State = (int)RunState.Expanding, Audience = candidates.Count,
        }), ct).ConfigureAwait(false);

        var (enqueued, heldOut) = (0, 0);
        var excluded = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var chunk in candidates.Chunk(ChunkSize))
        {
            foreach (var entry in await WriteChunkAsync(plan, run, chunk, ct).ConfigureAwait(false))
            {
                if (entry.Arm == Arm.Treated) enqueued++;
                else if (entry.Arm == Arm.HeldOut) heldOut++;
                else excluded[entry.Reason!] = excluded.GetValueOrDefault(entry.Reason!) + 1;
            }

            signals.Due.Set();
        }

        await database.WriteAsync(tx => tx.ExecuteAsync(EndRun, new { state = (int)RunState.Expanded, id = run.Value }), ct).ConfigureAwait(false);
        return new RunResult(run, plan.Producer, candidates.Count, enqueued, heldOut, excluded);
    }

    private Task<List<RunEntry>> WriteChunkAsync(RunPlan plan, RunId run, Candidate[] chunk, CancellationToken ct) =>
        database.WriteAsync(async tx =>
        {
            var taken = await OutboxStore.TakenAsync(tx, [.. chunk.Where(c => c.Refused is null).SelectMany(c => c.Keys.Concat(c.JoinedKeys))]).ConfigureAwait(false);
            var entries = new List<RunEntry>(chunk.Length);
            var messages = new List<NewMessage>(chunk.Length);
            foreach (var candidate in chunk)
            {
                var entry = Place(plan, candidate, taken);
                entries.Add(entry);
                if (entry.Message is { } message)
                {
                    messages.Add(new NewMessage(message, plan.Kind, gates[plan.Kind].Class, run, candidate.Member, plan.TemplateVersionId,
                        candidate.Params, candidate.ReadyAt, candidate.NotAfter, [.. candidate.Keys.Concat(candidate.JoinedKeys).Where(taken.Add)]));
                }
            }

            await tx.InsertManyAsync("INSERT INTO run_member (run_id, member_id, arm, reason, message_id)", entries,
                (e, v) => (v[0], v[1], v[2], v[3], v[4]) = (run.Value, e.Member, (int)e.Arm, e.Reason, e.Message?.Value)).ConfigureAwait(false);
            await OutboxStore.EnqueueAsync(tx, messages, clocks.Business.NowMs()).ConfigureAwait(false);
            return entries;
        }, ct);

    // A message that merges several occasions is made while one of them is new; the taken keys stay with their message.
    private RunEntry Place(RunPlan plan, Candidate candidate, HashSet<string> taken)
    {
        var member = candidate.Member.Value;
        if (candidate.Refused is { } refused) return new RunEntry(member, Arm.Excluded, refused, null);
        if (candidate.Keys.All(taken.Contains)) return new RunEntry(member, Arm.Excluded, Reason.Already, null);
        return Holdout.Contains(plan.HoldoutSalt, candidate.Member, plan.HoldoutBasisPoints)
            ? new RunEntry(member, Arm.HeldOut, null, null)
            : new RunEntry(member, Arm.Treated, null, new MessageId(ids.Next()));
    }

    private sealed record RunEntry(long Member, Arm Arm, string? Reason, MessageId? Message);
}
