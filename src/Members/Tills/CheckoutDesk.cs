using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Tills;

/// <summary>Coupons and points on one ticket, in one transaction: quote, reserve, confirm, release, redeem. Repeated for a ticket, each answers what it answered first.</summary>
public sealed class CheckoutDesk
{
    private readonly Database _database;
    private readonly Clocks _clocks;
    private readonly CouponTill _till;
    private readonly TillPoints _points;
    private readonly PointsBook _book;
    private readonly TillOptions _options;

    /// <summary>Made by the container.</summary>
    public CheckoutDesk(Database database, IdGenerator ids, Clocks clocks, CouponTill till, PointsDesk desk, PointsBook book, IOptions<TillOptions> options)
    {
        (_database, _clocks, _till, _book, _options) = (database, clocks, till, book, options.Value);
        _points = new TillPoints(ids, clocks.Business, desk);
    }

    /// <summary>What coupons and points would do; nothing is held and nothing is promised.</summary>
    public async Task<CheckoutQuote> QuoteAsync(TillCheckout checkout, CancellationToken ct)
    {
        var coupons = await _till.QuoteAsync(checkout.Basket, ct).ConfigureAwait(false);
        return new CheckoutQuote(coupons, await _database.ReadAsync(session => PointsAsync(session, checkout, coupons), ct).ConfigureAwait(false));
    }

    /// <summary>Uses coupons and points on the ticket; what it had reserved is confirmed with them.</summary>
    public Task<CheckoutQuote> RedeemAsync(TillCheckout checkout, string till, string ticket, CancellationToken ct) => HoldAsync(checkout, till, ticket, null, ct);

    /// <summary>Keeps coupons and points for the ticket, for <paramref name="limit"/> or as long as the options say: for tills that may lose the line before they have printed.</summary>
    public Task<CheckoutQuote> ReserveAsync(TillCheckout checkout, string till, string ticket, TimeSpan? limit, CancellationToken ct) =>
        HoldAsync(checkout, till, ticket, limit ?? _options.Reservation, ct);

