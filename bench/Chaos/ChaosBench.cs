using System.Diagnostics;
using Engagement.EndToEnd.Chaos;

namespace Engagement.Bench.Chaos;

/// <summary>What kills cost: real processes on real servers, killed over and over, and then judged row by row against the sandbox's ledger.</summary>
internal static class ChaosBench
{
    private static readonly string[] s_steps = ["planned:2", "intended:2", "taken:1", "leaving:40", "taken:1", "answered:2", "recorded:3", "received:40", "applying:3"];

    public static async Task<BenchReport> RunAsync(string scale)
    {
        var small = scale == "small";
        var (members, kills) = small ? (500, 6) : (23_700, 120);
        var mariaDb = await RealServer.MariaDbAsync();
        var redis = await RealServer.RedisAsync();
        try
        {
            List<Row> rows = [await RowAsync("kill -9 at random · two workers, MariaDB, Redis", () => ChaosMachine.ClusterAsync(mariaDb, redis), members, KillAsync)];
            if (!small)
            {
                rows.Add(await RowAsync("MariaDB and Redis killed in turn · two workers", () => ChaosMachine.ClusterAsync(mariaDb, redis), members / 10, ServersAsync));
                rows.Add(await RowAsync("kill -9 at random · SQLite", () => ChaosMachine.EmbeddedAsync(), members / 4,
                    machine => ChaosMonkey.KillAsync(machine, [machine.Serve("all", "Api,Worker")], kills / 4, members / 2, seed: 2)));
                rows.Add(await RowAsync("taken and never answered · SQLite", Hasty, members / 10, UnansweredAsync));
            }

            rows.Add(await RowAsync("kill -9 at each named step · SQLite", () => ChaosMachine.EmbeddedAsync(), small ? 400 : 1500, machine => machine.Serve("all", "Api,Worker", s_steps).CrashedAsync()));
            foreach (var line in Row.Table(rows)) Console.WriteLine(line);
            return Report(rows);
        }
        finally
        {
            await mariaDb.DisposeAsync();
            await redis.DisposeAsync();
        }

        Task KillAsync(ChaosMachine machine) => ChaosMonkey.KillAsync(
            machine, [machine.Serve("api", "Api"), machine.Serve("one", "Worker"), machine.Serve("two", "Worker")], kills, members * 2, seed: 1);

        async Task ServersAsync(ChaosMachine machine)
        {
            machine.Serve("api", "Api");
            machine.Serve("one", "Worker");
            machine.Serve("two", "Worker");
            for (var time = 1; time <= 4; time++)
            {
                var at = members / 10 * time / 3;
                await Until.HoldsAsync("some have left", TimeSpan.FromMinutes(5), async () => await machine.AcceptedAsync() >= at);
                var server = time % 2 == 0 ? redis : mariaDb;
                server.Kill();
                await server.StartAsync();
            }
        }
    }

    private static Task<ChaosMachine> Hasty() => ChaosMachine.EmbeddedAsync(("WeChat:SendTimeout", "00:00:00.5"), ("Sms:Aliyun:SendTimeout", "00:00:00.5"));

    private static async Task UnansweredAsync(ChaosMachine machine)
    {
        await machine.FaultsAsync(new { acceptThenTimeoutShare = 0.02, dropAfterAcceptShare = 0.05, seed = 3 });
        machine.Serve("all", "Api,Worker");
        await machine.DrainedAsync(TimeSpan.FromMinutes(10));
        await machine.FaultsAsync(new { });
    }

    private static async Task<Row> RowAsync(string faults, Func<Task<ChaosMachine>> on, int members, Func<ChaosMachine, Task> chaos)
    {
        await using var machine = await on();
        await (await ChaosWorld.MakeAsync(machine, members)).MixAsync();
        var started = Stopwatch.GetTimestamp();
        await chaos(machine);
        await machine.DrainedAsync(TimeSpan.FromMinutes(20));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await machine.SettleAsync();
        var judgement = await ChaosJudge.JudgeAsync(machine);
        Console.WriteLine($"{faults}: {judgement}");
        return new Row(faults, machine.Kills, judgement, seconds);
    }

    private static BenchReport Report(IReadOnlyList<Row> rows) => new("chaos",
        [.. rows.SelectMany(row => row.Figures())],
        [
            Ratio.AtMost("messages lost", rows.Sum(row => row.Judgement.Lost.Count), 0),
            Ratio.AtMost("messages doubled", rows.Sum(row => row.Judgement.Duplicates), 0),
            Ratio.AtMost("promises and sums broken otherwise", rows.Sum(row => row.Judgement.Broken.Count), 0),
        ]);

    /// <summary>What one kind of fault cost.</summary>
    private sealed record Row(string Faults, int Kills, Judgement Judgement, double Seconds)
    {
        public IEnumerable<Figure> Figures() =>
        [
            One("kills", "kills", Kills), One("messages", "messages", Judgement.Messages), One("lost", "messages", Judgement.Lost.Count), One("doubled", "messages", Judgement.Duplicates),
            One("in doubt for good", "messages", Judgement.InDoubt), One("in doubt for good, and at the provider", "messages", Judgement.InDoubtAndThere), One("possibly twice", "messages", Judgement.PossiblyTwice), One("until the outbox was empty", "s", Math.Round(Seconds, 1)),
        ];

        public static IEnumerable<string> Table(IReadOnlyList<Row> rows)
        {
            yield return "| faults | kills | messages | lost | doubled | in doubt | of them at the provider | possibly twice | seconds |";
            yield return "|---|---:|---:|---:|---:|---:|---:|---:|---:|";
            foreach (var row in rows)
            {
                var j = row.Judgement;
                yield return $"| {row.Faults} | {row.Kills} | {j.Messages:N0} | {j.Lost.Count} | {j.Duplicates} | {j.InDoubt} | {j.InDoubtAndThere} | {j.PossiblyTwice} | {row.Seconds:0} |";
            }
        }

        private Figure One(string what, string unit, double value) => Figure.Of($"{Faults}: {what}", unit, [value]);
    }
}
