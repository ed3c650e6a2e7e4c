using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Points;
using Engagement.Members.Profiles;
using Engagement.Members.Tiers;
using Engagement.Storage;

namespace Engagement.Api.Staff;

/// <summary>One member from all sides, put together from the features' own reads; nothing of it is health data.</summary>
internal sealed class MemberPortrait(MemberStore members, PointsBook points, TierReview tiers, Clocks clocks)
{
    private const string SelectStore = "SELECT code AS Code, name AS Name FROM store WHERE id = @store";
    private const string SelectFacts = "SELECT visits AS Visits, spend_fen AS SpendFen, last_day AS LastDay FROM member_fact WHERE member_id = @member";
    private const string SelectCoupons = "SELECT COUNT(*) FROM coupon WHERE member_id = @member AND state IN (1, 2) AND valid_until > @now";

    /// <summary>Reads it; <c>null</c> when there is no such member.</summary>
    public async Task<MemberView?> ReadAsync(Session session, MemberId member)
    {
        if (!(await members.ProfilesAsync(session, [member])).TryGetValue(member, out var profile)) return null;
        var store = profile.StoreId is { } home ? await session.SingleOrDefaultAsync<StoreRow>(SelectStore, new { store = home.Value }) : null;
        var facts = await session.SingleOrDefaultAsync<FactRow>(SelectFacts, new { member = member.Value });
        var balance = await points.BalanceAsync(session, member);
        var tier = await tiers.OfAsync(session, member);
        var coupons = await session.ScalarAsync<long>(SelectCoupons, new { member = member.Value, now = clocks.Business.NowMs() });
        var consents = (await ConsentStore.HistoryAsync(session, member)).GroupBy(change => change.Purpose).Select(changes => changes.Last()).OrderBy(change => change.Purpose);
        return new MemberView(
            member.ToString(), profile.MemberNo, profile.Source, profile.Name?.ToString() ?? "", profile.Phone?.ToString() ?? "", (Sex)profile.Sex,
            profile.Birthday is { } born ? $"{(born.Year is { } year ? $"{year:0000}-" : "")}{born.Month:00}-{born.Day:00}" : null,
            profile.StoreId is { } id && store is not null ? new HomeStoreView(id.ToString(), store.Code, store.Name) : null, ChinaTime.Date(profile.JoinedDay), profile.PrivateMode,
            tier is null ? null : new TierNameView(tier.Code, tier.Name.Zh, tier.Name.En), new BalanceView(balance.Pending, balance.Active, balance.Owed, balance.ExpiringSoon), coupons,
            new BuyingView(facts?.Visits ?? 0, facts?.SpendFen ?? 0, facts?.LastDay is { } last ? ChinaTime.Date((int)last) : null),
            [.. consents.Select(change => new ConsentView(change.Purpose, change.Granted, change.TextVersion, change.Source, Instants.Of(change.At)))]);
    }

    private sealed class StoreRow
    {
        public string Code { get; init; } = "";
        public string Name { get; init; } = "";
    }

    private sealed class FactRow
    {
        public long Visits { get; init; }
        public long SpendFen { get; init; }
        public long? LastDay { get; init; }
    }
}

/// <summary>As the table keeps it.</summary>
internal enum Sex
{
    Unknown = 0,
    Male = 1,
    Female = 2,
}

internal sealed record HomeStoreView(string Id, string Code, string Name);

internal sealed record TierNameView(string Code, string Zh, string En);

internal sealed record BalanceView(long Pending, long Active, long Owed, long ExpiringSoon);

internal sealed record BuyingView(long Visits, long SpendFen, DateOnly? LastDay);

internal sealed record ConsentView(Purpose Purpose, bool Given, string TextVersion, string Source, DateTimeOffset At);

/// <summary>One member; name and phone are masked.</summary>
internal sealed record MemberView(
    string Id, string MemberNo, string Source, string Name, string Phone, Sex Sex, string? Birthday, HomeStoreView? HomeStore, DateOnly JoinedOn, bool PrivateMode, TierNameView? Tier, BalanceView Points,
    long UsableCoupons, BuyingView Buying, IReadOnlyList<ConsentView> Consents);
