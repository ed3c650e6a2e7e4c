using Engagement.Api.Hosting;
using Engagement.Members.Imports;
using Engagement.Members.Tills;
using Engagement.Storage;

namespace Engagement.Api.Pos;

/// <summary>Tickets that a till system brings.</summary>
internal sealed record TicketBatchBody(IReadOnlyList<TicketBody> Tickets)
{
    private const int MostTickets = 500;
    private const int MostLines = 5000;

    /// <summary>What is wrong with the batch as such; <c>null</c> when nothing is.</summary>
    public Problem? Fault() =>
        Tickets.Count is 0 or > MostTickets || Tickets.Any(ticket => ticket is null) ? Problems.Fields(("tickets", new("1 到 500 张小票", "1 to 500 tickets")))
        : Tickets.Any(ticket => ticket.Lines.Any(line => line is null || line.TraceCodes?.Any(code => code is null) == true)) ? Problems.Fields(("lines", new("不能为 null", "never null")))
        : Tickets.Sum(ticket => ticket.Lines.Count) > MostLines ? Problems.Fields(("lines", new("一次最多 5000 行", "at most 5,000 lines at once")))
        : null;
}

/// <summary>One ticket. A refund has negative quantities and amounts, and names the ticket that sold the goods.</summary>
internal sealed record TicketBody(
    string Store, string Till, string Ticket, PurchaseEvent Event, DateOnly BusinessDate, IReadOnlyList<TicketLineBody> Lines, BuyerBody? Member = null, string? OriginalTicket = null)
{
    /// <summary>Its lines as the import knows them.</summary>
    /// <param name="source">The source of the key.</param>
    /// <param name="member">Who was looked up.</param>
    /// <param name="first">The number of its first row in the batch.</param>
    public IReadOnlyList<PurchaseLineRow> ToRows(string source, long? member, int first) => [.. Lines.Select((line, i) => new PurchaseLineRow
    {
        Line = first + i, Source = source, StoreCode = Store, TillNo = Till, TicketNo = Ticket, LineNo = line.Line, Event = Event, BusinessDay = ChinaTime.DayOf(BusinessDate),
        MemberId = member, MemberNo = Member?.Card ?? "", Phone = Member?.Phone ?? "", Sku = line.Sku, Quantity = line.Quantity, UnitPriceFen = line.UnitPriceFen, DiscountFen = line.DiscountFen,
        NetFen = line.NetFen, InsuranceFen = line.InsuranceFen, DaysSupply = line.DaysSupply, BatchNo = line.Batch ?? "", ExpiryDay = line.ExpiryDate is { } date ? ChinaTime.DayOf(date) : null,
        TraceCodes = line.TraceCodes ?? [], PrescriptionNo = line.Prescription ?? "", OriginalTicketNo = OriginalTicket ?? "", OriginalLineNo = line.OriginalLine ?? 0,
    })];
}

/// <summary>One line of a ticket.</summary>
internal sealed record TicketLineBody(
    int Line, string Sku, int Quantity, long UnitPriceFen, long NetFen, long DiscountFen = 0, long InsuranceFen = 0, string? Batch = null, DateOnly? ExpiryDate = null,
    IReadOnlyList<string>? TraceCodes = null, string? Prescription = null, int? DaysSupply = null, int? OriginalLine = null);

/// <summary>Who bought, by one of the three.</summary>
internal sealed record BuyerBody(string? Ref = null, string? Card = null, string? Phone = null);

/// <summary>What became of the tickets, in their order.</summary>
internal sealed record TicketBatchView(IReadOnlyList<TicketView> Items);

internal sealed record TicketView(string Store, string Till, string Ticket, TicketOutcome Outcome, IReadOnlyList<TicketFaultView> Faults)
{
    private static readonly Dictionary<string, string> s_fields = new(StringComparer.Ordinal)
    {
        ["store_code"] = "store", ["till_no"] = "till", ["ticket_no"] = "ticket", ["line_no"] = "line", ["business_date"] = "businessDate", ["unit_price"] = "unitPriceFen", ["discount"] = "discountFen",
        ["net"] = "netFen", ["insurance"] = "insuranceFen", ["batch_no"] = "batch", ["trace_codes"] = "traceCodes", ["prescription_no"] = "prescription", ["days_supply"] = "daysSupply",
        ["original_ticket_no"] = "originalTicket", ["original_line_no"] = "originalLine", ["member_no"] = "member",
    };

    public static TicketView Of(TicketBody ticket, IReadOnlyList<PurchaseLineRow> rows, TicketResult result, Language language) => new(
        ticket.Store, ticket.Till, ticket.Ticket, result.Outcome,
        [.. result.Faults.Select(fault => new TicketFaultView(
            rows.FirstOrDefault(row => row.Line == fault.Line)?.LineNo, s_fields.GetValueOrDefault(fault.Column, fault.Column), fault.Code, fault.Reason.In(language)))]);
}

/// <summary>Why a ticket was not taken.</summary>
internal sealed record TicketFaultView(int? Line, string Field, string Code, string Text);
