using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>Tells the tier of a member, for coupons that are for some tiers only.</summary>
public interface IMemberTiers
{
    /// <summary>The code of the tier that the member has now; <c>null</c> when there is none.</summary>
    Task<string?> TierAsync(Session session, MemberId member);
}

/// <summary>Stands in where no tiers are registered: nobody has one.</summary>
internal sealed class NoTiers : IMemberTiers
{
    public Task<string?> TierAsync(Session session, MemberId member) => Task.FromResult<string?>(null);
}
