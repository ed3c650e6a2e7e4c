using Engagement.Bench.Dispatch;
using Engagement.Messaging;

namespace Engagement.Bench.Channels;

/// <summary>What our clients cost: the same sends as a plain loop with ready bodies makes, as many in flight, against the sandbox's fast mode.</summary>
internal static class ChannelsBench
{
    private const double LeastShare = 0.85;

    /// <summary>Runs it.</summary>
    public static async Task<BenchReport> RunAsync(string scale, CancellationToken ct)
    {
        var small = scale == Scale.Small.Name;
        var rounds = small ? 3 : 5;
        var (figures, ratios) = (new List<Figure>(SigningCost.Measure(rounds)), new List<Ratio>());
        await using var arena = await Arena.OpenAsync(ct);
        var weChat = DispatchPlan.Today(arena.Sandbox.Url, small ? [8_000, 8_000, 15_000] : [15_000, 15_000, 40_000]);
        var sms = DispatchPlan.Today(arena.Sandbox.Url, small ? [50_000, 50_000, 150_000] : [100_000, 100_000, 400_000]) with { Channel = Channel.Sms, InFlight = 16 };
        foreach (var (name, unit, plan) in ((string, string, DispatchPlan)[])[("subscribe sends", "sends/s", weChat), ("SMS by batch of 100", "numbers/s", sms)])
        {
            var (bare, client) = (new List<RoundFigures>(), new List<RoundFigures>());
            for (var round = 0; round < rounds; round++)
            {
                // Each goes first in its turn, so that whatever else the machine does meets both.
                if (round % 2 == 0) bare.Add(await arena.BareAsync(plan, 0, ct));
                client.Add(await arena.ClientAsync(plan, ct));
                if (round % 2 == 1) bare.Add(await arena.BareAsync(plan, 0, ct));
                await Console.Error.WriteLineAsync($"  round {round + 1}: {name}: bare {bare[^1].PerSecond:N0}, our client {client[^1].PerSecond:N0} {unit}");
            }

            var share = Figure.Of($"{name}: our client against bare", "×", client.Zip(bare, (c, b) => c.PerSecond / b.PerSecond));
            figures.Add(Figure.Of($"{name}, bare", unit, bare.Select(r => r.PerSecond)));
            figures.Add(Figure.Of($"{name}, our client", unit, client.Select(r => r.PerSecond)));
            figures.Add(share);
            figures.Add(Figure.Of($"{name}: CPU against bare", "×", client.Zip(bare, (c, b) => c.CpuPerThousand / b.CpuPerThousand)));
            ratios.Add(Ratio.AtLeast(share.Name, share.Median, LeastShare));
        }

        return new BenchReport("channels", figures, ratios);
    }
}
