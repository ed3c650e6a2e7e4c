using Engagement.Api.Hosting;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>The ledger of subscribe messages that a member allows: one tap is one message.</summary>
internal static class GrantEndpoints
{
    // More than this at one tap is no tap.
    private const int MostResults = 5;

    public static RouteGroupBuilder MapMemberGrants(this RouteGroupBuilder member)
    {
        member.MapGet("/grants", ListAsync).RequireMember().WithTags("Member grants").WithSummary("How many messages of each template are still allowed");
        member.MapPost("/grants", AddAsync).RequireMember().Idempotent().WithTags("Member grants").WithSummary("What wx.requestSubscribeMessage answered")
            .WithExample("""{"results":[{"templateId":"TMPL-REFILL-0001","result":"accept"}],"moment":"taken"}""");
        member.MapGet("/subscribe-templates", AskAsync).RequireMember().WithTags("Member grants").WithSummary("Which templates to ask for at a moment (redeemed, taken, refill), at most three").Refuses(Problems.FieldsInvalid);
        return member;
    }

    private static async Task<Ok<GrantList>> ListAsync(MemberCaller caller, Database database, SubscribeMoments moments, CancellationToken ct)
    {
        var left = await database.ReadAsync(session => GrantBook.LeftAsync(session, caller.Id), ct);
        var names = await moments.NamesAsync(ct);
        return TypedResults.Ok(new GrantList([.. left.Select(grant => new GrantItem(
            grant.TemplateId, names.GetValueOrDefault(grant.TemplateId) ?? grant.Title, grant.Remaining, new Phrase($"还可提醒您 {grant.Remaining} 次", $"{grant.Remaining} more to come").In(caller.Language)))], null));
    }

    private static async Task<Results<Ok<GrantList>, ProblemAnswer>> AddAsync(
        GrantBody body, MemberCaller caller, Database database, GrantBook book, SubscribeMoments moments, IdempotentRequest once, CancellationToken ct)
    {
        var ours = await moments.NamesAsync(ct);
        if (body.Results.Count is 0 or > MostResults || body.Results.Any(one => !ours.ContainsKey(one.TemplateId)) || body.Results.DistinctBy(one => one.TemplateId).Count() != body.Results.Count)
        {
            return Problems.Fields(("results", new("须为 1 到 5 个不同的本店模板", "must be 1 to 5 different templates of ours"))).Answer();
        }

        await database.WriteAsync(async tx =>
        {
            foreach (var one in body.Results.Where(one => one.Result != TapResult.Filter))
            {
                await book.ApplyAsync(tx, new SubscriptionTap(caller.Session.Account, caller.Session.OpenId, one.TemplateId, one.Result == TapResult.Accept, Popup: true) { FromMiniProgram = true });
            }

            await IdempotencyStore.CommitAsync(tx, once);
        }, ct);
        return await ListAsync(caller, database, moments, ct);
    }

    private static async Task<Results<Ok<AskableList>, ProblemAnswer>> AskAsync(string moment, SubscribeMoments moments, CancellationToken ct) =>
        await moments.AskAsync(moment, ct) is { } templates
            ? TypedResults.Ok(new AskableList([.. templates.Select(one => new AskableItem(one.TemplateId, one.Title))]))
            : Problems.Fields(("moment", new("应为 redeemed、taken 或 refill", "is redeemed, taken or refill"))).Answer();
}

internal enum TapResult
{
    Accept = 1,
    Reject = 2,

    /// <summary>The platform has banned the template.</summary>
    Ban = 3,

    /// <summary>WeChat did not show it, because another of the same title was.</summary>
    Filter = 4,
}

internal sealed record GrantResult(string TemplateId, TapResult Result);

internal sealed record GrantBody(IReadOnlyList<GrantResult> Results, string Moment = "");

internal sealed record GrantItem(string TemplateId, string Title, int Left, string Text);

internal sealed record GrantList(IReadOnlyList<GrantItem> Items, string? Next);

internal sealed record AskableItem(string TemplateId, string Title);

internal sealed record AskableList(IReadOnlyList<AskableItem> Items);
