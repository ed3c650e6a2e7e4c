using Engagement.Api.Demo;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Settling;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Model;

/// <summary>The model and the rows are not of one mind.</summary>
internal sealed class BrokenPromise(string message) : Exception(message);

/// <summary>A message of the model, and to whom it goes.</summary>
internal sealed record Subject(string Name, MessageId Message, MemberId Member, RunId Run, DeliveryClass Class, string Phone, string OpenId, string Template);

/// <summary>A worker as the model knows it: what it believes to own, and what it has in hand.</summary>
internal sealed class Owner(int number, long fence)
{
    public int Number => number;

    public long Fence => fence;

    public bool Alive { get; set; } = true;

    /// <summary>Its mark: nothing that it has in hand was intended before.</summary>
    public long Mark { get; set; }

    public List<Decision> Plan { get; } = [];

    /// <summary>How often each member had changed when it planned.</summary>
    public Dictionary<long, int> Seen { get; } = [];

    /// <summary>Intended and not begun, with the time of the intent.</summary>
    public List<(SendDecision Send, long At)> Unsent { get; } = [];

    /// <summary>To be intended by a write whose answer was lost, with its time, and whether it stands: the worker does not know.</summary>
    public List<(SendDecision Send, long At, bool Stands)> Uncertain { get; } = [];

    /// <summary>Answered and not written down.</summary>
    public List<(Outcome Outcome, long At)> Known { get; } = [];

    /// <summary>Its flight record.</summary>
    public Dictionary<(long Message, int Attempt), FlightEntry> Record { get; } = [];

    public override string ToString() => $"worker {number}";
}

/// <summary>A handful of messages in the real tables, the scripted provider, the workers, and what the model knows of all of them.</summary>
internal sealed class World
{
    /// <summary>All messages share one shard, so that they share waves and owners.</summary>
    public const int Shard = 7;

    public const int Grants = 2;

    private const string Rows = """
        SELECT id AS Id, state AS StateNo, reason AS Reason, attempt_no AS AttemptNo, channel AS ChannelNo, reference AS Reference, provider_ref AS ProviderRef,
               ready_at AS ReadyAt, not_after AS NotAfter, possibly_twice AS TwiceNo, queries AS Queries, intent_at AS IntentAt, outcome_code AS Code
        FROM   message
        """;

    // Promotions have longer than a receipt may take: a doubt of theirs ends while they could still be sent, and must not be.
    private const string FreshMessages = """
        UPDATE message
        SET    state = 1, reason = NULL, verdicts = NULL, ready_at = @now, not_after = CASE WHEN class = 3 THEN @late ELSE @until END, attempt_no = 0, channels_tried = 0, channel = NULL, provider = NULL,
               reference = NULL, provider_ref = NULL, address_index = NULL, outcome_code = NULL, segments = 0, cost_fen = 0, intent_at = NULL, outcome_at = NULL,
               receipt_at = NULL, possibly_twice = 0, queries = 0
        """;

    private static readonly DateTimeOffset s_start = new(2026, 3, 10, 10, 0, 0, TimeSpan.FromHours(8));

    private readonly List<Subject> _subjects = [];

    private World(MessagingHouse house)
    {
        House = house;
        Settler = ActivatorUtilities.CreateInstance<Settler>(house.Get<IServiceProvider>(), new SmsProviders([Provider], house.Get<SmsTraffic>()));
    }

    public MessagingHouse House { get; }

    public ScriptedProvider Provider { get; } = new();

    public Settler Settler { get; }

    public IReadOnlyList<Subject> Subjects => _subjects;

    /// <summary>All workers of the sequence; the last one owns the shard.</summary>
    public List<Owner> Owners { get; } = [];

    public Owner Current => Owners[^1];

    /// <summary>What each message's member still allows, as the model counts it.</summary>
    public Dictionary<long, int> Granted { get; } = [];

    /// <summary>How often each member changed.</summary>
    public Dictionary<long, int> Changes { get; } = [];

    public HashSet<RunId> Paused { get; } = [];

    public HashSet<RunId> Cancelled { get; } = [];

    public Dictionary<long, ModelRow> Now { get; private set; } = [];

    public long Clock => House.Clock.NowMs();

    /// <summary>What happened, for people.</summary>
    public List<string> Story { get; } = [];

    public static async Task<World> MakeAsync(MessagingHouse house)
    {
        var world = new World(house);
        var campaign = (await house.CampaignAsync(smsFallback: true)).Id;
        await world.AddAsync("recall", Recall, "oRecall", null);
        await world.AddAsync("recall by sms", Recall, "", null);
        await world.AddAsync("promotion", Promotion, "oPromotion", campaign);
        await world.AddAsync("promotion by sms", Promotion, "", campaign);
        await world.AddAsync("transaction", Transaction, "oTransaction", null);
        await house.TogetherAsync([.. world.Subjects.Select(subject => subject.Message)]);
        await house.Leases.HoldAsync(CancellationToken.None);
        return world;
    }

