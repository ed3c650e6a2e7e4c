using Engagement.Api.Hosting;
using Engagement.Members.Tips;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>健康科普 for members and visitors. An answer holds knowledge and nothing else: no product, coupon, phone, store or link.</summary>
internal static class TipEndpoints
{
    private const int FeedLength = 20;

    public static RouteGroupBuilder MapTips(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/tips").WithTags("Tips");

        group.MapGet("/", ReadAsync).RequireVisitor().WithSummary("Articles of the season, by tags that the consent allows, each with the reason; none that was read in the last half year");
        group.MapGet("/{tipId:long}", OpenAsync).RequireVisitor().WithSummary("An article with source and reviewer; marks it read");
        group.MapPost("/{tipId:long}/useful", RateAsync).RequireMember().WithSummary("Whether it was useful").WithExample("""{"useful":true}""");
        return group;
    }

    private static async Task<Ok<ItemList<TipEntry>>> ReadAsync(MemberCaller caller, TipFeed feed, CancellationToken ct)
    {
        var chosen = await feed.ReadAsync(caller.Member, FeedLength, ct);
        return TypedResults.Ok(new ItemList<TipEntry>([.. chosen.Select(one => new TipEntry(
            one.Tip.Id.ToString(), one.Tip.Content.Title, one.Tip.Content.Summary, one.Reason.In(caller.Language), [.. one.Tip.Content.Tags.Select(tag => HealthTags.Name(tag).In(caller.Language))]))]));
    }

    private static async Task<Results<Ok<TipPage>, ProblemAnswer>> OpenAsync(long tipId, MemberCaller caller, TipFeed feed, CancellationToken ct) =>
        await feed.OpenAsync(caller.Member, tipId, ct) is { } tip
            ? TypedResults.Ok(new TipPage(tip.Id.ToString(), tip.Content.Title, tip.Content.Paragraphs, tip.Content.Source, $"{tip.Reviewer}（{tip.LicenceNo}）",
                tip.ReviewedDay is { } day ? ChinaTime.Date(day) : null, tip.Version, ChinaTime.Date(tip.ValidUntil)))
            : Problems.NotFound.Answer();

    private static async Task<Results<NoContent, ProblemAnswer>> RateAsync(long tipId, UsefulBody body, MemberCaller caller, TipFeed feed, CancellationToken ct) =>
        await feed.RateAsync(caller.Id, tipId, body.Useful, ct) ? TypedResults.NoContent() : Problems.NotFound.Answer();
}

internal sealed record UsefulBody(bool Useful);

internal sealed record TipEntry(string Id, string Title, string Summary, string Reason, IReadOnlyList<string> Tags);

internal sealed record TipPage(string Id, string Title, IReadOnlyList<string> Paragraphs, string Source, string Reviewer, DateOnly? ReviewedOn, int Version, DateOnly ValidUntil);
