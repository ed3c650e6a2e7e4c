using Engagement.Members.Purchases;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>The lines that refunds of a batch name.</summary>
internal sealed class SoldLines
{
    private readonly Dictionary<(long StoreId, string TicketNo), List<SoldLine>> _lines = [];

    /// <summary>Reads them; sales of the same batch are in the tables by now.</summary>
    public Task LoadAsync(Session session, IEnumerable<ParkedRefund> refunds)
    {
        var wanted = refunds.Where(r => r.Row.OriginalTicketNo.Length > 0).Select(r => (r.Key.StoreId, r.Row.OriginalTicketNo)).Distinct().ToList();
        return session.ReadSoldLinesAsync(wanted, line =>
        {
            var key = (line.Ticket.StoreId, line.Ticket.TicketNo);
            if (!_lines.TryGetValue(key, out var list)) _lines.Add(key, list = []);
            list.Add(line);
        });
    }

    /// <summary>The lines of the ticket that a refund names: that of its own till first, else the only one of that number in the store.</summary>
    public (List<SoldLine> Lines, bool Ambiguous) Of(ParkedRefund refund)
    {
        var all = (_lines.GetValueOrDefault((refund.Key.StoreId, refund.Row.OriginalTicketNo)) ?? []).FindAll(l => l.Ticket.Source == refund.Key.Source);
        var ownTill = all.FindAll(l => l.Ticket.TillNo == refund.Key.TillNo);
        return ownTill.Count > 0 ? (ownTill, false) : (all, all.Select(l => l.Ticket.TillNo).Distinct().Count() > 1);
    }
}
