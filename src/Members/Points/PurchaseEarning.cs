using Engagement.Members.Coupons;
using Engagement.Members.Referrals;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Points;

/// <summary>What tickets mean for points, tiers and referrals: many of them in one write.</summary>
/// <remarks>
/// May be done twice, in any order: an order knows which lines have counted. A refund that is looked at before its sale brings the sale in itself.
/// A blind refund belongs to no order and changes no points.
/// </remarks>
internal sealed class PurchaseEarning(Tx tx, IdGenerator ids, Clocks clocks, EventStore events)
{
    private readonly OpenLedger _ledger = new(tx, ids, clocks.Business);
    private readonly Dictionary<long, EarningTicket> _tickets = [];
    private Dictionary<long, long> _originals = [];
    private Dictionary<long, PointsOrder> _orders = [];
    private Dictionary<long, int> _birthdays = [];
    private Dictionary<TicketRef, (long Member, int Milli)> _coupons = [];
    private IReadOnlyList<EarningRulesVersion> _versions = [];
    private TierBook? _tiers;

    /// <summary>Applies tickets.</summary>
    public async Task ApplyAsync(IReadOnlyList<long> purchases)
    {
        _versions = await EarningRulesStore.AllAsync(tx).ConfigureAwait(false);
        await ReadAsync(purchases).ConfigureAwait(false);
        var sales = _tickets.Values.Where(IsEarning).ToDictionary(ticket => ticket.Id);
        if (sales.Count == 0) return;
        await OpenAsync([.. sales.Values], [.. _tickets.Values.Where(ticket => !ticket.IsSale)]).ConfigureAwait(false);

        var seen = new HashSet<long>();
        foreach (var ticket in _tickets.Values.OrderBy(ticket => (ticket.Day, !ticket.IsSale, ticket.Id)))
        {
            if (sales.ContainsKey(ticket.Id) && seen.Add(ticket.Id)) Earn(ticket);
            if (ticket.IsSale) continue;
            foreach (var back in ticket.Lines.Where(line => OriginalOf(line) is { } sale && sales.ContainsKey(sale)).GroupBy(line => OriginalOf(line)!.Value))
            {
                if (seen.Add(back.Key)) Earn(sales[back.Key]);
                if (_orders.TryGetValue(back.Key, out var order)) Refund(order, ticket, [.. back]);
            }
        }

        await SaveAsync().ConfigureAwait(false);
    }

    private bool IsEarning(EarningTicket ticket) => ticket is { IsSale: true, Member: not null } && RulesOf(ticket.Day) is not null;

    // An order belongs to whom it was booked for, whoever the ticket is said to belong to later.
    private long MemberOf(EarningTicket sale) => _orders.TryGetValue(sale.Id, out var order) ? order.Member : sale.Member!.Value;

    private long? OriginalOf(EarningLine line) => line.Original is { } original && _originals.TryGetValue(original, out var sale) ? sale : null;

    private EarningRulesVersion? RulesOf(int day) => _versions.LastOrDefault(version => version.ValidFrom <= day);

    private async Task ReadAsync(IReadOnlyList<long> purchases)
    {
        await PurchaseReads.ReadTicketsAsync(tx, [.. purchases.Distinct()], _tickets).ConfigureAwait(false);
        var refunded = _tickets.Values.Where(ticket => !ticket.IsSale).SelectMany(ticket => ticket.Lines).Select(line => line.Original).OfType<long>().Distinct().ToList();
        _originals = await PurchaseReads.TicketsOfAsync(tx, refunded).ConfigureAwait(false);
        await PurchaseReads.ReadTicketsAsync(tx, [.. _originals.Values.Distinct().Where(sale => !_tickets.ContainsKey(sale))], _tickets).ConfigureAwait(false);
    }

    private async Task OpenAsync(List<EarningTicket> sales, List<EarningTicket> refunds)
    {
        await _ledger.OpenAsync(sales.Select(MemberOf)).ConfigureAwait(false);
        // Only under the locks: another worker may have brought the same tickets in.
        _orders = await PurchaseReads.OrdersAsync(tx, [.. sales.Select(sale => sale.Id)]).ConfigureAwait(false);
        var members = sales.Select(MemberOf).Distinct().Order().ToList();
        await _ledger.OpenAsync(members).ConfigureAwait(false);
        var touched = refunds.SelectMany(refund => refund.Lines).Select(OriginalOf).OfType<long>().ToHashSet();
        await _ledger.LoadLotsAsync(sales
            .Where(sale => touched.Contains(sale.Id) || sale.Day + RulesOf(sale.Day)!.Rules.PendingDays <= _ledger.Today || _ledger[MemberOf(sale)].NextDay <= _ledger.Today)
            .Select(MemberOf)).ConfigureAwait(false);
        _coupons = await CouponMultipliers.OfAsync(tx, [.. sales.Where(sale => !_orders.ContainsKey(sale.Id)).Select(sale => sale.Place)]).ConfigureAwait(false);
        if (_versions.Any(version => version.Rules.BirthdayMilli > 1000)) _birthdays = await PurchaseReads.BirthdaysAsync(tx, members).ConfigureAwait(false);
        if (await TierRulesStore.OfDayAsync(tx, _ledger.Today).ConfigureAwait(false) is not { } tiers) return;
        _tiers = new TierBook(tx, ids, events, tiers);
        await _tiers.OpenAsync(members, sales.Min(sale => sale.Day)).ConfigureAwait(false);
    }

