using System.Text.RegularExpressions;
using Engagement.Members.Coupons;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Coupons;

public sealed partial class CouponReasonTests
{
    [Fact]
    public void Every_reason_is_explained_in_both_languages()
    {
        var rows = Row().Matches(File.ReadAllText(Repository.Path("docs", "reasons.md"))).Select(row => row.Groups[1].Value);

        Assert.Equal(
            CouponReason.All.Select(reason => $"`{reason.Code}` | {reason.Sentence.Zh} | {reason.Sentence.En}").Order(StringComparer.Ordinal),
            rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_code_means_one_thing()
    {
        Assert.Equal(CouponReason.All.Count, CouponReason.All.DistinctBy(reason => reason.Code).Count());
        Assert.True(CouponReason.All.Count > 40);
    }

    [GeneratedRegex(@"^\| (`coupon\.\w+` \|.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
