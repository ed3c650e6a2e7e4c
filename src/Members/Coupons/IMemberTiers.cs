using Engagement.Members.Tiers;
using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>Tells the tier of a member, for coupons that are for some tiers only.</summary>
public interface IMemberTiers
{
    /// <summary>The code of the tier that the member has now; <c>null</c> when there is none.</summary>
    Task<string?> TierAsync(Session session, MemberId member);
}

/// <summary>Tells it from the tiers that purchases have earned.</summary>
internal sealed class EarnedTiers(TierReview tiers) : IMemberTiers
{
    /// <inheritdoc/>
    public async Task<string?> TierAsync(Session session, MemberId member) => (await tiers.OfAsync(session, member).ConfigureAwait(false))?.Code;
}
