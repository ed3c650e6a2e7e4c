using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>A purchase line that passed its checks.</summary>
/// <param name="Row">What the source said.</param>
/// <param name="Hash">The hash of that, without who bought: this belongs to the ticket.</param>
/// <param name="PhoneIndexes">The blind indexes of the phone, when the buyer is known by it alone.</param>
internal sealed record CheckedLine(PurchaseLineRow Row, string Hash, IReadOnlyList<string> PhoneIndexes);

/// <summary>Checks purchase lines without the database. Not thread-safe.</summary>
internal sealed class PurchaseChecks(BlindIndex index, TimeProvider businessClock)
{
    private const int MostTraceCodeLetters = 64;
    private const int LastLineNo = 99_999;
    private const int LongestSupply = 3650;

    // Ten million yuan and a million packs a line: sums over a chain's life then fit well into 63 bits.
    private const long MostFen = 1_000_000_000;
    private const int MostPacks = 1_000_000;

    private readonly ContentHash _hash = new();
    private readonly int _today = businessClock.Today();

    /// <summary>The line, or <c>null</c> with a refusal in the tally.</summary>
    public CheckedLine? Check(PurchaseLineRow row, ImportTally tally)
    {
        row = Trimmed(row);
        if ((TextFault(row) ?? GoodsFault(row) ?? MoneyFault(row)) is var (column, reason))
        {
            tally.Reject(row.Line, column, reason);
            return null;
        }

        return new CheckedLine(row, HashOf(row), row.MemberId is null && row.MemberNo.Length == 0 && row.Phone.Length > 0 ? PhoneIndexes(row, tally) : []);
    }

    // A space at the end makes two keys for one database and one key for the other.
    private static PurchaseLineRow Trimmed(PurchaseLineRow row) =>
        IsTrim(row.Source) && IsTrim(row.StoreCode) && IsTrim(row.TillNo) && IsTrim(row.TicketNo) && IsTrim(row.MemberNo) && IsTrim(row.Sku) && IsTrim(row.OriginalTicketNo)
            ? row
            : row with
            {
                Source = row.Source.Trim(), StoreCode = row.StoreCode.Trim(), TillNo = row.TillNo.Trim(), TicketNo = row.TicketNo.Trim(),
                MemberNo = row.MemberNo.Trim(), Sku = row.Sku.Trim(), OriginalTicketNo = row.OriginalTicketNo.Trim(),
            };

    private static bool IsTrim(string text) => text.Length == 0 || !(char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]));

    private static (string, Reason)? TextFault(PurchaseLineRow row) =>
        Text("source", row.Source, 1, 32) ?? Text("store_code", row.StoreCode, 1, 32) ?? Text("till_no", row.TillNo, 1, 16) ?? Text("ticket_no", row.TicketNo, 1, 64)
        ?? Text("sku", row.Sku, 1, 64) ?? Text("member_no", row.MemberNo, 0, 64) ?? Text("batch_no", row.BatchNo, 0, 64)
        ?? Text("prescription_no", row.PrescriptionNo, 0, 64) ?? Text("original_ticket_no", row.OriginalTicketNo, 0, 64);

    private static (string, Reason)? Text(string column, string value, int least, int most) =>
        value.Length >= least && value.Length <= most ? null : (column, value.Length < least ? Reasons.Missing : Reasons.TooLong(most));

    private (string, Reason)? GoodsFault(PurchaseLineRow row)
    {
        if (row.LineNo is < 1 or > LastLineNo) return ("line_no", Reasons.LineNo);
        if (Checks.Day(row.BusinessDay, _today) is { } day) return ("business_date", day);
        if (row.Quantity is 0 or < -MostPacks or > MostPacks) return ("quantity", Reasons.Quantity);
        if (row.Event == PurchaseEvent.Sale && row.Quantity < 0) return ("quantity", Reasons.NegativeSale);
        if (row.Event == PurchaseEvent.Refund && row.Quantity > 0) return ("quantity", Reasons.PositiveRefund);
        if (row.DaysSupply is < 1 or > LongestSupply) return ("days_supply", Reasons.DaysSupply);
        if (row.TraceCodes.Count > Math.Abs(row.Quantity)) return ("trace_codes", Reasons.TooManyCodes);
        foreach (var code in row.TraceCodes)
        {
            if (code.Length > MostTraceCodeLetters || !Checks.IsCode(code)) return ("trace_codes", Reasons.TraceCode);
        }

        return null;
    }

    private static (string, Reason)? MoneyFault(PurchaseLineRow row)
    {
        var sale = row.Event == PurchaseEvent.Sale;
        if (row.UnitPriceFen < 0) return ("unit_price", Reasons.Price);
        if (row.UnitPriceFen > MostFen) return ("unit_price", Reasons.AmountTooLarge);
        if (row.NetFen is < -MostFen or > MostFen) return ("net", Reasons.AmountTooLarge);
        if (row.DiscountFen is < -MostFen or > MostFen) return ("discount", Reasons.AmountTooLarge);
        if (sale ? row.DiscountFen < 0 : row.DiscountFen > 0) return ("discount", Reasons.Discount);
        if (sale ? row.NetFen < 0 : row.NetFen > 0) return ("net", Reasons.NetSign);
        if (sale ? row.InsuranceFen < 0 || row.InsuranceFen > row.NetFen : row.InsuranceFen > 0 || row.InsuranceFen < row.NetFen) return ("insurance", Reasons.Insurance);
        return (Int128)row.Quantity * row.UnitPriceFen - row.DiscountFen == row.NetFen ? null : ("net", Reasons.Net);
    }

    private IReadOnlyList<string> PhoneIndexes(PurchaseLineRow row, ImportTally tally)
    {
        if (PhoneNumber.TryParse(row.Phone, out var phone, out _) && !phone.IsSuspicious) return index.Candidates(MemberColumns.PhoneIndex, phone.Digits);
        tally.Flag("phone_unusable");
        return [];
    }

    private string HashOf(PurchaseLineRow row)
    {
        _hash.Clear().Add((int)row.Event).Add(row.BusinessDay).Add(row.Sku).Add(row.Quantity).Add(row.UnitPriceFen).Add(row.DiscountFen).Add(row.NetFen)
            .Add(row.DaysSupply ?? -1).Add(row.BatchNo).Add(row.ExpiryDay ?? int.MinValue).Add(row.PrescriptionNo).Add(row.OriginalTicketNo).Add(row.OriginalLineNo)
            .Add(row.TraceCodes.Count);
        foreach (var code in row.TraceCodes) _hash.Add(code);
        // Only where there is one: lines that were stored before this column must hash as they did.
        if (row.InsuranceFen != 0) _hash.Add("insurance").Add(row.InsuranceFen);
        return _hash.ToString();
    }
}
