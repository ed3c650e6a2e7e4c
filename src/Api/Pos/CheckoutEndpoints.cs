using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Members.Coupons;
using Engagement.Members.Tills;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Pos;

/// <summary>Coupons and points at the till. However many tills try at once, a coupon and a point are used once; a request that is repeated for its ticket gets its first answer.</summary>
internal static class CheckoutEndpoints
{
    private const int LongestMinutes = 24 * 60;

    private const string Example = """{"store":"S001","till":"1","ticket":"20260301-0002","lines":[{"line":1,"sku":"300001","quantity":1,"netFen":16900}],"coupons":["ABCDEFGH23456789"]}""";
    private const string PlaceExample = """{"store":"S001","till":"1","ticket":"20260301-0002"}""";

    public static RouteGroupBuilder MapCheckout(this RouteGroupBuilder pos)
    {
        var group = pos.MapGroup("/checkout").WithTags("Tills: coupons and points").Refuses([.. ReasonRefusals.OfCoupons, .. ReasonRefusals.OfPoints]);

        group.MapPost("/quote", QuoteAsync).RequireKey(PosRight.Redeem).WithSummary("What coupons and points would do to a basket; nothing is held")
            .WithExample("""{"store":"S001","lines":[{"line":1,"sku":"300001","quantity":1,"netFen":16900}],"coupons":["ABCDEFGH23456789"]}""").Refuses(Problems.NotFound);
        group.MapPost("/reserve", ReserveAsync).RequireKey(PosRight.Redeem).WithSummary("Keep them for a ticket, 15 minutes or as long as \"minutes\" says; 409 with the first reason when nothing could be kept").WithExample(Example).Refuses(Problems.NotFound);
        group.MapPost("/redeem", RedeemAsync).RequireKey(PosRight.Redeem).WithSummary("Use them on a ticket at once, what it had reserved too; 409 with the first reason when nothing could be used").WithExample(Example).Refuses(Problems.NotFound);
        group.MapPost("/confirm", ConfirmAsync).RequireKey(PosRight.Redeem).WithSummary("Turn all that a ticket has reserved into use, or nothing of it").WithExample(PlaceExample).Refuses(Problems.NotFound);
        group.MapPost("/release", ReleaseAsync).RequireKey(PosRight.Redeem).WithSummary("Let go of all that a ticket has reserved").WithExample(PlaceExample).Refuses(Problems.NotFound);
        return group;
    }

    private static async Task<Results<Ok<CheckoutView>, ProblemAnswer>> QuoteAsync(
        QuoteBody body, PosCaller caller, CheckoutDesk desk, CounterRef refs, Database database, HttpRequest request, CancellationToken ct)
    {
        var (checkout, fault) = await ReadAsync(body, caller, refs, database, ct);
        if (fault is not null) return fault.Answer();
        var quote = await desk.QuoteAsync(checkout!, ct);
        return TypedResults.Ok(CheckoutView.Of(quote, await HoldersAsync(quote, caller, database, ct), Languages.Of(request)));
    }

    private static Task<Results<Ok<CheckoutView>, ProblemAnswer>> ReserveAsync(
        HoldBody body, PosCaller caller, CheckoutDesk desk, CounterRef refs, Database database, IOptions<JsonOptions> json, HttpRequest request, CancellationToken ct) => body.Minutes is < 1 or > LongestMinutes
            ? Task.FromResult<Results<Ok<CheckoutView>, ProblemAnswer>>(Problems.Fields(("minutes", new("1 到 1440", "1 to 1440"))).Answer())
            : HoldAsync(body, caller, refs, database, json, request, checkout => desk.ReserveAsync(checkout, body.Till, body.Ticket, body.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null, ct), ct);

    private static Task<Results<Ok<CheckoutView>, ProblemAnswer>> RedeemAsync(
        HoldBody body, PosCaller caller, CheckoutDesk desk, CounterRef refs, Database database, IOptions<JsonOptions> json, HttpRequest request, CancellationToken ct) =>
        HoldAsync(body, caller, refs, database, json, request, checkout => desk.RedeemAsync(checkout, body.Till, body.Ticket, ct), ct);

