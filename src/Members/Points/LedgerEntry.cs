namespace Engagement.Members.Points;

/// <summary>What an entry of the points ledger does. The numbers are in the table.</summary>
public enum EntryKind
{
    /// <summary>Points were earned or given; they are pending first.</summary>
    Earned = 1,

    /// <summary>Pending points became active; what was owed was settled from them.</summary>
    Activated = 2,

    /// <summary>Points were spent.</summary>
    Redeemed = 3,

    /// <summary>A redemption was undone.</summary>
    Cancelled = 4,

    /// <summary>What was left of a lot expired.</summary>
    Expired = 5,

    /// <summary>Earned points were taken back, mostly because the goods were.</summary>
    ClawedBack = 6,

    /// <summary>A member of staff corrected the balance.</summary>
    Adjusted = 7,

    /// <summary>Points came from another record of the same person, or went there; pending ones come as <see cref="Earned"/>.</summary>
    Moved = 8,
}

/// <summary>The accounts between which points move: five of the programme, three of each member.</summary>
internal enum LedgerAccount
{
    Issuance = 1,
    Clawback = 2,
    Redeemed = 3,
    Expired = 4,
    Adjustment = 5,
    /// <summary>Between two records of one person; over all members it is zero.</summary>
    Transfer = 6,
    Pending = 11,
    Active = 12,
    /// <summary>Zero or below; shown to people as a positive amount owed.</summary>
    Debt = 13,
}

/// <summary>Why points were issued: the base stays visible beside what a multiplier added.</summary>
public enum PointsPart
{
    /// <summary>Not an issue of points.</summary>
    None = 0,

    /// <summary>For the money spent.</summary>
    Base = 1,

    /// <summary>By the multiplier of the tier.</summary>
    Tier = 2,

    /// <summary>By the multiplier around a birthday.</summary>
    Birthday = 3,

    /// <summary>By the multiplier of a member day.</summary>
    MemberDay = 4,

    /// <summary>For having brought a member, or having been brought.</summary>
    Referral = 5,

    /// <summary>A gift on a birthday.</summary>
    BirthdayGift = 6,

    /// <summary>By the multiplier of a coupon.</summary>
    Coupon = 7,
}

/// <summary>One amount on one account.</summary>
internal readonly record struct Posting(LedgerAccount Account, long Amount, PointsPart Part = PointsPart.None);

/// <summary>What an entry took from a lot (below zero) or gave back to it.</summary>
internal readonly record struct Move(long LotId, long Amount);

/// <summary>One event of the ledger: postings that sum to zero, and what they did to lots. Written once, never changed.</summary>
internal sealed class LedgerEntry
{
    public required long Id { get; init; }

    public required long Member { get; init; }

    public required EntryKind Kind { get; init; }

    /// <summary>The idempotency key: there is one entry with it, ever.</summary>
    public required string Key { get; init; }

    /// <summary>The civil day on which it takes effect.</summary>
    public required int Day { get; init; }

    /// <summary>What the member sees: added, or taken when below zero.</summary>
    public required long Points { get; init; }

    /// <summary>The active balance after it.</summary>
    public long ActiveAfter { get; set; }

    /// <summary>Of something earned the day on which it activates; of an activation or adjustment the last day of the lot.</summary>
    public int? UntilDay { get; init; }

    /// <summary>The purchase, the lot or the redemption that it is about.</summary>
    public long? AboutId { get; init; }

    /// <summary>Words for it: a coupon's code, a reason.</summary>
    public string About { get; init; } = "";

    public List<Posting> Postings { get; } = [];

    public List<Move> Moves { get; } = [];

    /// <summary>Posts an amount; zero is no posting.</summary>
    public LedgerEntry Post(LedgerAccount account, long amount, PointsPart part = PointsPart.None)
    {
        if (amount != 0) Postings.Add(new Posting(account, amount, part));
        return this;
    }
}

/// <summary>Points of one origin with one life. Carries the id of the entry that made it.</summary>
internal sealed class Lot
{
    public required long Id { get; init; }

    public long? OrderId { get; init; }

    public required long Earned { get; init; }

    public required long Remaining { get; set; }

    public required int ActivatesDay { get; init; }

    public required int ValidDays { get; init; }

    /// <summary>The last day; <c>null</c> while pending.</summary>
    public int? ExpiresDay { get; set; }

    public bool IsNew { get; init; }

    public bool IsChanged { get; set; }

    public bool IsPending => ExpiresDay is null;

    /// <summary>When the passing of time does something to it; <c>null</c> when nothing is left.</summary>
    public int? NextDay => Remaining == 0 ? null : ExpiresDay is { } last ? last + 1 : ActivatesDay;
}
