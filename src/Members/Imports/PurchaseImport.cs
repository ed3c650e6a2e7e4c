using Engagement.Members.CarePlans;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>Brings purchase lines in (domain 7.1), and with them facts, product counts and therapy lines.</summary>
/// <remarks>
/// A line is known by store, ticket, till, source and line number. The same line again changes nothing; the same key with other content is
/// refused. Refunds may come before their sale: they wait. Who is not known buys anonymously.
/// </remarks>
public sealed class PurchaseImport(Database database, IdGenerator ids, FieldCipher cipher, BlindIndex index, Clocks clocks)
{
    /// <inheritdoc cref="StoreImport.RunAsync(IAsyncEnumerable{StoreRow}, ImportOptions, IProgress{ImportProgress}, Action{Rejection}, CancellationToken)"/>
    public Task<ImportReport> RunAsync(
        IAsyncEnumerable<PurchaseLineRow> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct) =>
        RunAsync(Delivered<PurchaseLineRow>.All(rows, ct), options, progress, rejected, ct);

    internal async Task<ImportReport> RunAsync(
        IAsyncEnumerable<Delivered<PurchaseLineRow>> rows, ImportOptions options, IProgress<ImportProgress>? progress, Action<Rejection>? rejected, CancellationToken ct)
    {
        var checks = new PurchaseChecks(index, clocks.Business);
        var catalog = new ProductCatalog();
        var therapies = new TherapyStore(database, ids);
        var start = await database.ReadAsync(EarningRulesStore.StartAsync, ct).ConfigureAwait(false);
        var run = new ImportRun<PurchaseLineRow, CheckedLine>(database, ids, options)
        {
            Check = checks.Check,
            Write = (tx, lines, tally) => new PurchaseBatch(tx, ids, cipher, clocks.Business, catalog, therapies, tally) { PointsStart = start }.WriteAsync(lines),
        };
        return await run.RunAsync(rows, progress, rejected, ct).ConfigureAwait(false);
    }
}
