using Engagement.Api.Hosting;
using Engagement.Members.Points;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>Points as their member sees them. What points buy is in the coupon centre.</summary>
internal static class PointsEndpoints
{
    public static RouteGroupBuilder MapMemberPoints(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/points").WithTags("Member points");

        group.MapGet("/", BalanceAsync).RequireMember().WithSummary("What there is, what becomes active, what is owed, what expires soon");
        group.MapGet("/ledger", LedgerAsync).RequireMember().WithSummary("What came and went in plain words, newest first");
        group.MapGet("/catalogue", CouponEndpoints.CatalogueAsync).RequireMember().WithSummary("What points buy: the offers of the coupon centre that have a points price");
        return member;
    }

    private static async Task<FastJson<PointsAnswer>> BalanceAsync(MemberCaller caller, Database database, PointsBook book, CancellationToken ct)
    {
        var balance = await database.ReadAsync(session => book.BalanceAsync(session, caller.Id), ct);
        var expiring = balance.ExpiringSoon > 0 ? new PointsExpiring(balance.ExpiringSoon, ChinaTime.Date(balance.NextExpiryDay!.Value)) : null;
        return new(new PointsAnswer(balance.Active, balance.Pending, balance.Owed, expiring), MemberJson.Default.PointsAnswer);
    }

    private static async Task<Results<FastJson<Page<PointsLedgerItem>>, ProblemAnswer>> LedgerAsync(string? cursor, int? limit, MemberCaller caller, Database database, PointsBook book, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var page = await database.ReadAsync(session => book.PageAsync(session, caller.Id, before, Cursor.Rows(limit) - 1), ct);
        return new FastJson<Page<PointsLedgerItem>>(
            new([.. page.Lines.Select(line => PointsLedgerItem.Of(line, caller.Language))], page.Next is { } next ? Cursor.Of(next) : null), MemberJson.Default.PagePointsLedgerItem);
    }
}

internal sealed record PointsAnswer(long Active, long Pending, long Owed, PointsExpiring? Expiring);

/// <summary>Points that expire within thirty days, and the last day of those that go first.</summary>
internal sealed record PointsExpiring(long Points, DateOnly By);

internal sealed record PointsLedgerItem(string Id, DateTimeOffset At, string Kind, long Points, long ActiveAfter, string Text, IReadOnlyList<string> Notes)
{
    public static PointsLedgerItem Of(PointsLine line, Language language) => new(
        line.Id.ToString(), ChinaTime.At(line.Day, TimeOnly.MinValue), EnumWord.Of(line.Kind), line.Points, line.ActiveAfter, line.Title.In(language), [.. line.Notes.Select(note => note.In(language))]);
}
