using Engagement.Members.Products;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Coupons;

/// <summary>What a till does with coupons: quote, reserve, confirm, release, redeem. However many tills try, one ticket gets the coupon.</summary>
/// <remarks>Writes take the caller's transaction, so that the ticket's own rows stand or fall with them.</remarks>
public sealed class CouponTill(Database database, IdGenerator ids, Clocks clocks, IOptions<CouponOptions> options)
{
    // Each lost race turns one coupon into a refusal, and there are at most twenty.
    private const int Attempts = 25;

    /// <summary>What the coupons would do; nothing is held and nothing is promised.</summary>
    public Task<Quote> QuoteAsync(Checkout checkout, CancellationToken ct) => database.ReadAsync(async session =>
    {
        if (checkout.Fault() is { } fault) return Invalid(checkout, fault);
        return (await PlanAsync(session, checkout, null, clocks.Business.NowMs()).ConfigureAwait(false)).Quote;
    }, ct);

    /// <summary>Uses the coupons on the ticket; what the ticket had reserved is confirmed with them.</summary>
    public Task<Quote> RedeemAsync(Tx tx, RedeemRequest request) => HoldAsync(tx, request, null);

    /// <inheritdoc cref="RedeemAsync(Tx, RedeemRequest)"/>
    public Task<Quote> RedeemAsync(RedeemRequest request, CancellationToken ct) => database.WriteAsync(tx => RedeemAsync(tx, request), ct);

    /// <summary>Keeps the coupons for the ticket, at most until the time limit: for tills that may lose the line before they have printed.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="request">The ticket.</param>
    /// <param name="limit">How long; no longer than <see cref="CouponOptions.LongestReservation"/>.</param>
    public Task<Quote> ReserveAsync(Tx tx, RedeemRequest request, TimeSpan limit)
    {
        var kept = TimeSpan.FromTicks(Math.Clamp(limit.Ticks, TimeSpan.TicksPerSecond, options.Value.LongestReservation.Ticks));
        return HoldAsync(tx, request, clocks.Business.NowMs() + (long)kept.TotalMilliseconds);
    }

    /// <summary>Turns all that the ticket has reserved into redemptions, or nothing of it. Repeated, it answers the same.</summary>
    public async Task<ConfirmAnswer> ConfirmAsync(Tx tx, TicketRef ticket)
    {
        var now = clocks.Business.NowMs();
        var rows = await tx.TicketAsync(ticket.Store, ticket.Till, ticket.Number).ConfigureAwait(false);
        var reserved = rows.FindAll(row => row.LiveCouponId is not null && row.Was == RedemptionState.Reserved);
        await tx.ExecuteAsync("SAVEPOINT confirm").ConfigureAwait(false);
        var confirmed = true;
        foreach (var row in reserved.OrderBy(row => row.CouponId)) confirmed = confirmed && await ConfirmAsync(tx, row, now).ConfigureAwait(false);
        if (!confirmed) await tx.ExecuteAsync("ROLLBACK TO SAVEPOINT confirm").ConfigureAwait(false);
        await tx.ExecuteAsync("RELEASE SAVEPOINT confirm").ConfigureAwait(false);
        if (!confirmed) return new ConfirmAnswer([], CouponReason.ReservationExpired.About());

        var used = rows.FindAll(row => row.LiveCouponId is not null);
        if (used.Count == 0) return new ConfirmAnswer([], (rows.Exists(row => row.Was == RedemptionState.Lapsed) ? CouponReason.ReservationExpired : CouponReason.NothingReserved).About());
        return new ConfirmAnswer(await AppliedAsync(tx, used).ConfigureAwait(false), null);
    }

    /// <summary>Lets go of what the ticket has reserved; says how many coupons that were. Repeated, it is none.</summary>
    public static async Task<int> ReleaseAsync(Tx tx, TicketRef ticket)
    {
        var released = 0;
        foreach (var row in await tx.TicketAsync(ticket.Store, ticket.Till, ticket.Number).ConfigureAwait(false))
        {
            if (row.LiveCouponId is not null && row.Was == RedemptionState.Reserved && await tx.LetGoAsync(row.Id, row.CouponId, RedemptionState.Released).ConfigureAwait(false)) released++;
        }

        return released;
    }

    private static async Task<bool> ConfirmAsync(Tx tx, TicketRow row, long now)
    {
        if (!await tx.ConfirmAsync(row.Id, row.CouponId, now).ConfigureAwait(false)) return false;
        await tx.CommitFenAsync(row.DefinitionId, row.DiscountFen + row.DeliveryFen - row.FaceFen).ConfigureAwait(false);
        return true;
    }

