using Engagement.Members.Consents;
using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Runs;
using Engagement.Messaging.Settling;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Messaging.Model;

/// <summary>What may happen next.</summary>
internal enum StepKind
{
    Plan, Intend, Break, Undo, TakeBack, Send, Refuse, Lose, Withhold, Record, RecordAgain, TakeOver, Die, Receipt, Look, SweepStuck,
    Pause, Resume, Cancel, Clear, Clock, Days, Withdraw, Erase, Tap, Release,
}

/// <summary>A step; the numbers choose among what is there when it is taken, so that a sequence stays one when steps are left out.</summary>
internal readonly record struct Step(StepKind Kind, int A, int B);

/// <summary>Takes steps: on the real stores, then in the model, then compares.</summary>
internal sealed class Steps(World world)
{
    // A worker does not begin to send what it intended that long ago: a wave is over long before. The clock of the model jumps, so it is said here.
    private const long LongestWave = 15 * 60_000;

    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly (ErrorClass Class, string Code)[] s_refusals =
        [(ErrorClass.Retry, "busy"), (ErrorClass.RefreshToken, "token"), (ErrorClass.PermanentRecipient, "no_such_person"), (ErrorClass.Quota, "quota"), (ErrorClass.PermanentTemplate, "bad_template"), (ErrorClass.PermanentRecipient, "43101")];

    // No sum of them is a round number, so that no window's edge is hit.
    private static readonly TimeSpan[] s_moves =
        [TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(617), TimeSpan.FromSeconds(617), TimeSpan.FromSeconds(1213), TimeSpan.FromSeconds(-3539), TimeSpan.FromSeconds(3607)];

    private MessagingHouse House => world.House;

    private Database Database => world.House.Database;

    public async Task TakeAsync(Step step)
    {
        var owners = world.Owners.FindAll(owner => owner.Alive);
        var owner = owners.Count == 0 ? null : owners[^(step.A % 3 == 0 ? step.B % owners.Count + 1 : 1)];
        await (step.Kind switch
        {
            StepKind.Plan => owner is null ? Task.CompletedTask : PlanAsync(owner, step.B),
            StepKind.Intend => owner is null ? Task.CompletedTask : IntendAsync(owner),
            StepKind.Break or StepKind.Undo => owner is null ? Task.CompletedTask : BreakAsync(owner, stands: step.Kind == StepKind.Break),
            StepKind.TakeBack => TakeBackAsync(owners.FindLast(o => o.Uncertain.Count > 0)),
            StepKind.Send or StepKind.Refuse or StepKind.Lose or StepKind.Withhold => owner is null ? Task.CompletedTask : SendAsync(owner, step),
            StepKind.Record => owner is null ? Task.CompletedTask : RecordAsync(owner, step.B),
            StepKind.RecordAgain => RecordAgainAsync(step.B),
            StepKind.TakeOver => TakeOverAsync(believed: false, dies: step.B % 2 == 0),
            StepKind.Die => TakeOverAsync(believed: true, dies: true),
            StepKind.Receipt => ReceiptAsync(step),
            StepKind.Look => LookAsync(step.B % 4 != 0),
            StepKind.SweepStuck => SweepAsync(),
            StepKind.Pause or StepKind.Resume or StepKind.Cancel => DeskAsync(step.Kind, Pick(step.A)),
            StepKind.Clear => ClearAsync(),
            StepKind.Clock => MoveAsync(s_moves[step.B % s_moves.Length]),
            StepKind.Days => MoveAsync(TimeSpan.FromHours(step.B % 2 == 0 ? 22.51 : 73.02)),
            StepKind.Withdraw or StepKind.Erase => ChangeAsync(step.Kind, Pick(step.A)),
            StepKind.Tap => TapAsync(Pick(step.A)),
            StepKind.Release => ReleaseAsync(Pick(step.A)),
        });
    }

    private Subject Pick(int number) => world.Subjects[number % world.Subjects.Count];

    // ------------------------------------------------------------------ workers

