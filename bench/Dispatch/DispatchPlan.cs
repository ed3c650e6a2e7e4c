using System.Text.Json;
using Engagement.Messaging;
using Engagement.Storage;

namespace Engagement.Bench.Dispatch;

/// <summary>What the processes of a round do, as they read it from the folder of their world.</summary>
/// <param name="Sandbox">Where they send.</param>
/// <param name="Day">The business day.</param>
/// <param name="Ahead">How far the business clock is ahead when the first phase falls due: one figure, so that several workers have one clock.</param>
/// <param name="Phases">Messages of each phase; all but the last warm the process up, or fill the table.</param>
internal sealed record DispatchPlan(Uri Sandbox, int Day, TimeSpan Ahead, IReadOnlyList<int> Phases)
{
    private static readonly TimeSpan s_apart = TimeSpan.FromMinutes(45);

    /// <summary>The channel that carries the messages.</summary>
    public Channel Channel { get; init; } = Channel.WeChatSubscribe;

    /// <summary>Whether a message is done only when its receipt has come.</summary>
    public bool Receipts { get; init; }

    /// <summary>How many workers share the shards.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Requests on the wire at the same time, of the bare loop as of the worker.</summary>
    public int InFlight { get; init; } = 64;

    /// <summary>Whether the worker expands the run itself; else it waits in the world already.</summary>
    public bool ExpandsInWorker { get; init; }

    /// <summary>Settings of the worker beside the sandbox's.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>The campaign, once the world is made.</summary>
    public long Campaign { get; init; }

    /// <summary>The version of its template.</summary>
    public long Version { get; init; }

    /// <summary>The last member of each phase.</summary>
    public IReadOnlyList<long> LastMembers { get; init; } = [];

    public int Total => Phases.Sum();

    /// <summary>A plan for today whose first phase begins at ten in the morning, on the business clock.</summary>
    public static DispatchPlan Today(Uri sandbox, params IReadOnlyList<int> phases)
    {
        var day = TimeProvider.System.Today();
        return new DispatchPlan(sandbox, day, Morning(day) - TimeProvider.System.GetUtcNow(), phases);
    }

    /// <summary>This plan's world, worked off as <paramref name="other"/> says.</summary>
    public DispatchPlan As(DispatchPlan other) => other with { Campaign = Campaign, Version = Version, LastMembers = LastMembers };

    /// <summary>When the messages of a phase are due (business time).</summary>
    public DateTimeOffset DueAt(int phase) => Morning(Day) + phase * s_apart;

    /// <summary>The last moment to send any of them.</summary>
    public DateTimeOffset NotAfter => ChinaTime.At(Day, new TimeOnly(19, 30));

    /// <summary>How far the business clock is ahead in a phase; -1 stands for the time before the first.</summary>
    public TimeSpan AheadIn(int phase) => Ahead + phase * s_apart;

    public static DispatchPlan Load(string folder) => JsonSerializer.Deserialize<DispatchPlan>(File.ReadAllText(FileIn(folder)))!;

    public void Save(string folder) => File.WriteAllText(FileIn(folder), JsonSerializer.Serialize(this));

    private static DateTimeOffset Morning(int day) => ChinaTime.At(day, new TimeOnly(10, 0));

    private static string FileIn(string folder) => Path.Combine(folder, "plan.json");
}