    /// <summary>Everything as at first.</summary>
    public async Task ResetAsync()
    {
        House.Clock.Set(s_start);
        await House.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["attempt", "dead_letter", "sweep", "event"]) await tx.ExecuteAsync($"DELETE FROM {table}");
            await tx.ExecuteAsync(FreshMessages, new { now = Clock, until = Clock + 30 * 3_600_000L, late = Clock + 130 * 3_600_000L });
            await tx.ExecuteAsync("UPDATE run SET state = 2, paused = NULL, closing = 0");
            await tx.ExecuteAsync("UPDATE campaign SET state = 2, state_reason = NULL");
            await tx.ExecuteAsync("UPDATE member SET erased_at = NULL");
            await tx.ExecuteAsync("UPDATE consent SET granted = 1");
            await tx.ExecuteAsync("UPDATE wechat_grant SET remaining = @left", new { left = Grants });
        }, CancellationToken.None);
        Provider.Reset();
        Owners.Clear();
        foreach (var memory in (ICollection<RunId>[])[Paused, Cancelled]) memory.Clear();
        Story.Clear();
        foreach (var subject in _subjects) (Granted[subject.Member.Value], Changes[subject.Member.Value]) = (subject.OpenId.Length > 0 ? Grants : 0, 0);
        Owners.Add(new Owner(1, await House.ScalarAsync<long>("SELECT fence FROM shard WHERE id = 7")) { Mark = Clock });
        Now = await ReadAsync();
    }

    public Subject Of(long message) => _subjects.First(subject => subject.Message.Value == message);

    /// <summary>The worker renews its leases: its mark moves up to what it still has in hand.</summary>
    public void Renew() => Current.Mark = Current.Unsent.Select(u => u.At).Concat(Current.Known.Select(k => k.At)).Concat(Current.Uncertain.Select(u => u.At)).Append(Clock).Min();

    /// <summary>Reads what has become of the rows; each must stand where the model allows, and every promise must hold.</summary>
    public async Task CheckAsync(Func<ModelRow, IReadOnlyList<Standing>> allowed)
    {
        var before = Now;
        Now = await ReadAsync();
        foreach (var row in Now.Values)
        {
            var subject = Of(row.Id);
            var expected = allowed(before[row.Id]);
            Must(expected.Contains(row.Standing), $"{subject.Name} was {before[row.Id].Standing}, may be {string.Join(" or ", expected)}, and is {row.Standing}");
            Must(row.AttemptNo >= before[row.Id].AttemptNo, $"{subject.Name}: the attempt number fell");
            Must(before[row.Id].State != MessageState.Delivered || row.State == MessageState.Delivered, $"{subject.Name}: delivered was undone");
            CheckCopies(subject, row);
            CheckAttention(subject, row);
        }

        await CheckBooksAsync();
    }

    private void CheckCopies(Subject subject, ModelRow row)
    {
        var copies = Provider.Ledger.Count(copy => copy.Message == row.Id);
        Must(copies <= 1 || (subject.Class == DeliveryClass.Reminder && row.TwiceNo != 0), $"{subject.Name}: the provider has {copies} copies, and the row does not say so");
        Must(copies > 0 || row.State is not (MessageState.Sent or MessageState.Delivered or MessageState.Undelivered), $"{subject.Name} is {row.State}, and the provider never had it");
    }

    // What is not over is looked at again; only a doubt may be left alone, when its class or its time says so.
    private void CheckAttention(Subject subject, ModelRow row)
    {
        if (row.ReadyAt is not null || row.State is not (MessageState.Pending or MessageState.Sending or MessageState.InDoubt or MessageState.Sent)) return;
        Must(row.State == MessageState.InDoubt && (subject.Class != DeliveryClass.Reminder || row.TwiceNo != 0 || Cancelled.Contains(subject.Run) || Clock > row.NotAfter),
            $"{subject.Name} is {row.State}, and nobody will look at it again");
    }

    private async Task CheckBooksAsync()
    {
        foreach (var (member, left) in await House.QueryAsync<(long, long)>("SELECT member_id, remaining FROM wechat_grant"))
        {
            Must(left >= 0 && left == Granted[member], $"{_subjects.First(s => s.Member.Value == member).Name}: {left} subscriptions are left, not {Granted[member]}");
        }

        var letters = (await House.QueryAsync<long>("SELECT message_id FROM dead_letter WHERE state = 1")).ToHashSet();
        foreach (var row in Now.Values.Where(row => row.State == MessageState.Failed)) Must(letters.Contains(row.Id), $"{Of(row.Id).Name} failed, and no person sees it");
    }

    public static void Must(bool holds, string message)
    {
        if (!holds) throw new BrokenPromise(message);
    }

    private async Task<Dictionary<long, ModelRow>> ReadAsync() => (await House.QueryAsync<ModelRow>(Rows)).ToDictionary(row => row.Id);

    private async Task AddAsync(string name, MessageKind kind, string openId, CampaignId? campaign)
    {
        var phone = $"1990000010{_subjects.Count}";
        var member = await House.JoinAsync("王秀兰", phone, openId, Purpose.Membership, Purpose.MarketingWeChat, Purpose.MarketingSms);
        if (openId.Length > 0) await House.GrantAsync(member, kind, Grants);
        var message = await House.EnqueueAsync(member, kind, campaign: campaign);
        var row = (await House.QueryAsync<(long Run, long Class)>("SELECT run_id, class FROM message WHERE id = @id", new { id = message.Value })).Single();
        _subjects.Add(new Subject(name, message, member, new RunId(row.Run), (DeliveryClass)row.Class, phone, openId, MessagingHouse.Template(kind).Contents.WeChatSubscribe!.TemplateId));
    }

    public static string Account => DemoSettings.AppId;
}
