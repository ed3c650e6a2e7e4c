namespace Engagement.Storage;

/// <summary>One closure on its way through the SQLite writer.</summary>
internal abstract class SqliteWork
{
    /// <summary>Does the work inside the open transaction.</summary>
    public abstract void Run(Tx tx);

    /// <summary>The commit that holds the work is durable.</summary>
    public abstract void Succeed();

    /// <summary>Nothing of the work has happened.</summary>
    public abstract void Fail(Exception failure);
}

/// <inheritdoc/>
internal sealed class SqliteWork<T>(Func<Tx, Task<T>> work, CancellationToken ct) : SqliteWork
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Action>? _afterCommit;
    private T _value = default!;

    public Task<T> Result => _completion.Task;

    public override void Run(Tx tx)
    {
        ct.ThrowIfCancellationRequested();
        tx.Ct = ct;
        try
        {
            var running = work(tx);
            if (!running.IsCompleted)
            {
                // Wait for it all the same: the connection must not be used by two.
                ((IAsyncResult)running).AsyncWaitHandle.WaitOne();
                throw new InvalidOperationException("Work on the SQLite writer awaited something other than a statement of its Tx; everybody had to wait for it.");
            }

            _value = running.GetAwaiter().GetResult();
        }
        finally
        {
            _afterCommit = tx.TakeAfterCommit();
        }
    }

    public override void Succeed()
    {
        try
        {
            foreach (var action in _afterCommit ?? []) action();
            _completion.TrySetResult(_value);
        }
        catch (Exception failure)
        {
            // The write stands; only its own caller hears that what should follow it did not.
            _completion.TrySetException(failure);
        }
    }

    public override void Fail(Exception failure)
    {
        if (failure is OperationCanceledException cancelled) _completion.TrySetCanceled(cancelled.CancellationToken);
        else _completion.TrySetException(failure);
    }
}
