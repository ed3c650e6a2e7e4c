namespace Engagement.Members.Coupons;

/// <summary>A basket and the coupons that somebody wants to use on it.</summary>
public sealed record Checkout
{
    private const int MostLines = 500;
    private const int MostCodes = 20;
    private const long MostFen = 1_000_000_000_000;

    /// <summary>The store that sells.</summary>
    public required StoreId Store { get; init; }

    /// <summary>Where the purchase is made.</summary>
    public SalesChannel Channel { get; init; } = SalesChannel.Store;

    /// <summary>Who buys, when known; a coupon of somebody else is then refused. Without it all coupons must be of one member.</summary>
    public MemberId? Member { get; init; }

    /// <summary>What is bought.</summary>
    public required IReadOnlyList<BasketLine> Lines { get; init; }

    /// <summary>The delivery fee; 0 when there is none.</summary>
    public long DeliveryFen { get; init; }

    /// <summary>The codes of the coupons, in the order in which they are wanted.</summary>
    public required IReadOnlyList<string> Codes { get; init; }

    /// <summary>What becomes of the others when one cannot be used.</summary>
    public StackingPolicy Policy { get; init; } = StackingPolicy.SkipInvalid;

    /// <summary>The first thing that is wrong with it; <c>null</c> when nothing is. Sums of what passes fit well into 63 bits.</summary>
    internal string? Fault()
    {
        // A client's JSON may say null where our types do not.
        if (Lines is null || Lines.Count > MostLines || Lines.Any(line => line is null)) return "lines";
        if (Codes is null || Codes.Count > MostCodes || Codes.Any(code => code is null)) return "codes";
        if (!Enum.IsDefined(Channel)) return "channel";
        if (!Enum.IsDefined(Policy)) return "policy";
        if (DeliveryFen is < 0 or > MostFen) return "deliveryFen";
        foreach (var line in Lines)
        {
            if (line.Sku is null || line.Sku.Length is < 1 or > 64) return $"sku {line.LineNo}";
            if (line.NetFen is < 0 or > MostFen) return $"netFen {line.LineNo}";
            if (line.InsuranceFen < 0 || line.InsuranceFen > line.NetFen) return $"insuranceFen {line.LineNo}";
            if (line.Quantity is < 1 or > 1_000_000) return $"quantity {line.LineNo}";
        }

        return Lines.DistinctBy(line => line.LineNo).Count() == Lines.Count ? null : "lineNo";
    }
}

/// <summary>One line of a basket.</summary>
/// <param name="LineNo">Its number on the ticket.</param>
/// <param name="Sku">The article; its class comes from the product master, never from the till.</param>
/// <param name="Quantity">How many; at least 1.</param>
/// <param name="NetFen">What the line costs after the till's own discounts, all units together.</param>
/// <param name="InsuranceFen">What the medical insurance pays of it: no coupon takes anything off that, and no threshold counts it.</param>
public sealed record BasketLine(int LineNo, string Sku, int Quantity, long NetFen, long InsuranceFen = 0);

/// <summary>What becomes of the other coupons when one cannot be used.</summary>
public enum StackingPolicy
{
    /// <summary>It is left out, the others are used: for tills.</summary>
    SkipInvalid = 1,

    /// <summary>None is used: for the mini-program, where the member sees the sum before paying.</summary>
    AllOrNothing = 2,
}

/// <summary>A ticket of a till.</summary>
/// <param name="Store">The store.</param>
/// <param name="Till">The till's number; at most 16 characters.</param>
/// <param name="Number">The ticket's number; at most 64 characters.</param>
public sealed record TicketRef(StoreId Store, string Till, string Number);