    /// <summary>Turns all that the ticket has reserved into use, or nothing of it.</summary>
    public Task<CheckoutEnd> ConfirmAsync(TicketRef ticket, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        await tx.LockTicketAsync(ticket).ConfigureAwait(false);
        var now = _clocks.Business.NowMs();
        var held = await TillPoints.LatestAsync(tx, ticket).ConfigureAwait(false);
        var points = held is { State: PointsState.Reserved or PointsState.Used } ? held : null;
        if (points?.IsLive(now) == false || held is { State: PointsState.Lapsed }) return Refused(PointsReason.ReservationExpired);
        var coupons = await _till.ConfirmAsync(tx, ticket).ConfigureAwait(false);
        var only = coupons.Refusal?.Reason == CouponReason.NothingReserved && points is not null;
        if (coupons.Refusal is { } refusal && !only) return new CheckoutEnd([], 0, 0, (refusal.Reason.Code, refusal.Sentence));
        if (points is { State: PointsState.Reserved }) await TillPoints.UseAsync(tx, points, now).ConfigureAwait(false);
        return new CheckoutEnd(coupons.Applied, points?.Points ?? 0, points?.Fen ?? 0);
    }, ct);

    /// <summary>Lets go of all that the ticket has reserved; says how many coupons and points that were. Repeated, it is none.</summary>
    public Task<(int Coupons, long Points)> ReleaseAsync(TicketRef ticket, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        await tx.LockTicketAsync(ticket).ConfigureAwait(false);
        var coupons = await CouponTill.ReleaseAsync(tx, ticket).ConfigureAwait(false);
        var held = await TillPoints.LatestAsync(tx, ticket).ConfigureAwait(false);
        return held is { State: PointsState.Reserved } && await _points.GiveBackAsync(tx, held, PointsState.Released).ConfigureAwait(false) ? (coupons, held.Points) : (coupons, 0L);
    }, ct);

    /// <summary>Gives back what was reserved for too long; how many tickets that were.</summary>
    internal Task<int> SweepAsync(CancellationToken ct) => _points.SweepAsync(_database, ct);

    private static CheckoutEnd Refused(PointsReason reason) => new([], 0, 0, (reason.Code, reason.Sentence));

    private Task<CheckoutQuote> HoldAsync(TillCheckout checkout, string till, string ticket, TimeSpan? limit, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        var place = new TicketRef(checkout.Basket.Store, till, ticket);
        await tx.LockTicketAsync(place).ConfigureAwait(false);
        await tx.ExecuteAsync("SAVEPOINT checkout").ConfigureAwait(false);
        var request = new RedeemRequest(checkout.Basket, till, ticket);
        var coupons = limit is { } kept ? await _till.ReserveAsync(tx, request, kept).ConfigureAwait(false) : await _till.RedeemAsync(tx, request).ConfigureAwait(false);
        var points = await PayAsync(tx, checkout, place, coupons, limit).ConfigureAwait(false);
        // All or nothing holds for points and coupons together.
        var none = checkout.Basket.Policy == StackingPolicy.AllOrNothing && (points.Refusal is not null || coupons.Refused.Count > 0);
        if (none) await tx.ExecuteAsync("ROLLBACK TO SAVEPOINT checkout").ConfigureAwait(false);
        await tx.ExecuteAsync("RELEASE SAVEPOINT checkout").ConfigureAwait(false);
        return none ? Undone(checkout, coupons, points) : new CheckoutQuote(coupons, points);
    }, ct);

    private static CheckoutQuote Undone(TillCheckout checkout, Quote coupons, PointsQuote points) => new(
        coupons with { Applied = [], Refused = [.. coupons.Refused, .. coupons.Applied.Select(applied => new RefusedCoupon(applied.Code, CouponReason.OthersRefused.About()))] },
        points with { Points = 0, Fen = 0, Shares = [], Refusal = points.Refusal ?? (checkout.Points > 0 ? PointsReason.OthersRefused : null) });

    private async Task<PointsQuote> PayAsync(Tx tx, TillCheckout checkout, TicketRef ticket, Quote coupons, TimeSpan? limit)
    {
        var now = _clocks.Business.NowMs();
        var held = await TillPoints.LatestAsync(tx, ticket).ConfigureAwait(false);
        if (held is not null && held.IsLive(now)) return await CarryAsync(tx, checkout, held, limit, now).ConfigureAwait(false);
        // The till begins anew: what had run out is not missed when this is confirmed.
        if (held is { State: PointsState.Reserved }) await _points.GiveBackAsync(tx, held, PointsState.Released).ConfigureAwait(false);
        if (held is { State: PointsState.Lapsed }) await TillPoints.ForgetAsync(tx, held).ConfigureAwait(false);
        if (checkout.Points == 0) return PointsQuote.None;
        if (held is { State: PointsState.Returned }) return PointsQuote.None with { Refusal = PointsReason.TicketRefunded };
        var plan = await PointsAsync(tx, checkout, coupons).ConfigureAwait(false);
        if (plan.Refusal is not null) return plan;
        var until = limit is { } kept ? now + (long)kept.TotalMilliseconds : (long?)null;
        var (paid, active) = await _points.HoldAsync(tx, ticket, checkout.Shopper!.Value.Member, plan.Points, plan.Fen, PaidLines(checkout.Basket, plan.Shares), until).ConfigureAwait(false);
        return paid is null ? plan with { Active = active, Points = 0, Fen = 0, Shares = [], Refusal = PointsReason.Insufficient } : plan with { Active = active };
    }

    private static List<PaidLine> PaidLines(Checkout basket, IReadOnlyList<LineShare> shares)
    {
        var fen = shares.ToDictionary(share => share.LineNo, share => share.Fen);
        return [.. basket.Lines.Select(line => new PaidLine(line.LineNo, line.Quantity, fen.GetValueOrDefault(line.LineNo)))];
    }

    // The ticket has its points; asked for again, the first answer comes again, and other points are refused.
    private static async Task<PointsQuote> CarryAsync(Tx tx, TillCheckout checkout, HeldPoints held, TimeSpan? limit, long now)
    {
        if (checkout.Points > 0 && (checkout.Points != held.Points || (checkout.Shopper is { } shopper && shopper.Member != held.Member))) return PointsQuote.None with { Refusal = PointsReason.TicketDiffers };
        if (held.State == PointsState.Reserved)
        {
            if (limit is { } kept) await TillPoints.ExtendAsync(tx, held, now, now + (long)kept.TotalMilliseconds).ConfigureAwait(false);
            else await TillPoints.UseAsync(tx, held, now).ConfigureAwait(false);
        }

        return new PointsQuote(null, held.Points, held.Points, held.Fen, held.Shares);
    }

    private async Task<PointsQuote> PointsAsync(Session session, TillCheckout checkout, Quote coupons)
    {
        if (checkout.Shopper is not { } shopper) return checkout.Points == 0 ? PointsQuote.None : PointsQuote.None with { Refusal = PointsReason.MemberNeeded };
        if (_options.CodeNeeded && !shopper.Present) return PointsQuote.None with { Refusal = checkout.Points == 0 ? null : PointsReason.CodeNeeded };
        var active = (await _book.BalanceAsync(session, shopper.Member).ConfigureAwait(false)).Active;
        var payable = await PayableAsync(session, checkout, coupons).ConfigureAwait(false);
        var usable = Math.Min(active, payable.Sum(line => line.Fen) / _options.FenPerPoint);
        if (checkout.Points > active) return new PointsQuote(active, usable, 0, 0, [], PointsReason.Insufficient);
        if (checkout.Points > usable) return new PointsQuote(active, usable, 0, 0, [], PointsReason.NotPayable);
        var fen = checkout.Points * _options.FenPerPoint;
        return new PointsQuote(active, usable, checkout.Points, fen, Spread(fen, payable));
    }

    // What the coupons left of each line, without what the law keeps points from.
    private async Task<List<LineShare>> PayableAsync(Session session, TillCheckout checkout, Quote coupons)
    {
        var lines = checkout.Basket.Lines;
        var known = await session.KnownProductsAsync(lines.Select(line => line.Sku)).ConfigureAwait(false);
        var rules = (await EarningRulesStore.OfDayAsync(session, _clocks.Business.Today()).ConfigureAwait(false))?.Rules ?? new EarningRules();
        var off = coupons.Applied.SelectMany(coupon => coupon.Shares).GroupBy(share => share.LineNo).ToDictionary(line => line.Key, line => line.Sum(share => share.Fen));
        return [.. lines.Select(line => new LineShare(line.LineNo, Math.Max(0, rules.BurnableFen(
            known.TryGetValue(line.Sku, out var product) ? product.Class : ProductClass.Unknown, line.NetFen - off.GetValueOrDefault(line.LineNo), line.InsuranceFen))))];
    }

    // By what each line costs; summed up as it goes, so that the parts add up to the fen and no line pays more than it costs.
    private static List<LineShare> Spread(long fen, List<LineShare> payable)
    {
        var total = payable.Sum(line => line.Fen);
        var shares = new List<LineShare>();
        var (before, given) = (0L, 0L);
        foreach (var line in payable.Where(line => line.Fen > 0))
        {
            before += line.Fen;
            var upTo = (long)((Int128)fen * before / total);
            if (upTo > given) shares.Add(new LineShare(line.LineNo, upTo - given));
            given = upTo;
        }

        return shares;
    }
}
