using Engagement.Members.Coupons;
using Engagement.Storage;

namespace Engagement.Members.Merges;

/// <summary>Coupons go with the record, and come back when it is parted.</summary>
internal sealed class CouponsOfMerges : IMergePart
{
    public Task MergeAsync(Tx tx, Merge merge) => CouponOwners.MoveAsync(tx, merge.From, merge.To, merge.Id);

    public Task PartAsync(Tx tx, Merge merge) => CouponOwners.MoveBackAsync(tx, merge.Id);
}
