namespace Engagement.Storage.Cluster;

/// <summary>The form without Redis: nothing is shared but the number of workers, by which the budgets are divided.</summary>
internal sealed class LocalCluster(Func<int> liveWorkers) : ClusterState
{
    private readonly LocalBudgets _budgets = new(liveWorkers);

    public override ClusterCondition Condition => ClusterCondition.InProcess;

    public override Task<SharedToken?> TokenAsync(string name, string? seen, TimeSpan patience, Func<Task<SharedToken?>> fetch) => fetch();

    public override ValueTask<IReadOnlyList<BudgetGrant>> TakeAsync(IReadOnlyList<BudgetRequest> wanted) => new(_budgets.Take(wanted));

    public override void Tell(Topic topic)
    {
        // There is nobody to tell: nodes without Redis look every second.
    }

    public override void Listen(Topic topic, Action heard)
    {
        // Nobody speaks.
    }

    protected override void Dispose(bool disposing)
    {
        _budgets.Dispose();
        base.Dispose(disposing);
    }
}
