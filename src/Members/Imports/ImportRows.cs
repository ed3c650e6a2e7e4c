using Engagement.Members.Consents;
using Engagement.Members.Products;

namespace Engagement.Members.Imports;

/// <summary>One store, as a source delivers it.</summary>
/// <param name="Code">The chain's own code, unique.</param>
/// <param name="Name">The name on the door.</param>
/// <param name="City">The city.</param>
/// <param name="Line">The line of the file, counted from 1 with the header; 0 for rows that were made.</param>
public sealed record StoreRow(string Code, string Name, string City, int Line = 0);

/// <summary>One product of the master, as a source delivers it. The master wins over what a ticket says.</summary>
public sealed record ProductRow
{
    /// <summary>The line of the file, counted from 1 with the header; 0 for rows that were made.</summary>
    public int Line { get; init; }

    /// <summary>The chain's own article number, unique.</summary>
    public required string Sku { get; init; }

    /// <summary>The name that people read.</summary>
    public required string Name { get; init; }

    /// <summary>The generic name (通用名); with <see cref="Strength"/> it makes a therapy line.</summary>
    public string GenericName { get; init; } = "";

    /// <summary>The strength (规格中的剂量), for example <c>5mg</c>.</summary>
    public string Strength { get; init; } = "";

    /// <summary>The pack as printed, for example <c>5mg×28片</c>.</summary>
    public string Spec { get; init; } = "";

    /// <summary>The maker.</summary>
    public string Maker { get; init; } = "";

    /// <summary>国药准字, 卫食健字 … or empty.</summary>
    public string ApprovalNo { get; init; } = "";

    /// <summary>The legal class.</summary>
    public ProductClass Class { get; init; }

    /// <summary>For long-term medicines the class that adherence is measured in (<c>hypertension</c>, <c>statin</c> …), else <c>null</c>.</summary>
    public string? Therapy { get; init; }

    /// <summary>Whether the product belongs to a category that gets no automatic message (domain 5.4).</summary>
    public bool Sensitive { get; init; }

    /// <summary>Units (tablets) in a pack, when known.</summary>
    public int? PackUnits { get; init; }

    /// <summary>Units a day in thousandths, when known.</summary>
    public int? UnitsPerDayMilli { get; init; }

    /// <summary>Whether the dose is a class default and not from the label or the pharmacist.</summary>
    public bool DoseEstimated { get; init; }

    /// <summary>The list price.</summary>
    public long PriceFen { get; init; }
}

/// <summary>One member, as a source delivers it, before cleaning.</summary>
public sealed record MemberRow
{
    /// <summary>The line of the file, counted from 1 with the header; 0 for rows that were made.</summary>
    public int Line { get; init; }

    /// <summary>The code of the source (<c>till</c>, <c>form</c> …); kept for each field value.</summary>
    public required string Source { get; init; }

    /// <summary>The card or member number in that source, unique there.</summary>
    public required string MemberNo { get; init; }

    /// <summary>The name as written.</summary>
    public string Name { get; init; } = "";

    /// <summary>The phone as written.</summary>
    public string Phone { get; init; } = "";

    /// <summary>男 女 0 1 2 or empty.</summary>
    public string Sex { get; init; } = "";

    /// <summary>yyyy-mm-dd, yyyymmdd, yyyy/m/d, mm-dd or empty.</summary>
    public string Birthday { get; init; } = "";

    /// <summary>The code of the home store, or empty.</summary>
    public string StoreCode { get; init; } = "";

    /// <summary>The date of joining, yyyy-mm-dd, or empty for the day of import.</summary>
    public string Joined { get; init; } = "";

    /// <summary>The openid in the mini-program, when the source knows it.</summary>
    public string OpenId { get; init; } = "";

    /// <summary>Whether the member asked that nothing goes to the phone (no SMS, WeChat only).</summary>
    public bool PrivateMode { get; init; }

    /// <summary>Consents for which the source brings evidence; without any an imported member has none.</summary>
    public IReadOnlyList<ConsentRow> Consents { get; init; } = [];

