using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Tests.Messaging.Runs;
using Engagement.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Api.Hosting;

/// <summary>The loop that keeps this process's id number: what stops the process, and what does not.</summary>
public sealed class KeepingTheNumber(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_database_that_is_away_for_a_moment_costs_one_tick()
    {
        await using var ids = await IdGenerator.LeaseAsync(new MortalDatabase(test.Database, writes: 1, after: false), _clock, None);
        _clock.Advance(IdGenerator.Lease / 2);
        using var keeper = Keeper(ids);

        await keeper.StartAsync(None);
        await Eventually.True(() => _clock.Waiting == 1 || keeper.ExecuteTask!.IsCompleted);
        Assert.False(keeper.ExecuteTask!.IsCompleted);
        _clock.Advance(IdGenerator.Lease / 2);

        await Eventually.True(() => CanMakeOne(ids));
        await keeper.StopAsync(None);
    }

    [Fact]
    public async Task A_number_that_was_taken_stops_the_process()
    {
        await using var slow = await IdGenerator.LeaseAsync(test.Database, _clock, None);
        _clock.Advance(IdGenerator.Lease);
        await using var next = await IdGenerator.LeaseAsync(test.Database, _clock, None);
        using var keeper = Keeper(slow);

        await keeper.StartAsync(None);

        await Assert.ThrowsAsync<NodeTakenException>(() => keeper.ExecuteTask!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_knows_whether_it_was_asked_to_stop(bool fails)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService(_ => new Service(fails));
        using var host = builder.Build();
        var downfall = Downfall.Watch(host);

        await host.StartAsync();
        if (!fails) host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await host.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(fails, downfall.Failed);
    }

    private NumberKeeper Keeper(IdGenerator ids) => new(ids, new Clocks(TimeProvider.System, _clock), NullLogger<NumberKeeper>.Instance);

    private static bool CanMakeOne(IdGenerator ids)
    {
        try
        {
            return ids.Next() > 0;
        }
        catch (InvalidOperationException)
        {
            return false;   // its lease has run out
        }
    }

    private sealed class Service(bool fails) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            fails ? throw new NodeTakenException(0) : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
    }
}
