using System.Diagnostics;

namespace Engagement.Members.Points;

/// <summary>The points of one member: balances and lots, and everything that may happen to them. Knows neither clock nor database.</summary>
/// <remarks>
/// Every operation catches up first: what became active or expired by its day is booked on its own day, in order, so that a run that was skipped changes nothing (L12).
/// The entries that came about wait in <see cref="Entries"/> to be written.
/// </remarks>
internal sealed class Account(long member, Func<long> nextId)
{
    /// <summary>Words for pending points that came with another record of the same person.</summary>
    internal const string MovedHere = "会员合并转入";

    private readonly List<Lot> _lots = [];

    public long Member => member;

    public long Pending { get; private set; }

    public long Active { get; private set; }

    /// <summary>What is missing after refunds; never together with active points.</summary>
    public long Owed { get; private set; }

    /// <summary>The next day on which time does something to a lot.</summary>
    public int? NextDay { get; private set; }

    /// <summary>Whether all open lots are here, and not only new ones.</summary>
    public bool HasLots { get; set; }

    public IReadOnlyList<Lot> Lots => _lots;

    public List<LedgerEntry> Entries { get; } = [];

    /// <summary>Whether anything has to be written.</summary>
    public bool IsChanged => Entries.Count > 0;

    public void Load(long pending, long active, long owed, int? nextDay) => (Pending, Active, Owed, NextDay) = (pending, active, owed, nextDay);

    public void Load(Lot lot) => _lots.Add(lot);

    /// <summary>Whether the lot is here.</summary>
    public bool Has(long lotId) => _lots.Exists(lot => lot.Id == lotId);

    /// <summary>Books what has become active or expired by a day, each on its own day.</summary>
    public void CatchUp(int today)
    {
        if (NextDay is null || NextDay > today) return;
        // On one day the old goes before the new comes; of those that come, the older settles first.
        while (_lots.Where(lot => lot.NextDay <= today).MinBy(lot => (lot.NextDay, lot.IsPending, lot.Id)) is { } due)
        {
            if (due.IsPending) Activate(due);
            else Expire(due, $"expire:{due.Id}");
        }

        Settle();
    }

    /// <summary>A new lot, pending until its day.</summary>
    /// <param name="parts">The points and why; not negative, and not all zero.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="terms">When it activates and for how long it then is valid.</param>
    /// <param name="day">The day on which it was earned.</param>
    /// <param name="order">The purchase, if it was one.</param>
    /// <param name="about">Words for it.</param>
    public LedgerEntry Earn(IReadOnlyList<(PointsPart Part, long Points)> parts, string key, LotTerms terms, int day, long? order, string about = "")
    {
        var points = parts.Sum(part => part.Points);
        var entry = New(EntryKind.Earned, key, day, points, terms.ActivatesDay, order, about);
        foreach (var (part, amount) in parts) entry.Post(LedgerAccount.Issuance, -amount, part).Post(LedgerAccount.Pending, amount, part);
        Pending += points;
        Book(entry);
        Add(new Lot { Id = entry.Id, OrderId = order, Earned = points, Remaining = points, ActivatesDay = terms.ActivatesDay, ValidDays = terms.ValidDays, IsNew = true });
        return entry;
    }

    /// <summary>Spends active points, those first that expire first; <c>null</c> when there are not enough.</summary>
    public LedgerEntry? Redeem(long points, string key, int day, string about)
    {
        if (Active < points) return null;
        var entry = New(EntryKind.Redeemed, key, day, -points, null, null, about).Post(LedgerAccount.Active, -points).Post(LedgerAccount.Redeemed, points);
        Take(entry, points, _lots);
        Active -= points;
        Book(entry);
        return entry;
    }

    /// <summary>Undoes a redemption: the same lots get back what they gave, and what has expired meanwhile expires at once.</summary>
    /// <param name="redemption">The entry.</param>
    /// <param name="allocations">What each lot gave, as the redemption's moves say: below zero. The lots must be here.</param>
    /// <param name="day">The day.</param>
    public LedgerEntry Cancel(long redemption, IReadOnlyList<Move> allocations, int day)
    {
        var points = -allocations.Sum(move => move.Amount);
        var settled = Math.Min(points, Owed);
        var entry = New(EntryKind.Cancelled, $"cancel:{redemption}", day, points, null, redemption, "")
            .Post(LedgerAccount.Redeemed, -points).Post(LedgerAccount.Debt, settled).Post(LedgerAccount.Active, points - settled);
        var given = new List<Lot>();
        foreach (var (lotId, amount) in allocations)
        {
            var lot = _lots.Find(l => l.Id == lotId) ?? throw new UnreachableException($"Lot {lotId} was not loaded.");
            Change(entry, lot, -amount);
            given.Add(lot);
        }

        Take(entry, settled, given);
        (Owed, Active) = (Owed - settled, Active + points - settled);
        Book(entry);
        foreach (var lot in given.Where(lot => lot.NextDay <= day).OrderBy(lot => lot.Id).ToList()) Expire(lot, $"expire:{lot.Id}:{entry.Id}");
        Settle();
        return entry;
    }

