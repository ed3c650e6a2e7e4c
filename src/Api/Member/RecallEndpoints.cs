using Engagement.Api.Hosting;
using Engagement.Members.Recalls;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>追溯码与召回查询: only ever the member's own purchases.</summary>
internal static class RecallEndpoints
{
    private const int LongestCode = 64;

    private static readonly Problem s_code = new("trace_code_invalid", 400, new("请输入药盒上的追溯码或批号。", "Give the trace code or batch on the box."));

    public static RouteGroupBuilder MapRecalls(this RouteGroupBuilder member)
    {
        member.MapGet("/recalls", LookAsync).RequireMember().WithTags("Recalls").WithSummary("Whether a trace code or batch is of the member's own purchase, and recalled");
        return member;
    }

    private static async Task<Results<Ok<RecallView>, ProblemAnswer>> LookAsync(string? code, MemberCaller caller, RecallDesk desk, CancellationToken ct)
    {
        if (code?.Trim() is not { Length: > 0 and <= LongestCode } clean || !clean.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' or '/')) return s_code.Answer();
        var look = await desk.LookAsync(caller.Id, clean, ct);
        var purchase = look.Day is { } day ? new RecallPurchase(ChinaTime.Date(day), look.Store, look.Product!) : null;
        return TypedResults.Ok(new RecallView(purchase, look.Recall is not null, Words(look).In(caller.Language)));
    }

    private static Phrase Words(RecallLook look) => (look.Day, look.Recall) switch
    {
        (not null, { } recall) => new($"您购买的这一批次正在召回：{recall.Reason}。{recall.Advice}", $"The batch that you bought is being recalled: {recall.Reason}. {recall.Advice}"),
        (not null, null) => new("这是您在本药房购买的商品，该批次没有召回。", "You bought this from us, and its batch is not recalled."),
        (null, { } recall) => new($"没有查到您的购买记录，但这一批号正在召回（{recall.ProductName}）：{recall.Advice}", $"There is no purchase of yours with it, but the batch is being recalled ({recall.ProductName}): {recall.Advice}"),
        _ => new("没有查到您的购买记录，也没有该批次的召回。", "There is no purchase of yours with it, and no recall of such a batch."),
    };
}

internal sealed record RecallPurchase(DateOnly At, string? Store, string Product);

internal sealed record RecallView(RecallPurchase? Purchase, bool Recalled, string Text);