    /// <summary>Masked: rows hold names and phones.</summary>
    public override string ToString() => $"member row {Line} of {Source}";
}

/// <summary>One consent or refusal with its evidence.</summary>
/// <param name="Purpose">What for.</param>
/// <param name="Granted">Yes or no.</param>
/// <param name="Day">The civil day on which it was given.</param>
/// <param name="TextVersion">The version of the text that the member saw.</param>
/// <param name="Evidence">Where the proof is kept, for example a form number.</param>
public sealed record ConsentRow(Purpose Purpose, bool Granted, int Day, string TextVersion, string Evidence);

/// <summary>What happened at the till.</summary>
public enum PurchaseEvent
{
    /// <summary>Goods were sold.</summary>
    Sale = 1,

    /// <summary>Goods came back.</summary>
    Refund = 2,
}

/// <summary>One line of a ticket, as a source delivers it (domain 7.1). Lines of a ticket stand together.</summary>
public sealed record PurchaseLineRow
{
    /// <summary>The line of the file, counted from 1 with the header; 0 for rows that were made.</summary>
    public int Line { get; init; }

    /// <summary>The code of the source system.</summary>
    public required string Source { get; init; }

    /// <summary>The store.</summary>
    public required string StoreCode { get; init; }

    /// <summary>The till; with store, ticket and source it is the ticket's natural key.</summary>
    public required string TillNo { get; init; }

    /// <summary>The ticket.</summary>
    public required string TicketNo { get; init; }

    /// <summary>The line on the ticket, from 1.</summary>
    public required int LineNo { get; init; }

    /// <summary>Sale or refund.</summary>
    public PurchaseEvent Event { get; init; } = PurchaseEvent.Sale;

    /// <summary>The business day, counted in China.</summary>
    public required int BusinessDay { get; init; }

    /// <summary>The member number in <see cref="Source"/>'s card system, or empty.</summary>
    public string MemberNo { get; init; } = "";

    /// <summary>The phone, used when there is no member number, or empty: then the ticket is anonymous.</summary>
    public string Phone { get; init; } = "";

    /// <summary>Who buys, when the till has looked the member up before; wins over number and phone.</summary>
    public long? MemberId { get; init; }

    /// <summary>The article.</summary>
    public required string Sku { get; init; }

    /// <summary>Packs; negative on a refund.</summary>
    public required int Quantity { get; init; }

    /// <summary>The price of one pack.</summary>
    public required long UnitPriceFen { get; init; }

    /// <summary>Taken off the line, not negative on a sale.</summary>
    public long DiscountFen { get; init; }

    /// <summary>What was paid for the line: quantity × price − discount; negative on a refund.</summary>
    public required long NetFen { get; init; }

    /// <summary>What the medical insurance account paid of <see cref="NetFen"/>; of the same sign and never more.</summary>
    public long InsuranceFen { get; init; }

    /// <summary>Days that the line supplies, when the till says so; wins over the arithmetic.</summary>
    public int? DaysSupply { get; init; }

    /// <summary>The batch (批号), or empty.</summary>
    public string BatchNo { get; init; } = "";

    /// <summary>The expiry day of the batch, when known.</summary>
    public int? ExpiryDay { get; init; }

    /// <summary>The trace codes (追溯码) of the packs; never more than packs.</summary>
    public IReadOnlyList<string> TraceCodes { get; init; } = [];

    /// <summary>The prescription, or empty.</summary>
    public string PrescriptionNo { get; init; } = "";

    /// <summary>On a refund, the ticket that sold the goods; empty for a blind refund.</summary>
    public string OriginalTicketNo { get; init; } = "";

    /// <summary>On a refund, the line of <see cref="OriginalTicketNo"/>.</summary>
    public int OriginalLineNo { get; init; }

    /// <summary>Masked: rows tell who bought what.</summary>
    public override string ToString() => $"purchase row {Line} of {Source}";
}