    /// <summary>Takes earned points back: from the lots of the order itself, pending or active, then from those that expire first; the rest is owed.</summary>
    /// <param name="points">How many.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="day">The day.</param>
    /// <param name="isOwn">Which lots are the order's own.</param>
    /// <param name="about">The order.</param>
    public LedgerEntry ClawBack(long points, string key, int day, Predicate<Lot> isOwn, long about)
    {
        var entry = New(EntryKind.ClawedBack, key, day, -points, null, about, "").Post(LedgerAccount.Clawback, points);
        var rest = points;
        foreach (var lot in _lots.FindAll(isOwn).OrderBy(lot => lot.Id))
        {
            var taken = Math.Min(rest, lot.Remaining);
            if (taken == 0) continue;
            Change(entry, lot, -taken);
            if (lot.IsPending) Pending -= taken;
            else Active -= taken;
            entry.Post(lot.IsPending ? LedgerAccount.Pending : LedgerAccount.Active, -taken);
            rest -= taken;
        }

        var other = Math.Min(rest, Active);
        Take(entry, other, _lots);
        entry.Post(LedgerAccount.Active, -other).Post(LedgerAccount.Debt, other - rest);
        (Active, Owed) = (Active - other, Owed + rest - other);
        Book(entry);
        return entry;
    }

    /// <summary>A correction by staff. What is added is active at once, and settles what is owed first; <c>null</c> when there is not as much as is to be taken.</summary>
    public LedgerEntry? Adjust(long points, string key, int day, int validDays, string reason)
    {
        if (points < 0 && Active < -points) return null;
        var settled = Math.Clamp(points, 0, Owed);
        var entry = New(EntryKind.Adjusted, key, day, points, points > 0 ? day + validDays : null, null, reason)
            .Post(LedgerAccount.Adjustment, -points).Post(LedgerAccount.Debt, settled).Post(LedgerAccount.Active, points - settled);
        if (points < 0) Take(entry, -points, _lots);
        (Owed, Active) = (Owed - settled, Active + points - settled);
        Book(entry);
        if (points < 0) return entry;
        var lot = new Lot { Id = entry.Id, Earned = points, Remaining = points, ActivatesDay = day, ValidDays = validDays, ExpiresDay = day + validDays, IsNew = true };
        if (settled > 0) Change(entry, lot, -settled);
        Add(lot);
        return entry;
    }

    /// <summary>Hands lots over to another record of the same person; what is owed goes along if it is to. <c>null</c> when there is nothing.</summary>
    public Handover? Give(string key, int day, Predicate<Lot> isGiven, bool withDebt)
    {
        var lots = _lots.FindAll(lot => lot.Remaining > 0 && isGiven(lot)).ConvertAll(lot => (Lot: lot, Points: lot.Remaining));
        var owed = withDebt ? Owed : 0;
        if (lots.Count == 0 && owed == 0) return null;
        var (pending, active) = (lots.Where(lot => lot.Lot.IsPending).Sum(lot => lot.Points), lots.Where(lot => !lot.Lot.IsPending).Sum(lot => lot.Points));
        var entry = New(EntryKind.Moved, key, day, -active, null, null, "")
            .Post(LedgerAccount.Transfer, pending + active - owed).Post(LedgerAccount.Pending, -pending).Post(LedgerAccount.Active, -active).Post(LedgerAccount.Debt, owed);
        foreach (var (lot, points) in lots) Change(entry, lot, -points);
        (Pending, Active, Owed) = (Pending - pending, Active - active, Owed - owed);
        Book(entry);
        return new Handover(lots, owed);
    }

