using System.Text.RegularExpressions;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage.Events;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Points;

/// <summary>What is asked often is searched for by index, and not for by going through tables.</summary>
public sealed partial class PointsPlans(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>
{
    [Theory]
    [InlineData("the page", PointsBook.SelectPage)]
    [InlineData("its parts", PointsBook.SelectParts)]
    [InlineData("accounts", LedgerStore.SelectAccounts)]
    [InlineData("open lots", LedgerStore.SelectOpenLots)]
    [InlineData("a key", LedgerStore.SelectByKey)]
    [InlineData("allocations", LedgerStore.SelectMoves)]
    [InlineData("accounts that are due", LedgerStore.SelectDue)]
    [InlineData("tickets", PurchaseReads.SelectTickets)]
    [InlineData("tickets of lines", PurchaseReads.SelectLineTickets)]
    [InlineData("multipliers of tickets", CouponMultipliers.Select + " WHERE store_id = @p1 AND ticket_no = @p2")]
    [InlineData("orders", PurchaseReads.SelectOrders)]
    [InlineData("tiers", TierBook.SelectTiers)]
    [InlineData("spending", TierBook.SelectSpend)]
    [InlineData("tiers that are due", TierReview.SelectDue)]
    [InlineData("referrals that are due", ReferralStore.SelectDue)]
    [InlineData("referrals of new members", ReferralStore.SelectInvited)]
    [InlineData("rewards of a month", ReferralStore.CountRewarded)]
    [InlineData("events that are due", EventStore.Due)]
    public async Task It_is_searched_for(string what, string sql)
    {
        var plan = new List<string>();
        var text = sql.EndsWith(" IN", StringComparison.Ordinal) ? sql + " (@p1, @p2)" : sql.Replace("IN @kinds", "IN (@p1, @p2)", StringComparison.Ordinal);

        await test.Database.ReadAsync(async session =>
        {
            await session.ReadRowsAsync($"EXPLAIN QUERY PLAN {Named().Replace(text, "@p0")}", row => plan.Add(row.GetString(3)), 1L, 2L, 3L);
            return true;
        }, CancellationToken.None);

        Assert.True(plan.Exists(step => step.StartsWith("SEARCH", StringComparison.Ordinal)), what);
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) || step.Contains("AUTOMATIC", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"@(?!p\d)\w+")]
    private static partial Regex Named();
}
