using Engagement.Members.CarePlans;
using Engagement.Members.Coupons;
using Engagement.Members.Facts;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Members.Purchases;
using Engagement.Members.Stores;
using Engagement.Members.Tills;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Imports;

/// <summary>One batch of purchase lines inside its transaction: sales first, then what had waited for them, then refunds.</summary>
internal sealed class PurchaseBatch(
    Tx tx, IdGenerator ids, FieldCipher cipher, TimeProvider businessClock, ProductCatalog catalog, TherapyStore therapies, ImportTally tally)
{
    // A message that waits was planned days ago at most; a history that is brought in is news to nobody.
    private const int NewsDays = 31;

    private readonly EventStore _events = new(ids);
    private readonly BuyerLookup _buyers = new();
    private readonly Dictionary<TicketKey, Ticket> _tickets = [];
    private readonly List<TicketLine> _inserted = [];
    private readonly Dictionary<long, SoldLine> _sold = [];
    private Dictionary<string, RetailStore> _stores = [];
    private Ticket? _last;

    /// <summary>The first day on which purchases earn points; <c>null</c> when there is no programme. What is older is a history, and nobody has to hear of it.</summary>
    public int? PointsStart { get; init; }

    public async Task WriteAsync(IReadOnlyList<CheckedLine> lines)
    {
        _stores = await tx.StoresAsync().ConfigureAwait(false);
        await catalog.LoadAsync(tx, lines.Select(l => l.Row.Sku)).ConfigureAwait(false);
        await _buyers.LoadAsync(tx, lines).ConfigureAwait(false);
        var refunds = new List<ParkedRefund>();
        foreach (var line in lines) Sort(line, refunds);
        await StoreTicketsAsync().ConfigureAwait(false);
        await RefundAsync(refunds).ConfigureAwait(false);
        await FollowUpAsync().ConfigureAwait(false);
    }

    private void Sort(CheckedLine line, List<ParkedRefund> refunds)
    {
        var row = line.Row;
        if (!_stores.TryGetValue(row.StoreCode, out var store))
        {
            tally.Reject(row.Line, "store_code", Reasons.UnknownStore);
            return;
        }

        if (catalog.Find(row.Sku) is not { } product)
        {
            tally.Reject(row.Line, "sku", Reasons.UnknownProduct);
            return;
        }

        var key = new TicketKey(store.Id, row.TicketNo, row.TillNo, row.Source);
        var buyer = _buyers.Of(line);
        if (row.Event == PurchaseEvent.Refund) refunds.Add(new ParkedRefund(ids.Next(), key, buyer, row, line.Hash));
        else if (Put(key, store, buyer, row, line.Hash, product, null, parked: false) is var (column, reason)) tally.Reject(row.Line, column, reason);
    }

    // Adds a line to its ticket of this batch; returns what speaks against it.
    private (string Column, Reason Reason)? Put(
        TicketKey key, RetailStore store, long? buyer, PurchaseLineRow row, string hash, Product product, long? original, bool parked)
    {
        var named = row.MemberId is not null || row.MemberNo.Length > 0 || row.Phone.Length > 0;
        var ticket = _last;
        if ((ticket is null || ticket.Key != key) && !_tickets.TryGetValue(key, out ticket))
        {
            ticket = new Ticket(key, store, row.Event, row.BusinessDay, ids.Next());
            _tickets.Add(key, ticket);
            if (buyer is null && named && !parked) tally.Flag("unknown_member");
        }

        _last = ticket;
        // Some tills name the member on one line only.
        ticket.MemberId ??= buyer;
        if (ticket.Event != row.Event || ticket.Day != row.BusinessDay || (named && ticket.MemberId != buyer)) return ("ticket_no", Reasons.TicketDiffers);
        if (ticket.Line(row.LineNo) is not { } same) ticket.Lines.Add(new TicketLine(ids.Next(), ticket, row, hash, product, original, parked));
        else if (same.Hash != hash) return ("line_no", Reasons.RepeatedKey);
        else if (!parked) tally.Unchanged++;
        return null;
    }

    private async Task StoreTicketsAsync()
    {
        if (_tickets.Count == 0) return;
        var tickets = _tickets.Values.ToList();
        (_last, var stored) = (null, await tx.InsertTicketsAsync(tickets).ConfigureAwait(false));
        _tickets.Clear();
        var hashes = stored.Count == 0 ? [] : await tx.LineHashesAsync([.. stored.Values.Select(s => s.Id)]).ConfigureAwait(false);
        var first = _inserted.Count;
        foreach (var ticket in tickets)
        {
            if (ticket.IsNew) _inserted.AddRange(ticket.Lines);
            else Compare(ticket, stored[ticket.Key], hashes);
        }

        await tx.InsertLinesAsync(_inserted[first..]).ConfigureAwait(false);
    }

    private void Compare(Ticket ticket, StoredTicket stored, Dictionary<(long, int), string> hashes)
    {
        ticket.MemberId = stored.MemberId;
        var sameHead = stored.Event == (int)ticket.Event && stored.Day == ticket.Day;
        foreach (var line in ticket.Lines)
        {
            var known = hashes.TryGetValue((ticket.Id, line.Row.LineNo), out var hash);
            if (!known && sameHead) _inserted.Add(line);
            else if (line.FromParking) tally.Flag("parked_refund_superseded");
            else if (sameHead && hash == line.Hash) tally.Unchanged++;
            else tally.Reject(line.Row.Line, "line_no", Reasons.ChangedContent);
        }
    }

    private async Task RefundAsync(List<ParkedRefund> refunds)
    {
        var anyParked = await tx.AnyParkedAsync().ConfigureAwait(false);
        var waiting = !anyParked ? [] : await tx.ParkedForAsync(
            [.. _inserted.Select(l => (l.Ticket.Key.StoreId, l.Ticket.Key.TicketNo)).Distinct()], cipher).ConfigureAwait(false);
        if (refunds.Count + waiting.Count == 0) return;
        await catalog.LoadAsync(tx, waiting.Select(w => w.Row.Sku)).ConfigureAwait(false);
        var sold = new SoldLines();
        await sold.LoadAsync(tx, refunds.Concat(waiting)).ConfigureAwait(false);

        // What waited and does not fit its sale goes on waiting; it is no row of this import.
        var unparked = waiting.FindAll(w => Refund(w, sold, parked: true, out var fault) && fault is null);
        var homeless = new List<ParkedRefund>();
        foreach (var refund in refunds)
        {
            if (!Refund(refund, sold, parked: false, out var fault)) homeless.Add(refund);
            else if (fault is var (column, reason)) tally.Reject(refund.Row.Line, column, reason);
        }

        await StoreTicketsAsync().ConfigureAwait(false);
        await tx.UnparkAsync(unparked).ConfigureAwait(false);
        tally.Unparked += unparked.Count;
        if (homeless.Count > 0) await ParkAsync(homeless, anyParked).ConfigureAwait(false);
    }

    // False when the sale has not come: the line has to wait.
    private bool Refund(ParkedRefund refund, SoldLines sold, bool parked, out (string Column, Reason Reason)? fault)
    {
        var row = refund.Row;
        var product = catalog.Find(row.Sku)!;
        long? original = null;
        var buyer = refund.MemberId;
        if (row.OriginalTicketNo.Length == 0)
        {
            tally.Flag("blind_refund");
        }
        else
        {
            var (lines, ambiguous) = sold.Of(refund);
            var found = row.OriginalLineNo > 0 ? lines.FindIndex(l => l.LineNo == row.OriginalLineNo) : lines.FindIndex(l => l.ProductId == product.Id);
            fault = ambiguous ? ("original_ticket_no", Reasons.OriginalAmbiguous)
                : found >= 0 && lines[found].ProductId != product.Id ? ("sku", Reasons.OriginalDiffers) : null;
            if (fault is not null || found < 0) return fault is not null;
            (original, buyer) = (lines[found].LineId, buyer ?? lines[found].MemberId);
            _sold[lines[found].LineId] = lines[found];
        }

        fault = Put(refund.Key, _stores[row.StoreCode], buyer, row, refund.Hash, product, original, parked);
        return true;
    }

    private async Task ParkAsync(List<ParkedRefund> homeless, bool anyParked)
    {
        var there = anyParked ? await tx.ParkedHashesAsync(homeless).ConfigureAwait(false) : [];
        var parking = new List<ParkedRefund>();
        foreach (var refund in homeless)
        {
            var key = (refund.Key, refund.Row.LineNo);
            if (!there.TryGetValue(key, out var hash))
            {
                parking.Add(refund);
                there.Add(key, refund.Hash);
            }
            else if (hash == refund.Hash) tally.Unchanged++;
            else tally.Reject(refund.Row.Line, "line_no", Reasons.ChangedContent);
        }

        await tx.ParkAsync(parking, cipher, businessClock.NowMs()).ConfigureAwait(false);
        tally.Parked += parking.Count;
    }

    private async Task FollowUpAsync()
    {
        var facts = new List<FactEntry>(_inserted.Count);
        var supplies = new List<(long, TherapyPurchase)>();
        Ticket? counted = null;
        foreach (var line in _inserted)
        {
            var (ticket, row) = (line.Ticket, line.Row);
            var opens = ticket.IsNew && ticket != counted;
            counted = ticket;
            if (!line.FromParking) tally.Added++;
            tally.Total(ticket.Store.Code, ticket.Day, opens ? 1 : 0, 1, row.NetFen);
            if (ticket.MemberId is not { } member) continue;
            facts.Add(new FactEntry(member, line.Product.Id, ticket.Day, ticket.Event == PurchaseEvent.Sale, opens, row.Quantity, row.NetFen));
            if (line.Product.TherapyKey is not null)
            {
                supplies.Add((member, new TherapyPurchase(line.Id, ticket.Day, line.Product, row.Quantity, row.DaysSupply, line.OriginalLineId)));
            }
        }

        await ReturnAsync().ConfigureAwait(false);
        await FactStore.ApplyAsync(tx, facts).ConfigureAwait(false);
        await therapies.ApplyAsync(tx, supplies, catalog).ConfigureAwait(false);
        var news = businessClock.Today() - NewsDays;
        await _events.AppendAsync(tx, EventKind.PurchasesRecorded,
            [.. _inserted.Where(line => line.Ticket.MemberId is not null && line.Ticket.Day >= PointsStart).Select(line => line.Ticket.Id)]).ConfigureAwait(false);
        await _events.AppendAsync(tx, EventKind.TherapyChanged, [.. supplies.Where(s => s.Item2.Day >= news).Select(s => s.Item1)]).ConfigureAwait(false);
    }

    private async Task ReturnAsync()
    {
        var returned = _inserted.Where(line => line.OriginalLineId is not null && line.Row.Quantity < 0).Select(line =>
        {
            var sold = _sold[line.OriginalLineId!.Value];
            // A refund that goes on in a later batch is another one to the coupons: the first answer stays.
            return new ReturnedLine(new TicketRef(new StoreId(sold.Ticket.StoreId), sold.Ticket.TillNo, sold.Ticket.TicketNo),
                line.Ticket.IsNew ? line.Ticket.Key.TicketNo : $"{line.Id}", new RefundedUnits(sold.LineNo, -line.Row.Quantity));
        }).ToList();
        for (var refused = await CouponReturns.ApplyAsync(tx, businessClock, returned).ConfigureAwait(false); refused > 0; refused--) tally.Flag("coupon_refund_refused");
        await new TillPoints(ids, businessClock, new PointsDesk(ids, new Clocks(businessClock, businessClock))).ReturnAsync(tx, returned).ConfigureAwait(false);
    }
}
