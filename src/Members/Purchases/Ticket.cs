using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Members.Stores;

namespace Engagement.Members.Purchases;

/// <summary>What makes a ticket one ticket.</summary>
internal readonly record struct TicketKey(long StoreId, string TicketNo, string TillNo, string Source);

/// <summary>A ticket on its way into the tables.</summary>
internal sealed class Ticket(TicketKey key, RetailStore store, PurchaseEvent @event, int day, long id)
{
    public TicketKey Key => key;

    public RetailStore Store => store;

    public PurchaseEvent Event => @event;

    public int Day => day;

    /// <summary>The id; that of the stored ticket once it is known to be there.</summary>
    public long Id { get; set; } = id;

    /// <summary>Who bought; <c>null</c> is anonymous.</summary>
    public long? MemberId { get; set; }

    /// <summary>Whether this import adds it.</summary>
    public bool IsNew { get; set; } = true;

    public List<TicketLine> Lines { get; } = [];

    /// <summary>The line with this number, if the batch has brought it already. Lines mostly come in order.</summary>
    public TicketLine? Line(int lineNo) =>
        Lines.Count == 0 || Lines[^1].Row.LineNo < lineNo ? null : Lines.Find(l => l.Row.LineNo == lineNo);
}

/// <summary>A line on its way into the tables.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Ticket">Its ticket.</param>
/// <param name="Row">What the source said.</param>
/// <param name="Hash">The hash of that.</param>
/// <param name="Product">What was bought.</param>
/// <param name="OriginalLineId">On a refund, the line that was sold.</param>
/// <param name="FromParking">Whether it is not of this import's rows but had waited for its sale.</param>
internal sealed record TicketLine(long Id, Ticket Ticket, PurchaseLineRow Row, string Hash, Product Product, long? OriginalLineId, bool FromParking);