    public async Task PlanAsync(Owner owner, int which)
    {
        // One wave at a time.
        if (owner.Uncertain.Count > 0) return;
        var planned = SmsBatches.Arrange(await House.Get<WavePlanner>().PlanAsync(new Lane(0, 1), [World.Shard], None));
        owner.Plan.Clear();
        // A rate budget leaves some for later.
        owner.Plan.AddRange(planned.Where((_, i) => which % 5 == 0 || (which >> i) % 2 == 0));
        foreach (var (member, count) in world.Changes) owner.Seen[member] = count;
        if (owner == world.Current) world.Renew();
        Say($"{owner} plans {string.Join(", ", owner.Plan.Select(Said))}");
        foreach (var decision in planned)
        {
            var row = world.Now[decision.Message.Id.Value];
            World.Must(row.State == MessageState.Pending && row.ReadyAt <= world.Clock && !world.Paused.Contains(decision.Message.Run), $"{world.Of(row.Id).Name} was planned and does not wait to be sent");
        }

        await world.CheckAsync(Unchanged);
    }

    public async Task IntendAsync(Owner owner)
    {
        if (owner.Plan.Count == 0) return;
        var (plan, now) = (owner.Plan.ToDictionary(d => d.Message.Id.Value), world.Clock);
        var intents = await Database.WriteAsync(tx => WriteAsync(tx, owner, now), None);
        owner.Plan.Clear();
        owner.Unsent.AddRange(intents.Sends.Select(send => (send, now)));
        Say($"{owner} intends {string.Join(", ", intents.Sends.Select(Said))}");
        await IntendedAsync(owner, plan, intents.Sends);
    }

    // The connection breaks in the middle of the commit: whether it stands, the worker is not told.
    private async Task BreakAsync(Owner owner, bool stands)
    {
        if (owner.Plan.Count == 0) return;
        var (plan, now, intents) = (owner.Plan.ToDictionary(d => d.Message.Id.Value), world.Clock, (Intents?)null);
        try
        {
            await Database.WriteAsync(async tx =>
            {
                intents = await WriteAsync(tx, owner, now);
                if (!stands) throw new Broken();
                return intents;
            }, None);
        }
        catch (Broken)
        {
            // Undone, as it was meant.
        }

        owner.Plan.Clear();
        owner.Uncertain.AddRange(plan.Values.OfType<SendDecision>().Select(send => (send, now, stands && intents!.Sends.Contains(send))));
        Say($"{owner} is not told whether it intends {string.Join(", ", plan.Values.OfType<SendDecision>().Select(Said))}; it does{(stands ? "" : " not")}");
        if (stands) await IntendedAsync(owner, plan, intents!.Sends);
        else await world.CheckAsync(Unchanged);
    }

    private async Task TakeBackAsync(Owner? owner)
    {
        if (owner is null) return;
        var (uncertain, now) = (owner.Uncertain.ToList(), world.Clock);
        owner.Uncertain.Clear();
        var back = await Database.WriteAsync(tx => IntentStore.TakeBackAsync(tx, [Shard(owner)], uncertain.ConvertAll(u => u.Send), now), None);
        Say($"{owner} takes back {back} of {string.Join(", ", uncertain.Select(u => Said(u.Send)))}");
        var allowed = world.Now.Values.ToDictionary(row => row.Id, row => row.Standing);
        foreach (var (send, _, _) in uncertain.Where(u => u.Stands && world.Now[u.Send.Message.Id.Value].AttemptNo == u.Send.AttemptNo))
        {
            var row = world.Now[send.Message.Id.Value];
            allowed[row.Id] = TransitionTable.TakeBack(row, world.Current.Fence - owner.Fence);
            if (allowed[row.Id] != row.Standing && send.Channel == Channel.WeChatSubscribe) world.Granted[send.Message.Member.Value]++;
        }

        await world.CheckAsync(row => [allowed[row.Id]]);
    }

    private static Task<Intents> WriteAsync(Tx tx, Owner owner, long now) => IntentStore.WriteAsync(tx, [Shard(owner)], [.. owner.Plan], now);

    private static OwnedShard Shard(Owner owner) => new(World.Shard, owner.Fence);

    private async Task IntendedAsync(Owner owner, Dictionary<long, Decision> plan, IReadOnlyList<SendDecision> sends)
    {
        var allowed = world.Now.Values.ToDictionary(row => row.Id, row => plan.TryGetValue(row.Id, out var decision) ? Intended(owner, row, decision) : row.Standing);
        var going = allowed.Where(a => plan.TryGetValue(a.Key, out var d) && d is SendDecision && a.Value.State == MessageState.Sending && world.Now[a.Key].State == MessageState.Pending).Select(a => a.Key).ToHashSet();
        foreach (var send in sends.Where(send => send.Channel == Channel.WeChatSubscribe)) world.Granted[send.Message.Member.Value]--;
        World.Must(going.SetEquals(sends.Select(send => send.Message.Id.Value)), "what may be sent is not what the intent changed");
        await world.CheckAsync(row => [allowed[row.Id]]);
    }