    private static async Task<Results<Ok<CheckoutView>, ProblemAnswer>> HoldAsync(
        HoldBody body, PosCaller caller, CounterRef refs, Database database, IOptions<JsonOptions> json, HttpRequest request, Func<TillCheckout, Task<CheckoutQuote>> hold, CancellationToken ct)
    {
        if (PlaceFault(body.Till, body.Ticket) is { } misplaced) return misplaced.Answer();
        var (checkout, fault) = await ReadAsync(body.Basket, caller, refs, database, ct);
        if (fault is not null) return fault.Answer();
        var quote = await hold(checkout!);
        var view = CheckoutView.Of(quote, await HoldersAsync(quote, caller, database, ct), Languages.Of(request));
        // Something was used, or nothing was asked for: else the first reason is the answer.
        if (view.Coupons.Count > 0 || view.Points.Points > 0 || (view.Refused.Count == 0 && view.Points.Refused is null)) return TypedResults.Ok(view);
        var (code, sentence) = quote.Coupons.Refused is [var first, ..] ? (first.Refusal.Reason.Code, first.Refusal.Sentence) : (quote.Points.Refusal!.Code, quote.Points.Refusal.Sentence);
        return (new Problem(code, StatusCodes.Status409Conflict, sentence) with
        {
            More = new JsonObject { ["refused"] = JsonSerializer.SerializeToNode(view.Refused, json.Value.SerializerOptions), ["points"] = JsonSerializer.SerializeToNode(view.Points, json.Value.SerializerOptions) },
        }).Answer();
    }

    private static async Task<Results<Ok<ConfirmedView>, ProblemAnswer>> ConfirmAsync(TicketPlaceBody body, PosCaller caller, CheckoutDesk desk, Database database, CancellationToken ct)
    {
        var (place, fault) = await PlaceAsync(body, caller, database, ct);
        if (fault is not null) return fault.Answer();
        var end = await desk.ConfirmAsync(place!, ct);
        return end.Refusal is { } refusal
            ? new Problem(refusal.Code, StatusCodes.Status409Conflict, refusal.Sentence).Answer()
            : TypedResults.Ok(new ConfirmedView([.. end.Coupons.Select(AppliedCouponView.Of)], end.Points, end.PointsFen));
    }

    private static async Task<Results<Ok<ReleasedView>, ProblemAnswer>> ReleaseAsync(TicketPlaceBody body, PosCaller caller, CheckoutDesk desk, Database database, CancellationToken ct)
    {
        var (place, fault) = await PlaceAsync(body, caller, database, ct);
        if (fault is not null) return fault.Answer();
        var (coupons, points) = await desk.ReleaseAsync(place!, ct);
        return TypedResults.Ok(new ReleasedView(coupons, points));
    }

    private static async Task<(TillCheckout? Checkout, Problem? Fault)> ReadAsync(QuoteBody body, PosCaller caller, CounterRef refs, Database database, CancellationToken ct)
    {
        if (body.Lines.Any(line => line is null)) return (null, Problems.Fields(("lines", new("不能为 null", "never null"))));
        if (await database.ReadAsync(session => caller.StoreAsync(session, body.Store), ct) is not { } store) return (null, Problems.NotFound);
        var shopper = body.Member is { } shown ? refs.Read(shown) : null;
        if (body.Member is not null && shopper is null) return (null, PosProblems.MemberUnknown);
        var checkout = body.ToCheckout(store, shopper);
        return checkout.Fault() is { } fault ? (null, Problems.Fields((fault, new("内容有误", "not acceptable")))) : (checkout, null);
    }

    private static async Task<(TicketRef? Place, Problem? Fault)> PlaceAsync(TicketPlaceBody body, PosCaller caller, Database database, CancellationToken ct)
    {
        if (PlaceFault(body.Till, body.Ticket) is { } fault) return (null, fault);
        return await database.ReadAsync(session => caller.StoreAsync(session, body.Store), ct) is { } store ? (new TicketRef(store, body.Till, body.Ticket), null) : (null, Problems.NotFound);
    }

    private static Problem? PlaceFault(string till, string ticket) =>
        till.Length is < 1 or > 16 || till != till.Trim() ? Problems.Fields(("till", new("1 到 16 个字符，前后无空格", "1 to 16 characters, no space around them")))
        : ticket.Length is < 1 or > 64 || ticket != ticket.Trim() ? Problems.Fields(("ticket", new("1 到 64 个字符，前后无空格", "1 to 64 characters, no space around them")))
        : null;

    // The ticket that has a coupon is named with its store's code, and only to keys of that store.
    private static async Task<Dictionary<long, string>> HoldersAsync(CheckoutQuote quote, PosCaller caller, Database database, CancellationToken ct)
    {
        var ids = quote.Coupons.Refused.Select(refused => refused.HeldBy?.Store.Value).OfType<long>().Where(caller.Key.Covers).Distinct().ToList();
        return ids.Count == 0 ? [] : await database.ReadAsync(session => session.StoreCodesAsync(ids), ct);
    }
}
