using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>Members of a run who are written down in one commit: each in an arm, and the messages of the treated.</summary>
/// <remarks>Everything is decided before the write begins, so that the one writer of an embedded database does nothing but insert.</remarks>
internal sealed class RunChunk
{
    private const string InsertMember = "INSERT INTO run_member (run_id, member_id, arm, reason, message_id)";

    // Whoever moves the run on owns the chunk; it is the first statement, so that a cancel falls before or after the chunk, never into it.
    private const string MoveOn = """
        UPDATE run SET expanded_to = @last, audience = audience + @count
        WHERE  id = @run AND expanded_to = @after AND state = 1
        """;

    private readonly RunId _run;
    private readonly List<Entry> _entries;
    private readonly List<NewMessage> _messages;

    private RunChunk(RunId run, long after, long last, int capacity)
    {
        (_run, After, Last) = (run, after, last);
        (_entries, _messages) = (new List<Entry>(capacity), new List<NewMessage>(capacity));
    }

    /// <summary>The last member before the chunk.</summary>
    public long After { get; }

    /// <summary>The last member whom the chunk accounts for.</summary>
    public long Last { get; }

    /// <summary>Decides who of <paramref name="candidates"/> is in which arm.</summary>
    /// <param name="session">Where to look for keys that a message holds already.</param>
    /// <param name="run">The run.</param>
    /// <param name="class">The class of its messages.</param>
    /// <param name="candidates">Who, by member id.</param>
    /// <param name="after">Where the run stands.</param>
    /// <param name="last">Where it will stand.</param>
    /// <param name="ids">Makes the ids of messages.</param>
    public static async Task<RunChunk> DecideAsync(
        Session session, Run run, DeliveryClass @class, IReadOnlyList<Candidate> candidates, long after, long last, IdGenerator ids)
    {
        var keys = new List<string>(candidates.Count);
        foreach (var candidate in candidates)
        {
            if (candidate.Problem is not null) continue;
            keys.AddRange(candidate.Keys);
            keys.AddRange(candidate.JoinedKeys);
        }

        var taken = await OutboxStore.TakenAsync(session, keys).ConfigureAwait(false);
        var chunk = new RunChunk(run.Id, after, last, candidates.Count);
        foreach (var candidate in candidates) chunk.Place(run.Plan, @class, candidate, taken, ids);
        return chunk;
    }

    /// <summary>Writes it; <c>false</c>, and nothing is written, when the run does not stand where the chunk begins any more.</summary>
    public async Task<bool> WriteAsync(Tx tx, long now)
    {
        if (await tx.ExecuteAsync(MoveOn, new { last = Last, count = _entries.Count, run = _run.Value, after = After }).ConfigureAwait(false) != 1) return false;
        await tx.InsertManyAsync(InsertMember, _entries, (e, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (_run.Value, e.Member, (int)e.Arm, e.Reason, e.Message)).ConfigureAwait(false);
        await OutboxStore.EnqueueAsync(tx, _messages, now).ConfigureAwait(false);
        return true;
    }

    // A message that merges several occasions is made while one of them is new; the taken keys stay with their message.
    private void Place(RunPlan plan, DeliveryClass @class, Candidate candidate, HashSet<string> taken, IdGenerator ids)
    {
        var member = candidate.Member.Value;
        if (candidate.Problem is { } problem) _entries.Add(new Entry(member, Arm.Excluded, problem, null));
        else if (candidate.Keys.All(taken.Contains)) _entries.Add(new Entry(member, Arm.Excluded, Reason.Already, null));
        else if (Holdout.Contains(plan.HoldoutSalt, candidate.Member, plan.HoldoutBasisPoints)) _entries.Add(new Entry(member, Arm.HeldOut, null, null));
        else
        {
            var message = new NewMessage(
                new MessageId(ids.Next()), plan.Kind, @class, _run, candidate.Member, plan.TemplateVersionId, candidate.Params, candidate.ReadyAt, candidate.NotAfter,
                [.. candidate.Keys.Concat(candidate.JoinedKeys).Where(taken.Add)]);
            _messages.Add(message);
            _entries.Add(new Entry(member, Arm.Treated, null, message.Id.Value));
        }
    }

    private readonly record struct Entry(long Member, Arm Arm, string? Reason, long? Message);
}
