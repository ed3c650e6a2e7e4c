using static Engagement.EndToEnd.Contract;

namespace Engagement.EndToEnd;

/// <summary>The main job on real purchase data, which stays outside the repository.</summary>
public sealed class MainJobOnRealTickets
{
    [SharedDataTheory]
    [InlineData("cdnow/cdnow_sample_transactions.csv", 2357)]
    [InlineData("groceries/baskets.txt", 1000)]
    public async Task The_same_sums_hold(string file, int atLeastMembers)
    {
        using var folder = new DemoFolder();

        var run = await folder.OnceAsync("--purchases", DemoFolder.Shared(file)!);

        Assert.True(run.ExitCode == 0, run.ToString());
        var summary = folder.Summary();
        Contract.Holds(summary);
        Assert.True(Number(summary, "members") >= atLeastMembers);
        Assert.All(Producers, producer => Assert.True(Number(Run(summary, producer), "enqueued") > 0, producer));
    }
}

/// <summary>A theory that needs the shared data: shown as skipped where there is none, and a failure where CI runs.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute()
    {
        if (DemoFolder.Shared("cdnow/cdnow_sample_transactions.csv") is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "The shared purchase data is not beside this checkout.";
        }
    }
}
