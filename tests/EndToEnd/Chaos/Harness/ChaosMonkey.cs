namespace Engagement.EndToEnd.Chaos;

/// <summary>Kills processes at random moments, and only while there is something to lose.</summary>
internal static class ChaosMonkey
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    /// <summary>Kills so many times, spread over what is to be sent; ends earlier when everything has left.</summary>
    /// <param name="machine">Where.</param>
    /// <param name="processes">Whom.</param>
    /// <param name="kills">How often.</param>
    /// <param name="messages">About how many messages there are to send.</param>
    /// <param name="seed">Makes the choices repeatable; the moments are the machine's.</param>
    public static async Task KillAsync(ChaosMachine machine, IReadOnlyList<EngageProcess> processes, int kills, int messages, int seed)
    {
        var random = new Random(seed);
        var started = await machine.AcceptedAsync();
        for (var kill = 0; kill < kills; kill++)
        {
            // Most of them fall into work that is under way; when nothing moves, for the shards of the dead wait for the end of their lease, the next dies all the same.
            var at = started + messages * (kill + random.NextDouble()) / (kills + 1);
            await Until.HeldAsync(s_patience * random.NextDouble(), async () => await machine.AcceptedAsync() >= at);
            await processes[random.Next(processes.Count)].KillAsync();
        }
    }
}