    /// <summary>Takes points of a lot over, with the days that it had there; what is owed here is settled first. The id of the new lot.</summary>
    public long Take(Lot from, long points, string key, int day)
    {
        var settled = from.IsPending ? 0 : Math.Min(points, Owed);
        var entry = New(from.IsPending ? EntryKind.Earned : EntryKind.Moved, key, day, points, from.IsPending ? from.ActivatesDay : from.ExpiresDay, from.OrderId, from.IsPending ? MovedHere : "")
            .Post(LedgerAccount.Transfer, -points).Post(LedgerAccount.Pending, from.IsPending ? points : 0).Post(LedgerAccount.Debt, settled).Post(LedgerAccount.Active, from.IsPending ? 0 : points - settled);
        (Pending, Owed, Active) = (Pending + (from.IsPending ? points : 0), Owed - settled, Active + (from.IsPending ? 0 : points - settled));
        Book(entry);
        var lot = new Lot
        {
            Id = entry.Id, OrderId = from.OrderId, Earned = points, Remaining = points, ActivatesDay = from.IsPending ? from.ActivatesDay : day, ValidDays = from.ValidDays,
            ExpiresDay = from.ExpiresDay, IsNew = true,
        };
        if (settled > 0) Change(entry, lot, -settled);
        Add(lot);
        return entry.Id;
    }

    /// <summary>Takes over what the other record owed: from active points, and what they do not cover is owed here.</summary>
    public void TakeDebt(long owed, string key, int day)
    {
        var paid = Math.Min(owed, Active);
        var entry = New(EntryKind.Moved, key, day, -owed, null, null, "").Post(LedgerAccount.Transfer, owed).Post(LedgerAccount.Active, -paid).Post(LedgerAccount.Debt, paid - owed);
        Take(entry, paid, _lots);
        (Active, Owed) = (Active - paid, Owed + owed - paid);
        Book(entry);
    }

    private void Activate(Lot lot)
    {
        var (points, last) = (lot.Remaining, lot.ActivatesDay + lot.ValidDays);
        var settled = Math.Min(points, Owed);
        var entry = New(EntryKind.Activated, $"activate:{lot.Id}", lot.ActivatesDay, -settled, last, lot.Id, "")
            .Post(LedgerAccount.Pending, -points).Post(LedgerAccount.Debt, settled).Post(LedgerAccount.Active, points - settled);
        (lot.ExpiresDay, lot.IsChanged) = (last, true);
        if (settled > 0) Change(entry, lot, -settled);
        (Pending, Owed, Active) = (Pending - points, Owed - settled, Active + points - settled);
        Book(entry);
    }

    private void Expire(Lot lot, string key)
    {
        var rest = lot.Remaining;
        var entry = New(EntryKind.Expired, key, lot.ExpiresDay!.Value + 1, -rest, null, lot.Id, "").Post(LedgerAccount.Active, -rest).Post(LedgerAccount.Expired, rest);
        Change(entry, lot, -rest);
        Active -= rest;
        Book(entry);
    }

    private static void Take(LedgerEntry entry, long points, List<Lot> lots)
    {
        if (points == 0) return;
        foreach (var lot in lots.Where(lot => lot is { IsPending: false, Remaining: > 0 }).OrderBy(lot => (lot.ExpiresDay, lot.Id)))
        {
            var taken = Math.Min(points, lot.Remaining);
            Change(entry, lot, -taken);
            if ((points -= taken) == 0) return;
        }

        throw new UnreachableException($"The lots of member {entry.Member} hold {points} points less than the balance.");
    }

    private static void Change(LedgerEntry entry, Lot lot, long amount)
    {
        (lot.Remaining, lot.IsChanged) = (lot.Remaining + amount, true);
        entry.Moves.Add(new Move(lot.Id, amount));
    }

    private LedgerEntry New(EntryKind kind, string key, int day, long points, int? until, long? aboutId, string about) => new()
    {
        Id = nextId(), Member = member, Kind = kind, Key = key, Day = day, Points = points, UntilDay = until, AboutId = aboutId, About = about,
    };

    private void Book(LedgerEntry entry)
    {
        entry.ActiveAfter = Active;
        Entries.Add(entry);
        Settle();
    }

    private void Add(Lot lot)
    {
        _lots.Add(lot);
        if (lot.NextDay < (NextDay ?? int.MaxValue)) NextDay = lot.NextDay;
    }

    // Of lots that were not loaded the account's own day is all that is known.
    private void Settle()
    {
        if (HasLots) NextDay = _lots.Min(lot => lot.NextDay);
    }
}

/// <summary>What one record hands over to another.</summary>
/// <param name="Lots">The lots, as they were, and how much of each.</param>
/// <param name="Owed">What is owed.</param>
internal sealed record Handover(List<(Lot Lot, long Points)> Lots, long Owed);

/// <summary>The life of a lot.</summary>
/// <param name="ActivatesDay">When it becomes active.</param>
/// <param name="ValidDays">For how many days after that it is valid; its last day is this many days later.</param>
internal readonly record struct LotTerms(int ActivatesDay, int ValidDays);
