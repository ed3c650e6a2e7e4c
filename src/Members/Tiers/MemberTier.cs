using Engagement.Storage;

namespace Engagement.Members.Tiers;

/// <summary>Why a tier was changed. The numbers are in the table.</summary>
public enum TierReason
{
    /// <summary>The threshold was reached.</summary>
    Reached = 1,

    /// <summary>A review found that it is no longer earned.</summary>
    Review = 2,

    /// <summary>A refund took away what had earned it.</summary>
    Refund = 3,
}

/// <summary>From which day on which tier was held.</summary>
internal readonly record struct TierChange(int Tier, int From, TierReason Reason);

/// <summary>The tier of one member and the spending that earns it. Knows neither clock nor database: days come in as they pass.</summary>
internal sealed class MemberTier(long member)
{
    private const int WindowMonths = 12;

    private readonly SortedDictionary<int, long> _spend = [];

    public long Member => member;

    public int Tier { get; private set; }

    /// <summary>The first day of this tier.</summary>
    public int Since { get; private set; } = int.MinValue;

    /// <summary>The day on which the tier was reached or renewed, and so many months.</summary>
    public int ReviewDay { get; private set; }

    /// <summary>Up to which day this was worked out.</summary>
    public int AsOf { get; private set; } = int.MinValue;

    /// <summary>When somebody has to look without a purchase; <c>null</c> is never.</summary>
    public int? NextDay { get; private set; }

    /// <summary>The loss of which the member was told, by its day.</summary>
    public int? NoticedFor { get; private set; }

    /// <summary>The member has to be told of a likely loss.</summary>
    public bool NoticeIsDue { get; private set; }

    public bool IsChanged { get; private set; }

    public List<TierChange> Changes { get; } = [];

    /// <summary>What was added to spending, by day.</summary>
    public Dictionary<int, long> Added { get; } = [];

    public void Load(int tier, int since, int reviewDay, int asOf, int? nextDay, int? noticedFor) =>
        (Tier, Since, ReviewDay, AsOf, NextDay, NoticedFor) = (tier, since, reviewDay, Math.Max(asOf, AsOf), nextDay, noticedFor);

    public void Load(int day, long fen)
    {
        _spend[day] = fen;
        AsOf = Math.Max(AsOf, day);
    }

    /// <summary>The spending that counts on a day: after the same day a year before, up to the day itself.</summary>
    public long Window(int day)
    {
        var before = YearBefore(day);
        return _spend.Where(spent => spent.Key > before && spent.Key <= day).Sum(spent => spent.Value);
    }

    /// <summary>The same day a year before: what was bought on it has just left the window.</summary>
    public static int YearBefore(int day) => Shift(day, -WindowMonths);

    /// <summary>The last day before the next review or loss, if nothing more is bought; <c>null</c> at the lowest tier.</summary>
    public int? KeptUntil(TierRules rules) => Due(rules) - 1;

    /// <summary>Lets days pass: reviews that fell due happen on their own day.</summary>
    public void Advance(TierRules rules, int today)
    {
        while (Due(rules) is { } due && due <= today) Review(rules, due);
        AsOf = Math.Max(AsOf, today);
        Look(rules);
    }

    /// <summary>Adds what was spent on a day, or takes off what came back of it.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="purchaseDay">The day of the purchase, also for a refund.</param>
    /// <param name="fen">How much; below zero for a refund.</param>
    /// <param name="day">The day of the ticket that says so.</param>
    public void Add(TierRules rules, int purchaseDay, long fen, int day)
    {
        Advance(rules, Math.Max(day, AsOf));
        var before = rules.Of(Window(AsOf));
        _spend[purchaseDay] = _spend.GetValueOrDefault(purchaseDay) + fen;
        Added[purchaseDay] = Added.GetValueOrDefault(purchaseDay) + fen;
        var after = rules.Of(Window(AsOf));
        if (after > Tier) Set(rules, after, AsOf, TierReason.Reached);
        else if (fen < 0 && rules.RefundLoss == RefundLoss.AtOnce && after < before && after < Tier) Set(rules, after, AsOf, TierReason.Refund);
        Look(rules);
    }

    // The day of the next loss, or of the review that may bring it, if nothing more is bought.
    private int? Due(TierRules rules)
    {
        if (Tier == 0) return null;
        if (rules.ReviewMonths > 0) return ReviewDay + rules.GraceDays;
        var days = _spend.Keys.Select(Leaves).Append(AsOf + 1).Where(day => day > AsOf).Distinct().Order();
        return days.Cast<int?>().FirstOrDefault(day => rules.Of(Window(day!.Value)) < Tier);
    }

    private void Review(TierRules rules, int due)
    {
        var earned = rules.Of(Window(due));
        AsOf = Math.Max(AsOf, due);
        if (earned >= Tier)
        {
            (ReviewDay, IsChanged) = (Shift(ReviewDay, rules.ReviewMonths), true);
            return;
        }

        Set(rules, rules.Downgrade == DowngradePolicy.OneDown ? Tier - 1 : earned, due, TierReason.Review);
    }

    private void Set(TierRules rules, int tier, int from, TierReason reason)
    {
        (Tier, Since, ReviewDay, NoticedFor, IsChanged) = (tier, from, Shift(from, rules.ReviewMonths), null, true);
        Changes.Add(new TierChange(tier, from, reason));
    }

    private void Look(TierRules rules)
    {
        int? next = null;
        if (Due(rules) is { } due)
        {
            next = due;
            if (NoticedFor != due && rules.Of(Window(due)) < Tier)
            {
                if (AsOf >= due - rules.NoticeDays) (NoticedFor, NoticeIsDue, IsChanged) = (due, true, true);
                else next = due - rules.NoticeDays;
            }
        }

        if (next == NextDay) return;
        (NextDay, IsChanged) = (next, true);
    }

    // The first day on which a purchase is no longer in the window.
    private static int Leaves(int purchaseDay)
    {
        var day = Shift(purchaseDay, WindowMonths);
        return Shift(day, -WindowMonths) < purchaseDay ? day + 1 : day;
    }

    private static int Shift(int day, int months) => ChinaTime.DayOf(ChinaTime.Date(day).AddMonths(months));
}
