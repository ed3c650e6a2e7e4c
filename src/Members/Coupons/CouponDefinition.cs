namespace Engagement.Members.Coupons;

/// <summary>A coupon definition as staff see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">Its code, for staff.</param>
/// <param name="Version">The newest version: what an editor must have seen.</param>
/// <param name="Terms">What that version says.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="PublishedVersion">The version that is claimed; <c>null</c> before the first was approved.</param>
/// <param name="Stock">What has been claimed; <c>null</c> before the first version was approved.</param>
public sealed record CouponDefinition(CouponDefinitionId Id, string Code, long Version, CouponTerms Terms, long Author, long? PublishedVersion, CouponStock? Stock);

/// <summary>What has been claimed of a definition.</summary>
/// <param name="IsOpen">Whether staff let claims run.</param>
/// <param name="Claimed">How many were claimed, over all versions.</param>
/// <param name="CommittedFen">What open coupons may cost at most plus what redeemed ones did cost.</param>
public sealed record CouponStock(bool IsOpen, long Claimed, long CommittedFen);

/// <summary>One saved version, kept for good: who wrote it, who approved it.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Terms">What it says.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="SavedAt">When.</param>
/// <param name="Approver">Who approved it; <c>null</c> when nobody did.</param>
/// <param name="PublishedAt">When.</param>
public sealed record CouponVersion(long Version, CouponTerms Terms, long Author, DateTimeOffset SavedAt, long? Approver, DateTimeOffset? PublishedAt);

/// <summary>What became of a save.</summary>
public abstract record SaveOutcome
{
    private SaveOutcome()
    {
    }

    /// <summary>Saved as a draft.</summary>
    public sealed record Saved(CouponDefinitionId Id, long Version) : SaveOutcome;

    /// <summary>Not saved; every reason.</summary>
    public sealed record Refused(IReadOnlyList<CouponRefusal> Refusals) : SaveOutcome;

    /// <summary>Not saved: somebody saved after the version that the editor saw.</summary>
    /// <param name="Version">The newest version.</param>
    /// <param name="Changes">What differs between the two.</param>
    public sealed record Stale(long Version, IReadOnlyList<FieldChange> Changes) : SaveOutcome;
}

/// <summary>What became of an approval.</summary>
public abstract record PublishOutcome
{
    private PublishOutcome()
    {
    }

    /// <summary>Published; author and approver are two people. An approval that is repeated answers the same.</summary>
    public sealed record Published(long Author, long Approver) : PublishOutcome;

    /// <summary>Not published; every reason.</summary>
    public sealed record Refused(IReadOnlyList<CouponRefusal> Refusals) : PublishOutcome;
}
