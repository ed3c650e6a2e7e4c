using Engagement.Members.CarePlans;
using Engagement.Members.Imports;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Members.Purchases;
using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>What became of a ticket that a till sent.</summary>
public enum TicketOutcome
{
    /// <summary>It is kept.</summary>
    Stored = 1,

    /// <summary>It was there already, the same.</summary>
    Unchanged = 2,

    /// <summary>A refund whose sale has not come: lines of it wait for that.</summary>
    Parked = 3,

    /// <summary>It was there already, with other content; nothing was changed.</summary>
    Conflict = 4,

    /// <summary>It cannot be taken as it is; nothing of it was kept.</summary>
    Refused = 5,
}

/// <summary>What became of a ticket, and why not.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Faults">Of a ticket that was not taken: what is wrong, by the number of the row.</param>
public sealed record TicketResult(TicketOutcome Outcome, IReadOnlyList<Rejection> Faults);

/// <summary>Takes tickets from tills, by the same code as an import; a ticket is taken as a whole or not at all.</summary>
/// <remarks>Store, till, ticket number and source are the idempotency key, for ever: a ticket that comes again the same changes nothing, one that comes again different is a conflict.</remarks>
public sealed class TicketIntake(Database database, IdGenerator ids, FieldCipher cipher, BlindIndex index, Clocks clocks)
{
    /// <summary>Takes a batch.</summary>
    /// <param name="tickets">The lines of each ticket; their <see cref="PurchaseLineRow.Line"/> is unique over the batch.</param>
    /// <param name="ct">Stops before the write.</param>
    /// <returns>What became of each ticket, in their order.</returns>
    public async Task<IReadOnlyList<TicketResult>> TakeAsync(IReadOnlyList<IReadOnlyList<PurchaseLineRow>> tickets, CancellationToken ct)
    {
        var checks = new PurchaseChecks(index, clocks.Business);
        var sent = tickets.Select(lines => SentTicket.Check(lines, checks)).ToList();
        var clean = new Dictionary<SentKey, SentTicket>();
        foreach (var ticket in sent.Where(ticket => ticket.Fault is null))
        {
            if (!clean.TryAdd(ticket.Key, ticket)) ticket.Repeats = clean[ticket.Key];
        }

        if (clean.Count > 0)
        {
            var start = await database.ReadAsync(EarningRulesStore.StartAsync, ct).ConfigureAwait(false);
            await database.WriteAsync(tx => WriteAsync(tx, [.. clean.Values], start), ct).ConfigureAwait(false);
        }

        return [.. sent.Select(ticket => ticket.Result())];
    }

    /// <summary>The answer to a ticket of a store that is not there, or not for whoever sent it.</summary>
    public static TicketResult StoreUnknown(IReadOnlyList<PurchaseLineRow> ticket) =>
        new(TicketOutcome.Refused, [new Rejection(ticket.Count > 0 ? ticket[0].Line : 0, "store_code", Reasons.UnknownStore.Code, Reasons.UnknownStore.Text)]);

    // May run twice (deadlock): all that it leaves behind is set anew each time.
    private async Task WriteAsync(Tx tx, List<SentTicket> tickets, int? pointsStart)
    {
        var stores = await LockStoresAsync(tx, tickets).ConfigureAwait(false);
        foreach (var ticket in tickets)
        {
            ticket.Answer = stores.TryGetValue(ticket.Key.StoreCode, out var id) ? null : ticket.Refuse(Reasons.UnknownStore, "store_code");
            ticket.StoreId = id;
        }

        await CompareAsync(tx, tickets.FindAll(ticket => ticket.Answer is null)).ConfigureAwait(false);
        var (catalog, therapies) = (new ProductCatalog(), new TherapyStore(database, ids));
        for (var rest = tickets.FindAll(ticket => ticket.Answer is null); rest.Count > 0; rest = rest.FindAll(ticket => ticket.Answer is null))
        {
            var tally = new ImportTally();
            await tx.ExecuteAsync("SAVEPOINT tickets").ConfigureAwait(false);
            await new PurchaseBatch(tx, ids, cipher, clocks.Business, catalog, therapies, tally) { PointsStart = pointsStart }.WriteAsync([.. rest.SelectMany(ticket => ticket.Lines)]).ConfigureAwait(false);
            // One line that cannot be taken keeps its whole ticket out: everything back, and once more without those tickets.
            if (tally.Rejections.Count > 0) await tx.ExecuteAsync("ROLLBACK TO SAVEPOINT tickets").ConfigureAwait(false);
            await tx.ExecuteAsync("RELEASE SAVEPOINT tickets").ConfigureAwait(false);
            if (tally.Rejections.Count == 0)
            {
                await AcceptAsync(tx, rest, tally.Parked > 0).ConfigureAwait(false);
                return;
            }

            foreach (var refused in rest.FindAll(ticket => tally.Rejections.Exists(fault => ticket.Has(fault.Line)))) refused.Refuse(tally.Rejections);
        }
    }

    // The lock makes two deliveries of one ticket one after the other; batches of other stores do not wait.
    private static async Task<Dictionary<string, long>> LockStoresAsync(Tx tx, List<SentTicket> tickets)
    {
        var codes = tickets.Select(ticket => ticket.Key.StoreCode).Distinct().ToList();
        var rows = await tx.QueryAsync<(string Code, long Id)>($"SELECT code, id FROM store WHERE code IN @codes ORDER BY id {tx.Dialect.ForUpdate}", new { codes }).ConfigureAwait(false);
        return rows.ToDictionary(row => row.Code, row => row.Id);
    }

    private static async Task CompareAsync(Tx tx, List<SentTicket> tickets)
    {
        var kept = await KeptTickets.ReadAsync(tx, tickets.ConvertAll(ticket => ticket.TicketKey)).ConfigureAwait(false);
        var again = tickets.FindAll(ticket => kept.Has(ticket.TicketKey));
        if (again.Count == 0) return;
        var buyers = new BuyerLookup();
        await buyers.LoadAsync(tx, [.. again.SelectMany(ticket => ticket.Lines)]).ConfigureAwait(false);
        foreach (var ticket in again)
        {
            var buyer = ticket.Lines.Select(buyers.Of).FirstOrDefault(id => id is not null);
            ticket.Answer = !kept.Same(ticket, buyer) ? ticket.Refuse(Reasons.ChangedContent, "ticket_no", TicketOutcome.Conflict)
                : new TicketResult(kept.IsParked(ticket.TicketKey) ? TicketOutcome.Parked : TicketOutcome.Unchanged, []);
        }
    }

    private static async Task AcceptAsync(Tx tx, List<SentTicket> taken, bool anyParked)
    {
        var parked = new HashSet<TicketKey>();
        if (anyParked) await tx.ReadParkedLinesAsync(taken.ConvertAll(ticket => ticket.TicketKey), (key, _, _) => parked.Add(key)).ConfigureAwait(false);
        foreach (var ticket in taken) ticket.Answer = new TicketResult(parked.Contains(ticket.TicketKey) ? TicketOutcome.Parked : TicketOutcome.Stored, []);
    }
}