    private Standing Intended(Owner owner, ModelRow row, Decision decision)
    {
        var (subject, member) = (world.Of(row.Id), decision.Message.Member.Value);
        var counts = owner.Fence == world.Current.Fence && owner.Seen[member] == world.Changes[member];
        var goes = !world.Paused.Contains(subject.Run) && !world.Cancelled.Contains(subject.Run)
            && (decision is not SendDecision { Channel: Channel.WeChatSubscribe } || world.Granted[member] > 0);
        return TransitionTable.Intent(row, decision, counts, goes);
    }

    private async Task SendAsync(Owner owner, Step step)
    {
        owner.Unsent.RemoveAll(unsent => world.Clock - unsent.At > LongestWave && !ReferenceEquals(owner, world.Current));
        var stopped = owner.Unsent.FindAll(u => world.Paused.Contains(u.Send.Message.Run) || world.Cancelled.Contains(u.Send.Message.Run));
        var among = step.Kind == StepKind.Withhold ? stopped : owner.Unsent.FindAll(u => world.Clock - u.At <= LongestWave);
        if (among.Count == 0) return;
        var unsent = among[step.B % among.Count];
        owner.Unsent.Remove(unsent);
        var result = Sender.Withheld;
        if (step.Kind != StepKind.Withhold)
        {
            result = Answer(unsent.Send, step);
            // A kill may fall between the answer and its entry.
            var stage = step.A % 5 == 0 ? FlightStage.Left : result.Accepted switch { Acceptance.Yes => FlightStage.Accepted, Acceptance.No => FlightStage.Refused, _ => FlightStage.Left };
            owner.Record[(unsent.Send.Message.Id.Value, unsent.Send.AttemptNo)] = new FlightEntry(stage, stage == FlightStage.Accepted ? result.ProviderRef : null);
        }

        owner.Known.Add((new Outcome(unsent.Send, result), unsent.At));
        Say($"{owner} sends {Said(unsent.Send)}: {result.Accepted} {result.Code} {result.ProviderRef}, {world.Provider.Ledger.Count} copies in all");
        await world.CheckAsync(Unchanged);
    }

    private SendResult Answer(SendDecision send, Step step)
    {
        if (step.Kind == StepKind.Send) return SendResult.Ok("0", world.Provider.Take(send, world.Clock).ProviderRef);
        if (step.Kind == StepKind.Lose)
        {
            if (step.A % 2 == 0) world.Provider.Take(send, world.Clock);
            return SendResult.InDoubt("timeout");
        }

        var refusal = s_refusals[step.A % s_refusals.Length];
        return SendResult.Refused(refusal.Class, refusal.Code == "43101" && send.Channel == Channel.Sms ? "no_such_person" : refusal.Code);
    }

    public async Task RecordAsync(Owner owner, int which)
    {
        // A batch comes from one wave: no message twice.
        var batch = owner.Known.DistinctBy(known => known.Outcome.Send.Message.Id).Where((_, i) => which % 3 != 0 || i == 0).ToList();
        if (batch.Count == 0) return;
        owner.Known.RemoveAll(batch.Contains);
        _recorded.AddRange(batch.Select(known => known.Outcome));
        await RecordAsync(batch.ConvertAll(known => known.Outcome), $"{owner} records");
    }

    private readonly List<Outcome> _recorded = [];

    // Whoever does not learn whether a commit stood writes it again.
    private Task RecordAgainAsync(int which)
    {
        // Rather one of an attempt of the past, whose message is under way again.
        var past = _recorded.FindAll(o => world.Now[o.Send.Message.Id.Value] is { State: MessageState.Sending or MessageState.InDoubt } row && row.AttemptNo > o.Send.AttemptNo);
        var among = past.Count > 0 && which % 4 != 0 ? past : _recorded;
        return among.Count == 0 ? Task.CompletedTask : RecordAsync([among[which % among.Count]], "Somebody records again");
    }

