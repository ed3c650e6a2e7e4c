using Engagement.Members.Points;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Tiers;

/// <summary>A tier as people see it.</summary>
/// <param name="Tier">Its place, the lowest is 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="WindowFen">What was spent in the twelve months up to today.</param>
/// <param name="NextThresholdFen">From how much on the next tier is reached; <c>null</c> at the highest.</param>
/// <param name="KeptUntil">The last day on which it is surely kept; <c>null</c> at the lowest.</param>
/// <param name="Code">By what coupons name it.</param>
/// <param name="NextName">The name of the next tier; <c>null</c> at the highest.</param>
public sealed record TierView(int Tier, Phrase Name, long WindowFen, long? NextThresholdFen, int? KeptUntil, string Code, Phrase? NextName)
{
    /// <summary>The tier at a place.</summary>
    internal static TierView Of(TierRules rules, int tier, long windowFen, int? keptUntil)
    {
        var place = Math.Min(tier, rules.Levels.Count - 1);
        var (level, next) = (rules.Levels[place], place + 1 < rules.Levels.Count ? rules.Levels[place + 1] : null);
        return new TierView(place, new Phrase(level.Zh, level.En), windowFen, next?.ThresholdFen, keptUntil, rules.CodeOf(place), next is null ? null : new Phrase(next.Zh, next.En));
    }
}

/// <summary>A tier that was held.</summary>
/// <param name="Tier">Its place.</param>
/// <param name="ValidFrom">The first day.</param>
/// <param name="ValidTo">The day on which it was no longer held; <c>null</c> is still.</param>
/// <param name="Reason">Why it came.</param>
public sealed record TierPeriod(int Tier, int ValidFrom, int? ValidTo, TierReason Reason);

/// <summary>Reviews tiers whose time has come, and tells what a member has.</summary>
public sealed class TierReview(Database database, IdGenerator ids, EventStore events, Clocks clocks)
{
    private const int BatchSize = 500;

    internal const string SelectDue = "SELECT member_id FROM member_tier WHERE next_day <= @today ORDER BY next_day LIMIT @limit";
    private const string SelectTier = "SELECT tier, since_day, review_day, as_of, next_day, noticed_for FROM member_tier WHERE member_id = @p0";
    private const string SelectSpend = "SELECT day, fen FROM tier_spend WHERE member_id = @p0";

    private const string SelectPeriods = """
        SELECT tier AS Tier, valid_from AS ValidFrom, valid_to AS ValidTo, reason AS Reason FROM tier_period WHERE member_id = @id ORDER BY id
        """;

    /// <summary>Reviews a batch; how many members were looked at, 0 when none is due.</summary>
    internal async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var today = clocks.Business.Today();
        var due = await database.ReadAsync(async session => await TierRulesStore.OfDayAsync(session, today).ConfigureAwait(false) is null
            ? [] : await session.QueryAsync<long>(SelectDue, new { today, limit = BatchSize }).ConfigureAwait(false), ct).ConfigureAwait(false);
        if (due.Count == 0) return 0;
        await database.WriteAsync(async tx =>
        {
            if (await TierRulesStore.OfDayAsync(tx, today).ConfigureAwait(false) is not { } rules) return;
            var members = due.Order().ToList();
            await LedgerStore.LockAsync(tx, members).ConfigureAwait(false);
            var book = new TierBook(tx, ids, events, rules);
            await book.OpenAsync(members, today).ConfigureAwait(false);
            book.Advance(today);
            await book.SaveAsync().ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        return due.Count;
    }

    /// <summary>What a member has today; <c>null</c> when the chain has no tiers.</summary>
    public async Task<TierView?> OfAsync(Session session, MemberId member)
    {
        var today = clocks.Business.Today();
        if (await TierRulesStore.OfDayAsync(session, today).ConfigureAwait(false) is not { } rules) return null;
        var tier = new MemberTier(member.Value);
        await session.ReadRowsAsync(SelectTier, row => tier.Load(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3),
            row.IsDBNull(4) ? null : row.GetInt32(4), row.IsDBNull(5) ? null : row.GetInt32(5)), member.Value).ConfigureAwait(false);
        await session.ReadRowsAsync(SelectSpend, row => tier.Load(row.GetInt32(0), row.GetInt64(1)), member.Value).ConfigureAwait(false);
        tier.Advance(rules, today);
        return TierView.Of(rules, tier.Tier, tier.Window(today), tier.KeptUntil(rules));
    }

    /// <summary>The rules of today; <c>null</c> when the chain has no tiers.</summary>
    public Task<TierRules?> RulesAsync(Session session) => TierRulesStore.OfDayAsync(session, clocks.Business.Today());

    /// <summary>The tiers that a member has had, the first one first.</summary>
    public static async Task<IReadOnlyList<TierPeriod>> HistoryAsync(Session session, MemberId member) =>
        [.. (await session.QueryAsync<PeriodRow>(SelectPeriods, new { id = member.Value }).ConfigureAwait(false))
            .Select(row => new TierPeriod((int)row.Tier, (int)row.ValidFrom, (int?)row.ValidTo, (TierReason)row.Reason))];

    private sealed class PeriodRow
    {
        public long Tier { get; init; }
        public long ValidFrom { get; init; }
        public long? ValidTo { get; init; }
        public long Reason { get; init; }
    }
}
