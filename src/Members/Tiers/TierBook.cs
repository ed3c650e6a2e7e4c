using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Tiers;

/// <summary>The tiers of some members inside one write. Who opens it holds the locks of their points accounts, and these guard the tiers too.</summary>
internal sealed class TierBook(Tx tx, IdGenerator ids, EventStore events, TierRules rules)
{
    private const int Window = 366;

    internal const string SelectTiers = "SELECT member_id, tier, since_day, review_day, as_of, next_day, noticed_for FROM member_tier WHERE member_id IN";
    internal const string SelectSpend = "SELECT member_id, day, fen FROM tier_spend WHERE day > @p0 AND member_id IN";
    private const string SelectPeriods = "SELECT member_id, tier, valid_from FROM tier_period WHERE member_id IN";
    private const string UpsertSpend = "INSERT INTO tier_spend (member_id, day, fen)";
    private const string UpsertTier = "INSERT INTO member_tier (member_id, tier, since_day, review_day, as_of, next_day, noticed_for)";
    private const string ClosePeriod = "UPDATE tier_period SET valid_to = @p1 WHERE member_id = @p0 AND valid_to IS NULL";
    private const string InsertPeriod = "INSERT INTO tier_period (member_id, id, tier, valid_from, valid_to, reason)";

    private readonly SortedDictionary<long, MemberTier> _tiers = [];
    private readonly Dictionary<long, List<(int From, int Tier)>> _periods = [];

    /// <summary>Reads the tiers of members and what they have spent.</summary>
    /// <param name="members">The members.</param>
    /// <param name="firstDay">The earliest day that will be asked about.</param>
    public async Task OpenAsync(IReadOnlyList<long> members, int firstDay)
    {
        foreach (var member in members) _tiers.Add(member, new MemberTier(member));
        await tx.ReadInAsync(SelectTiers, members, row => _tiers[row.GetInt64(0)].Load(row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4),
            row.IsDBNull(5) ? null : row.GetInt32(5), row.IsDBNull(6) ? null : row.GetInt32(6))).ConfigureAwait(false);
        var held = _tiers.Values.Where(tier => tier.Since > int.MinValue).ToList();
        var floor = held.Select(tier => tier.AsOf).Append(firstDay).Min() - Window;
        await tx.ReadInAsync(SelectSpend, members, row => _tiers[row.GetInt64(0)].Load(row.GetInt32(1), row.GetInt64(2)), floor).ConfigureAwait(false);
        var earlier = held.Where(tier => tier.Since > firstDay).Select(tier => tier.Member).ToList();
        foreach (var member in earlier) _periods.Add(member, []);
        await tx.ReadInAsync(SelectPeriods, earlier, row => _periods[row.GetInt64(0)].Add((row.GetInt32(2), row.GetInt32(1)))).ConfigureAwait(false);
    }

    /// <summary>The tier whose benefits a ticket of that day has: what was reached by earlier tickets, not by itself.</summary>
    public int At(long member, int day)
    {
        var tier = _tiers[member];
        if (day >= tier.Since) return tier.Tier;
        return _periods.TryGetValue(member, out var periods) ? periods.FindLast(period => period.From <= day).Tier : 0;
    }

    /// <inheritdoc cref="MemberTier.Add"/>
    public void Add(long member, int purchaseDay, long fen, int day) => _tiers[member].Add(rules, purchaseDay, fen, day);

    /// <summary>Lets days pass for all of them.</summary>
    public void Advance(int today)
    {
        foreach (var tier in _tiers.Values) tier.Advance(rules, today);
    }

    /// <summary>Writes what has come about, and tells of likely losses.</summary>
    public async Task SaveAsync()
    {
        var spent = _tiers.Values.SelectMany(tier => tier.Added.Select(added => (tier.Member, Day: added.Key, Fen: added.Value))).ToList();
        await tx.InsertManyAsync(UpsertSpend, spent, static (s, v) => (v[0], v[1], v[2]) = (s.Member, s.Day, s.Fen),
            $"{tx.Dialect.OnConflictUpdate("member_id, day")} fen = fen + {tx.Dialect.New("fen")}").ConfigureAwait(false);
        var changed = _tiers.Values.Where(tier => tier.IsChanged).ToList();
        if (changed.Count == 0) return;
        await tx.InsertManyAsync(UpsertTier, changed, static (tier, v) =>
        {
            (v[0], v[1], v[2], v[3]) = (tier.Member, tier.Tier, tier.Since, tier.ReviewDay);
            (v[4], v[5], v[6]) = (tier.AsOf, tier.NextDay, tier.NoticedFor);
        }, TierConflict(tx.Dialect)).ConfigureAwait(false);
        var moved = changed.FindAll(tier => tier.Changes.Count > 0);
        await tx.ExecuteManyAsync(ClosePeriod, 2, moved, static (tier, v) => (v[0], v[1]) = (tier.Member, tier.Changes[0].From)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertPeriod, [.. moved.SelectMany(Periods)], static (row, v) => row.CopyTo(v, 0)).ConfigureAwait(false);
        await events.AppendAsync(tx, EventKind.TierDowngradeNear, [.. changed.Where(tier => tier.NoticeIsDue).Select(tier => tier.Member)]).ConfigureAwait(false);
    }

    private IEnumerable<object?[]> Periods(MemberTier tier) => tier.Changes.Select((change, i) => new object?[]
    {
        tier.Member, ids.Next(), change.Tier, change.From, i + 1 < tier.Changes.Count ? tier.Changes[i + 1].From : null, (int)change.Reason,
    });

    private static string TierConflict(Dialect dialect) => $"""
        {dialect.OnConflictUpdate("member_id")}
            tier = {dialect.New("tier")}, since_day = {dialect.New("since_day")}, review_day = {dialect.New("review_day")},
            as_of = {dialect.New("as_of")}, next_day = {dialect.New("next_day")}, noticed_for = {dialect.New("noticed_for")}
        """;
}
