using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Tills;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Pos;

/// <summary>Members at the counter. What identifies them stands in the body: addresses end up in logs.</summary>
internal static class CounterEndpoints
{
    public static RouteGroupBuilder MapCounter(this RouteGroupBuilder pos)
    {
        var group = pos.MapGroup("/members").WithTags("Tills: members");

        group.MapPost("/", FindAsync).RequireKey(PosRight.Members).WithSummary("Look a member up by the code on the phone, by card or by phone number; the names are masked. Usable coupons only for who shows the code")
            .WithExample("""{"store":"S001","phone":"13800138000"}""").Refuses(Problems.NotFound);
        return group;
    }

    private static async Task<Results<Ok<CounterView>, ProblemAnswer>> FindAsync(
        LookupBody body, PosCaller caller, Counter counter, CounterRef refs, Database database, AuditLog audit, HttpRequest request, CancellationToken ct)
    {
        if (body.Fault() is { } fault) return fault.Answer();
        if (await database.ReadAsync(session => caller.StoreAsync(session, body.Store), ct) is not { } store) return Problems.NotFound.Answer();
        var found = body.Code is { } code ? await counter.ByCodeAsync(code, store, ct)
            : body.Card is { } card ? await counter.ByCardAsync(card, caller.Key.Source, store, ct)
            : await counter.ByPhoneAsync(body.Phone!, store, ct);
        await database.WriteAsync(tx => audit.AppendAsync(tx, Entries(caller, store, body.By, found)), ct);
        return TypedResults.Ok(new CounterView([.. found.Select(member => CounterMemberView.Of(member, refs, Languages.Of(request)))]));
    }

    // A look that finds nobody is an entry too: somebody who tries numbers shows in the log.
    private static List<AuditEntry> Entries(PosCaller caller, StoreId store, string by, IReadOnlyList<CounterMember> found)
    {
        var entry = new AuditEntry(caller.ActorAt(store), "member.lookup") { Detail = $$"""{"by":"{{by}}"}""" };
        return found.Count == 0 ? [entry with { Outcome = AuditEntry.Refused }] : [.. found.Select(member => entry with { MemberId = member.Shopper.Member.Value })];
    }
}

/// <summary>By what a member is looked up: exactly one of code, card and phone.</summary>
internal sealed record LookupBody(string Store, string? Code = null, string? Card = null, string? Phone = null)
{
    private const int Longest = 64;

    public string By => Code is not null ? "code" : Card is not null ? "card" : "phone";

    public Problem? Fault() => (string?[])[Code, Card, Phone] is var given && given.Count(text => text is not null) == 1 && given.All(text => text is null or { Length: >= 1 and <= Longest })
        ? null : Problems.Fields(("code", new("code、card、phone 三者给出其一，最多 64 个字符", "one of code, card and phone, at most 64 characters")));
}

internal sealed record CounterView(IReadOnlyList<CounterMemberView> Items);

/// <summary>A member as a cashier sees one. <paramref name="Ref"/> stands for the member in what follows, until <paramref name="Until"/>.</summary>
internal sealed record CounterMemberView(string Ref, DateTimeOffset Until, bool Present, string Name, string Phone, string? Tier, long Points, IReadOnlyList<CounterCouponView> Coupons)
{
    public static CounterMemberView Of(CounterMember member, CounterRef refs, Language language)
    {
        var (text, until) = refs.Of(member.Shopper);
        return new(text, ChinaTime.In(until), member.Shopper.Present, member.Name, member.Phone, member.Tier, member.Points, [.. member.Coupons.Select(CounterCouponView.Of)]);
    }
}

internal sealed record CounterCouponView(string Code, string Title, CouponKind Kind, long Value, long ThresholdFen, DateTimeOffset ValidUntil)
{
    public static CounterCouponView Of(WalletCoupon coupon) => new(coupon.Code, coupon.Terms.Title, coupon.Terms.Kind, coupon.Terms.Value, coupon.Terms.ThresholdFen, ChinaTime.In(coupon.ValidUntil));
}