    private void Earn(EarningTicket ticket)
    {
        var known = _orders.GetValueOrDefault(ticket.Id);
        var version = known is null ? RulesOf(ticket.Day)! : _versions.First(v => v.Version == known.RulesVersion);
        if (version.Rules.ExcludedStores.Contains(ticket.Place.Store.Value)) return;
        var lines = ticket.Lines.Where(line => known is null || !known.Lines.Exists(l => l.Id == line.Id))
            .Select(line => new OrderLine(line.Id, Paid(line, version.Rules), version.Rules.RateOf(line.Class, line.Product))).Where(line => line is { Fen: > 0, RateMilli: > 0 }).ToList();
        if (lines.Count == 0) return;
        var order = known ?? NewOrder(ticket, version);
        order.Lines.AddRange(lines);
        var (basePoints, bonus) = order.Grow(version.Rules);
        if (basePoints + bonus > 0) Issue(order, version.Rules, basePoints, bonus, lines[0].Id);
        _tiers?.Add(order.Member, ticket.Day, lines.Sum(line => line.Fen), ticket.Day);
    }

    private PointsOrder NewOrder(EarningTicket ticket, EarningRulesVersion version)
    {
        var member = ticket.Member!.Value;
        var (milli, part) = version.Rules.MultiplierOf(_tiers?.At(member, ticket.Day) ?? 0, _birthdays.TryGetValue(member, out var born) ? born : null, ChinaTime.Date(ticket.Day));
        if (_coupons.TryGetValue(ticket.Place, out var coupon) && coupon.Member == member && coupon.Milli > milli) (milli, part) = (coupon.Milli, PointsPart.Coupon);
        var order = new PointsOrder
        {
            PurchaseId = ticket.Id, Member = member, RulesVersion = version.Version, Day = ticket.Day, MultiplierMilli = milli, BonusPart = part, Lines = [], IsNew = true,
        };
        _orders.Add(ticket.Id, order);
        return order;
    }

    private void Issue(PointsOrder order, EarningRules rules, long basePoints, long bonus, long firstLine)
    {
        (PointsPart, long)[] parts = bonus == 0 ? [(PointsPart.Base, basePoints)] : [(PointsPart.Base, basePoints), (order.BonusPart, bonus)];
        var account = _ledger[order.Member];
        account.Earn(parts, $"earn:{firstLine}", new LotTerms(order.Day + rules.PendingDays, rules.ValidDays), order.Day, order.PurchaseId);
        account.CatchUp(_ledger.Today);
    }

    private void Refund(PointsOrder order, EarningTicket refund, List<EarningLine> lines)
    {
        var rules = _versions.First(version => version.Version == order.RulesVersion).Rules;
        long back = 0;
        long? first = null;
        foreach (var line in lines)
        {
            if (order.Refund(line.Original!.Value, line.Id, -Paid(line, rules)) is not { } fen) continue;
            back += fen;
            first ??= line.Id;
        }

        if (back == 0) return;
        if (order.Reverse() is > 0 and var points)
        {
            _ledger[order.Member].ClawBack(points, $"refund:{first}", refund.Day, lot => lot.OrderId == order.PurchaseId, order.PurchaseId);
        }

        _tiers?.Add(order.Member, order.Day, -back, Math.Max(refund.Day, order.Day));
    }

    private static long Paid(EarningLine line, EarningRules rules) => rules.EarnOnInsurance ? line.NetFen : line.NetFen - line.InsuranceFen;

    private async Task SaveAsync()
    {
        var changed = _orders.Values.Where(order => order.IsChanged).ToList();
        await PurchaseReads.SaveOrdersAsync(tx, changed).ConfigureAwait(false);
        await _ledger.SaveAsync().ConfigureAwait(false);
        if (_tiers is not null) await _tiers.SaveAsync().ConfigureAwait(false);
        await ReferralStore.FollowAsync(tx, changed, order => order.Day + _versions.First(version => version.Version == order.RulesVersion).Rules.PendingDays, _ledger.Today).ConfigureAwait(false);
    }
}