    private async Task RecordAsync(List<Outcome> outcomes, string who)
    {
        var now = world.Clock;
        await Database.WriteAsync(tx => OutcomeStore.RecordAsync(tx, outcomes, now, 6), None);
        Say($"{who} {string.Join(", ", outcomes.Select(o => $"{Said(o.Send)}: {o.Result.Accepted} {o.Result.Code}"))}");
        var recorded = outcomes.ToDictionary(o => o.Send.Message.Id.Value);
        foreach (var (id, (send, result)) in recorded)
        {
            var row = world.Now[id];
            if (result.Accepted != Acceptance.No || send.Channel != Channel.WeChatSubscribe || row.AttemptNo != send.AttemptNo || row.State is not (MessageState.Sending or MessageState.InDoubt)) continue;
            world.Granted[send.Message.Member.Value] = result.Code == "43101" ? 0 : world.Granted[send.Message.Member.Value] + 1;
        }

        await world.CheckAsync(row => recorded.TryGetValue(row.Id, out var o) ? TransitionTable.Outcome(row, o.Send.AttemptNo, o.Result, now) : [row.Standing]);
    }

    public async Task TakeOverAsync(bool believed, bool dies)
    {
        var (old, before) = (world.Current, world.Now);
        if (dies)
        {
            old.Alive = false;
            old.Unsent.Clear();
            old.Uncertain.Clear();
            old.Known.Clear();
        }

        var record = believed ? old.Record : null;
        await Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE shard SET fence = fence + 1 WHERE id = @shard", new { shard = World.Shard });
            return await House.Get<Takeover>().SettleAsync(tx, World.Shard, old.Mark, record);
        }, None);
        world.Owners.Add(new Owner(old.Number + 1, old.Fence + 1) { Mark = world.Clock });
        Say($"{world.Current} takes over; {old} {(dies ? "is dead" : "lives on")}{(believed ? " and its record is believed" : "")}");
        foreach (var row in before.Values.Where(row => row is { State: MessageState.Sending, Channel: Channel.WeChatSubscribe } && TransitionTable.Takeover(row, believed, Stage(row)).State == MessageState.Pending)) world.Granted[world.Of(row.Id).Member.Value]++;
        await world.CheckAsync(row => [TransitionTable.Takeover(row, believed, Stage(row))]);

        FlightStage? Stage(ModelRow row) => old.Record.TryGetValue((row.Id, (int)row.AttemptNo), out var entry) ? entry.Stage : null;
    }

    // ------------------------------------------------------------------ the provider's word

    private async Task ReceiptAsync(Step step)
    {
        if (world.Provider.Ledger.Count == 0) return;
        var copy = world.Provider.Ledger[step.A % world.Provider.Ledger.Count];
        var (delivered, ours) = (step.B % 3 != 0, step.B % 4 != 0);
        copy.Fate = delivered ? SmsFate.Delivered : SmsFate.Undelivered;
        var receipt = copy.Channel == Channel.Sms
            ? new Receipt(0, copy.ProviderRef, ours ? copy.Reference : "", House.Get<BlindIndex>().Candidates(MemberColumns.PhoneIndex, copy.Address), delivered, "R")
            : await EventAsync(copy, delivered);
        await Database.WriteAsync(tx => ReceiptStore.ApplyAsync(tx, [receipt], world.Clock), None);
        Say($"a receipt says {(delivered ? "delivered" : "undelivered")} of {world.Of(copy.Message).Name}, attempt {copy.Attempt}{(ours ? "" : ", without our reference")}");
        await world.CheckAsync(row => [row.Id == copy.Message ? TransitionTable.Receipt(row, copy, delivered, ours) : row.Standing]);
    }

    private async Task<Receipt> EventAsync(Copy copy, bool delivered)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(copy.TakenAt) - House.Get<Clocks>().BusinessOffset();
        var sent = new SendEnd(Channel.WeChatSubscribe, copy.Address, world.Of(copy.Message).Template, copy.ProviderRef, delivered, delivered ? "0" : "1", at);
        var meant = (await House.Get<WeChatDoubts>().FindAsync(Database, [sent], None))[sent].ToList();
        return new Receipt(0, copy.ProviderRef, "", null, delivered, "R") { Meant = meant.Count == 1 ? meant[0] : null };
    }

    public async Task LookAsync(bool answers)
    {
        var now = world.Clock;
        world.Provider.Answers = answers;
        await world.Settler.RoundAsync(None);
        Say($"the settler looks{(answers ? "" : ", and the provider does not answer")}");
        await world.CheckAsync(row =>
        {
            var subject = world.Of(row.Id);
            SmsFate? fate = row.Channel == Channel.Sms ? world.Provider.FateOf(subject.Phone, row.Reference) : null;
            return TransitionTable.Look(row, subject.Class, world.Cancelled.Contains(subject.Run), fate, now);
        });
    }

    private async Task SweepAsync()
    {
        var before = world.Clock - (long)DoubtPolicy.Wait.TotalMilliseconds;
        await ActivatorUtilities.CreateInstance<StuckSends>(House.Get<IServiceProvider>()).MendAsync(None);
        Say("a sweep looks for what is stuck");
        await world.CheckAsync(row => [row.State == MessageState.Sending && row.IntentAt <= before ? row.Standing with { State = MessageState.InDoubt } : row.Standing]);
    }

    // ------------------------------------------------------------------ people and time

    private async Task DeskAsync(StepKind kind, Subject subject)
    {
        var (desk, target) = (House.Get<RunDesk>(), RunTarget.Of(subject.Run));
        var answer = kind switch
        {
            StepKind.Pause => await desk.PauseAsync(target, PauseReason.Staff, None),
            StepKind.Resume => await desk.ResumeAsync(target, None),
            _ => await desk.CancelAsync(target, None),
        };
        // The two promotions are of one campaign.
        foreach (var run in world.Subjects.Where(s => s == subject || (s.Class == DeliveryClass.Promotional && subject.Class == DeliveryClass.Promotional)).Select(s => s.Run))
        {
            if (kind == StepKind.Cancel) world.Cancelled.Add(run);
            if (kind == StepKind.Pause && !world.Cancelled.Contains(run)) world.Paused.Add(run);
            if (kind != StepKind.Pause) world.Paused.Remove(run);
        }

        Say($"{kind} the run of {subject.Name}: {answer}");
        await world.CheckAsync(Unchanged);
    }

    private async Task ClearAsync()
    {
        await House.Get<CancelledRuns>().ClearAsync(None);
        Say("what waits of cancelled runs is suppressed");
        await world.CheckAsync(row => [row.Standing, .. row.State == MessageState.Pending && world.Cancelled.Contains(world.Of(row.Id).Run) ? [row.Standing with { State = MessageState.Suppressed }] : (Standing[])[]]);
    }

    public async Task MoveAsync(TimeSpan by)
    {
        if (by > TimeSpan.Zero) House.Clock.Advance(by);
        else House.Clock.Set(House.Clock.GetUtcNow() + by);
        world.Renew();
        Say($"the clock moves by {by}");
        await world.CheckAsync(Unchanged);
    }

    private async Task ChangeAsync(StepKind kind, Subject subject)
    {
        if (kind == StepKind.Erase) await House.ExecuteAsync("UPDATE member SET erased_at = 1, gate_version = gate_version + 1 WHERE id = @id", new { id = subject.Member.Value });
        else await House.WithdrawAsync(subject.Member, subject.Class == DeliveryClass.Service ? Purpose.Membership : Purpose.MarketingSms);
        world.Changes[subject.Member.Value]++;
        Say($"{kind} the member of {subject.Name}");
        await world.CheckAsync(Unchanged);
    }

    private async Task TapAsync(Subject subject)
    {
        if (subject.OpenId.Length == 0) return;
        await Database.WriteAsync(tx => House.Get<GrantBook>().ApplyAsync(tx, new SubscriptionTap(World.Account, subject.OpenId, subject.Template, Accepted: true, Popup: true)), None);
        world.Granted[subject.Member.Value]++;
        world.Changes[subject.Member.Value]++;
        Say($"the member of {subject.Name} allows one more");
        await world.CheckAsync(Unchanged);
    }

    private async Task ReleaseAsync(Subject subject)
    {
        var now = world.Clock;
        await House.Get<DeadLetterStore>().ReleaseAsync(new DeadLetterFilter(subject.Message), null, "model", None);
        Say($"staff release {subject.Name}");
        await world.CheckAsync(row => [row.State == MessageState.Failed && row.Id == subject.Message.Value && !world.Cancelled.Contains(subject.Run) && now <= row.NotAfter
            ? row.Standing with { State = MessageState.Pending } : row.Standing]);
    }

    private static IReadOnlyList<Standing> Unchanged(ModelRow row) => [row.Standing];

    private void Say(string what) => world.Story.Add($"{world.House.Clock.GetUtcNow():dd HH:mm:ss}  {what}");

    private string Said(Decision decision) => $"{world.Of(decision.Message.Id.Value).Name} " + decision switch
    {
        SendDecision send => $"#{send.AttemptNo} by {send.Channel}",
        StopDecision stop => $"→ {stop.State} ({stop.Reason})",
        _ => "later",
    };

    private sealed class Broken : Exception;
}
