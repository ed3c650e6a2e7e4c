using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Staff;

/// <summary>What a change came to.</summary>
/// <param name="Value">What the answer is made of; <c>default</c> when refused.</param>
/// <param name="Refused">Why nothing was changed; <c>null</c> when it was.</param>
/// <param name="Entry">What the audit log keeps of it, refused or not.</param>
internal readonly record struct Changed<T>(T? Value, Problem? Refused, AuditEntry Entry)
{
    public static Changed<T> To(T value, AuditEntry entry) => new(value, null, entry);

    public static Changed<T> Not(Problem why, AuditEntry entry) => new(default, why, entry with { Outcome = why.Code });
}

/// <summary>A change that staff make: the change, its audit entry and its Idempotency-Key are one write.</summary>
internal sealed class StaffWrite(Database database, AuditLog audit)
{
    /// <summary>Runs <paramref name="work"/>, which refuses before it writes; then binds the key, and writes the entry last.</summary>
    /// <param name="once">The request's key, or <c>null</c> where the endpoint takes none.</param>
    /// <param name="work">The change; it may run twice (deadlock), so it changes nothing outside the database.</param>
    /// <param name="ct">Stops before the write.</param>
    public async Task<(T? Value, Problem? Refused)> RunAsync<T>(IdempotentRequest? once, Func<Tx, Task<Changed<T>>> work, CancellationToken ct)
    {
        var changed = await database.WriteAsync(async tx =>
        {
            var changed = await work(tx);
            if (changed.Refused is null && once is not null) await IdempotencyStore.CommitAsync(tx, once);
            await audit.AppendAsync(tx, changed.Entry);
            return changed;
        }, ct);
        return (changed.Value, changed.Refused);
    }
}
