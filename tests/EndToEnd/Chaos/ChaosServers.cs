namespace Engagement.EndToEnd.Chaos;

/// <summary>A MariaDB and a Redis for the tests of a class; each test has a database of its own.</summary>
public sealed class ChaosServers : IAsyncLifetime
{
    internal RealServer MariaDb { get; private set; } = null!;

    internal RealServer Redis { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var redis = RealServer.RedisAsync();
        MariaDb = await RealServer.MariaDbAsync();
        Redis = await redis;
    }

    public async Task DisposeAsync()
    {
        await MariaDb.DisposeAsync();
        await Redis.DisposeAsync();
    }
}

/// <summary>What every test of chaos ends with.</summary>
internal static class Verdict
{
    /// <summary>Nothing is lost, nothing doubled, every message has its end and every sum comes out.</summary>
    public static async Task<Judgement> HoldsAsync(this ChaosMachine machine)
    {
        var judgement = await ChaosJudge.JudgeAsync(machine);
        Assert.True(judgement.Broken.Count == 0, $"{judgement}\n{machine.Tail()}");
        return judgement;
    }
}
