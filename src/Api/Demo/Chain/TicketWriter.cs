using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>Numbers tickets and writes their lines as the till does: batch, expiry, trace codes, prescription, refunds.</summary>
internal sealed class TicketWriter(ChainOptions options, string source, IReadOnlyList<StoreRow> stores)
{
    private const double RefundShare = 0.02;
    private const double AwayFromHome = 0.15;
    private const double PrescriptionMissing = 0.03;

    /// <summary>The lines of one person's tickets in the order of days; refunds stand where they happened.</summary>
    public IEnumerable<PurchaseLineRow> Write(Person person, IEnumerable<Ticket> tickets)
    {
        var random = new SeededStream(options.Seed, Draw.Ticket, person.Index);
        var waiting = new List<PurchaseLineRow>();
        var number = 0;
        foreach (var ticket in tickets)
        {
            foreach (var refund in Due(waiting, ticket.Day)) yield return refund;
            var lines = Sale(person, ticket, ++number, random);
            foreach (var line in lines) yield return line;
            if (!ticket.Final && random.Chance(RefundShare)) waiting.Add(Refund(person, random.Pick(lines), ++number, random));
        }
        foreach (var refund in waiting) yield return refund;
    }

    private static List<PurchaseLineRow> Due(List<PurchaseLineRow> waiting, int before)
    {
        if (waiting.Count == 0) return [];
        var due = waiting.FindAll(refund => refund.BusinessDay < before);
        waiting.RemoveAll(refund => refund.BusinessDay < before);
        return due;
    }

    private List<PurchaseLineRow> Sale(Person person, Ticket ticket, int number, SeededStream random)
    {
        var store = random.Chance(AwayFromHome) ? random.Pick(stores).Code : person.Row.StoreCode;
        var till = random.Between(1, 3).ToString();
        var ticketNo = TicketNo(person, ticket.Day, number);
        var lines = new List<PurchaseLineRow>(ticket.Goods.Count);
        foreach (var good in ticket.Goods)
        {
            var row = new PurchaseLineRow
            {
                Line = ticket.Line, Source = source, StoreCode = store, TillNo = till, TicketNo = ticketNo, LineNo = lines.Count + 1,
                BusinessDay = ticket.Day, MemberNo = person.Row.MemberNo, Sku = good.Product.Sku, Quantity = good.Quantity,
                UnitPriceFen = good.Product.PriceFen, DiscountFen = good.DiscountFen, NetFen = good.NetFen,
            };
            lines.Add(IsDrug(good.Product.Class) ? Traced(row, good, random) : row);
        }
        return lines;
    }

    /// <summary>The whole line comes back, within a week and not after yesterday.</summary>
    private PurchaseLineRow Refund(Person person, PurchaseLineRow sold, int number, SeededStream random)
    {
        var day = Math.Min(sold.BusinessDay + random.Between(0, 7), options.Yesterday);
        return sold with
        {
            Event = PurchaseEvent.Refund, TicketNo = TicketNo(person, day, number), LineNo = 1, BusinessDay = day, Quantity = -sold.Quantity,
            DiscountFen = -sold.DiscountFen, NetFen = -sold.NetFen, OriginalTicketNo = sold.TicketNo, OriginalLineNo = sold.LineNo,
        };
    }

    private static PurchaseLineRow Traced(PurchaseLineRow row, Good good, SeededStream random)
    {
        var (batch, expiry) = Batch(good.Product, row.BusinessDay);
        var codes = new string[good.Quantity];
        for (var i = 0; i < codes.Length; i++) codes[i] = $"8{good.Product.Sku}{random.Digits(13)}";
        return row with
        {
            BatchNo = batch, ExpiryDay = expiry, TraceCodes = codes,
            PrescriptionNo = good.Product.Class == ProductClass.Prescription && !random.Chance(PrescriptionMissing) ? $"CF{row.TicketNo}" : "",
        };
    }

    // A product's shelf turns over every eight weeks, so that a batch has many buyers, as a recall will find.
    private static (string BatchNo, int ExpiryDay) Batch(ProductRow product, int day)
    {
        const int Turn = 56;
        var made = ChinaTime.Date((day - product.Line) / Turn * Turn + product.Line - 100);
        return ($"{made:yyMM}{product.Line % 90 + 10:D2}", ChinaTime.DayOf(made.AddMonths(24)));
    }

    private static string TicketNo(Person person, int day, int number) => $"{ChinaTime.Date(day):yyMMdd}{person.Index:D7}{number:D3}";

    private static bool IsDrug(ProductClass of) => of is ProductClass.Prescription or ProductClass.OtcA or ProductClass.OtcB;
}