    private static async Task<IReadOnlyList<AppliedCoupon>> AppliedAsync(Session session, List<TicketRow> rows)
    {
        var shares = await session.SharesAsync([.. rows.Select(row => row.Id)]).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToApplied([.. shares[row.Id]]))];
    }

    private static Quote Invalid(Checkout checkout, string fault) =>
        new([], [.. (checkout.Codes is { Count: > 0 } codes ? codes : [""]).Select(code => new RefusedCoupon(code ?? "", CouponReason.RequestInvalid.About(fault)))], 0);

    private async Task<Quote> HoldAsync(Tx tx, RedeemRequest request, long? until)
    {
        if (request.Fault() is { } fault) return Invalid(request.Checkout, fault);
        await tx.LockTicketAsync(request.Ref).ConfigureAwait(false);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var now = clocks.Business.NowMs();
            await tx.ExecuteAsync("SAVEPOINT hold").ConfigureAwait(false);
            var plan = await PlanAsync(tx, request.Checkout, request.Ref, now).ConfigureAwait(false);
            var kept = await KeepAsync(tx, request, plan, now, until).ConfigureAwait(false);
            if (!kept) await tx.ExecuteAsync("ROLLBACK TO SAVEPOINT hold").ConfigureAwait(false);
            await tx.ExecuteAsync("RELEASE SAVEPOINT hold").ConfigureAwait(false);
            if (kept) return plan.Quote;
        }

        throw new InvalidOperationException($"Other writes took coupons of ticket {request.Ticket} {Attempts} times between look and write.");
    }

    // Coupons in the order of their ids, so that two tickets with the same coupons do not wait for each other. A coupon that another
    // write took since the plan was made ends the attempt: the next plan sees whose it is.
    private async Task<bool> KeepAsync(Tx tx, RedeemRequest request, Plan plan, long now, long? until)
    {
        // All or nothing also means that nothing of the ticket is confirmed while one coupon is refused.
        if (until is null && (request.Checkout.Policy == StackingPolicy.SkipInvalid || plan.Quote.Refused.Count == 0))
        {
            foreach (var row in plan.Carried.Where(row => row.Was == RedemptionState.Reserved).OrderBy(row => row.CouponId))
            {
                if (!await ConfirmAsync(tx, row, now).ConfigureAwait(false)) return false;
            }
        }

        // One ticket has one time limit: what it had before must not run out while the rest is still held.
        if (until is { } limit)
        {
            foreach (var row in plan.Carried.Where(row => row.Was == RedemptionState.Reserved && row.ReservedUntil < limit).OrderBy(row => row.CouponId))
            {
                if (!await tx.ExtendAsync(row.Id, row.CouponId, now, limit).ConfigureAwait(false)) return false;
            }
        }

        foreach (var applied in plan.Quote.Applied.Where(applied => plan.New.ContainsKey(applied.Id.Value)).OrderBy(applied => applied.Id.Value))
        {
            var coupon = plan.New[applied.Id.Value];
            var holding = HoldingOf(request, coupon, applied, now, until);
            if (!await tx.HoldAsync(holding).ConfigureAwait(false)) return false;
            await tx.InsertLinesAsync(holding.Redemption, request.Checkout.Lines, applied.Shares).ConfigureAwait(false);
            if (until is null) await tx.CommitFenAsync(coupon.DefinitionId, applied.DiscountFen + applied.DeliveryFen - coupon.FaceFen).ConfigureAwait(false);
        }

        return true;
    }

    private Holding HoldingOf(RedeemRequest request, HeldCoupon coupon, AppliedCoupon applied, long now, long? until) => new(
        ids.Next(), coupon.Id, coupon.MemberId, request.Ref, request.Checkout.Channel, applied.DiscountFen, applied.DeliveryFen, request.Cashier,
        request.CashierAccount?.Value == coupon.MemberId, now, until);

    private async Task<Plan> PlanAsync(Session session, Checkout checkout, TicketRef? ticket, long now)
    {
        var known = await session.KnownProductsAsync(checkout.Lines.Select(line => line.Sku)).ConfigureAwait(false);
        var stacker = new Stacker(checkout.Lines.Select(line => known.TryGetValue(line.Sku, out var product)
            ? new PricedLine(line.LineNo, line.Sku, product.Name, product.Class, line.Quantity, line.NetFen, line.InsuranceFen)
            : new PricedLine(line.LineNo, line.Sku, line.Sku, ProductClass.Unknown, line.Quantity, line.NetFen, line.InsuranceFen)), checkout.DeliveryFen);

        var rows = ticket is null ? [] : await session.TicketAsync(ticket.Store, ticket.Till, ticket.Number).ConfigureAwait(false);
        var carried = rows.FindAll(row => row.IsLive(now));
        foreach (var (row, applied) in carried.Zip(await AppliedAsync(session, carried).ConfigureAwait(false))) stacker.Carry(applied, IsAlone(row.Terms));

        var plan = new Plan(carried, rows, now);
        await SortAsync(session, checkout, plan).ConfigureAwait(false);
        if (ticket is not null && plan.New.Count > 0 && await IsTooFastAsync(session, checkout.Store, plan.New.Values.First().MemberId, now).ConfigureAwait(false)) plan.RefuseAll(CouponReason.TooFast);
        plan.Quote = stacker.Apply([.. plan.New.Values.Select(Usable)], plan.Refused, checkout.Policy);
        return plan;
    }

    // Which codes can be used as far as the basket does not matter, in the order of the request.
    private static async Task SortAsync(Session session, Checkout checkout, Plan plan)
    {
        var codes = checkout.Codes.Select(text => (Text: text, Code: CouponCode.TryParse(text, out var code) ? code : null)).ToList();
        var found = (await session.CouponsAsync([.. codes.Select(code => code.Code).OfType<string>().Distinct()]).ConfigureAwait(false)).ToDictionary(coupon => coupon.Code);
        var owner = checkout.Member?.Value ?? plan.Carried.FirstOrDefault()?.MemberId;
        var seen = new HashSet<string>();
        foreach (var (text, code) in codes)
        {
            if (code is null) plan.Refuse(text, CouponReason.CodeInvalid.About());
            else if (!found.TryGetValue(code, out var coupon)) plan.Refuse(text, CouponReason.Unknown.About());
            else if (!seen.Add(code)) plan.Refuse(text, CouponReason.Repeated.About());
            else if (coupon.MemberId != (owner ??= coupon.MemberId)) plan.Refuse(text, CouponReason.NotYours.About());
            else if (!plan.IsCarried(coupon.Id)) plan.Look(text, coupon, checkout);
        }
    }

    private async Task<bool> IsTooFastAsync(Session session, StoreId store, long member, long now)
    {
        const long Minute = 60_000, Day = 1440 * Minute;
        return await session.RedeemedByMemberAsync(member, now - Day).ConfigureAwait(false) >= options.Value.RedemptionsPerMemberAndDay
            || await session.RedeemedInStoreAsync(store, now - Minute).ConfigureAwait(false) >= options.Value.RedemptionsPerStoreAndMinute;
    }

    // A category that the configuration lost since the coupon was published comes last and stops nobody.
    private StackingCategory CategoryOf(CouponTerms terms) => options.Value.Categories.GetValueOrDefault(terms.Category) ?? new StackingCategory { Rank = int.MaxValue };

    private bool IsAlone(CouponTerms terms) => !terms.Combinable || CategoryOf(terms).Exclusive;

    private UsableCoupon Usable(HeldCoupon coupon) => new(new CouponId(coupon.Id), coupon.Code, coupon.Terms, CategoryOf(coupon.Terms));

    /// <summary>What one look at the ticket and its coupons came to.</summary>
    private sealed class Plan(List<TicketRow> carried, List<TicketRow> rows, long now)
    {
        /// <summary>What the ticket has already.</summary>
        public List<TicketRow> Carried => carried;

        /// <summary>Coupons that could be used, by id, in the order of the request.</summary>
        public OrderedDictionary<long, HeldCoupon> New { get; } = [];

        public List<RefusedCoupon> Refused { get; } = [];

        public Quote Quote { get; set; } = new([], [], 0);

        public bool IsCarried(long coupon) => carried.Exists(row => row.CouponId == coupon);

        public void Refuse(string code, CouponRefusal refusal) => Refused.Add(new RefusedCoupon(code, refusal));

        public void Look(string code, HeldCoupon coupon, Checkout checkout)
        {
            // A late repetition of a sale that was refunded must not use the coupon once more.
            if (rows.Exists(row => row.CouponId == coupon.Id && row.Was is RedemptionState.Returned or RedemptionState.Reissued)) Refuse(code, CouponReason.TicketRefunded.About());
            else if (coupon.Refusal(now, checkout.Store, checkout.Channel) is { } refusal) Refused.Add(new RefusedCoupon(code, refusal, coupon.HeldBy));
            else New.Add(coupon.Id, coupon);
        }

        public void RefuseAll(CouponReason reason)
        {
            foreach (var coupon in New.Values) Refuse(coupon.Code, reason.About());
            New.Clear();
        }
    }
}
