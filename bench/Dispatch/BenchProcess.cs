namespace Engagement.Bench.Dispatch;

/// <summary>The benchmark's own processes: <c>dispatch:WHAT@FOLDER</c>.</summary>
internal static class BenchProcess
{
    public const string Worker = "worker";
    public const string Bare = "bare";
    public const string Client = "client";
    public const string Expansion = "expansion";
    public const string BareInserts = "bare-inserts";

    public static async Task<int> RunAsync(string part, CancellationToken ct)
    {
        var (what, folder) = (part[..part.IndexOf('@')], part[(part.IndexOf('@') + 1)..]);
        var plan = DispatchPlan.Load(folder);
        await (what switch
        {
            Worker => WorkerRound.RunAsync(folder, plan, ct),
            Bare => PostRound.RunBareAsync(plan, ct),
            Client => PostRound.RunClientAsync(plan, ct),
            Expansion => ExpansionRound.RunAsync(folder, plan, ct),
            BareInserts => ExpansionRound.RunBareAsync(folder, plan, ct),
            _ => throw new ArgumentException($"There is no process named {what}.", nameof(part)),
        });
        return 0;
    }
}
