using Engagement.Api.Hosting;
using Engagement.Members.Referrals;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Member;

/// <summary>Members bring members. Nobody is rewarded for sharing: the reward is for a first purchase that stays.</summary>
internal static class ReferralEndpoints
{
    private static readonly Problem s_unknown = new("referral.unknown_code", 404, new("没有这个邀请码，请核对。", "There is no such code: check it."));
    private static readonly Problem s_self = new("referral.self", 409, new("不能使用自己的邀请码。", "This is your own code."));
    private static readonly Problem s_notNew = new("referral.not_new", 409, new("邀请码只适用于当天新注册、未消费过的会员。", "A code is for members who joined today and were not known before."));

    public static RouteGroupBuilder MapReferral(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/referral").WithTags("Referral");

        group.MapGet("/", ReadAsync).RequireMember().WithSummary("The own code, how many came with it, and the rules");
        group.MapPost("/", JoinAsync).RequireMember().Idempotent().WithSummary("Say who brought me, on the day of joining").WithExample("""{"code":"K7M2XQ9P"}""");
        return member;
    }

    private static async Task<FastJson<ReferralAnswer>> ReadAsync(MemberCaller caller, Database database, ReferralDesk desk, IOptions<ReferralOptions> options, CancellationToken ct)
    {
        var code = await desk.CodeAsync(caller.Id, ct);
        var brought = await database.ReadAsync(session => ReferralDesk.ListAsync(session, caller.Id), ct);
        var rewarded = brought.Count(one => one.IsRewarded && one.State == ReferralState.Rewarded);
        return new(new ReferralAnswer(
            code, $"/pages/index/index?ref={code}", brought.Count, rewarded, (long)rewarded * options.Value.InviterPoints,
            [.. Rules(options.Value).Select(rule => rule.In(caller.Language))]), MemberJson.Default.ReferralAnswer);
    }

    private static async Task<Results<NoContent, ProblemAnswer>> JoinAsync(ReferralBody body, MemberCaller caller, Database database, ReferralDesk desk, CancellationToken ct)
    {
        if (body.Code.Trim() is not { Length: > 0 and <= 16 } code) return s_unknown.Answer();
        return await database.WriteAsync(tx => desk.JoinAsync(tx, caller.Id, code.ToUpperInvariant()), ct) switch
        {
            ReferralOutcome.Joined => TypedResults.NoContent(),
            ReferralOutcome.UnknownCode => s_unknown.Answer(),
            ReferralOutcome.Self => s_self.Answer(),
            ReferralOutcome.NotNew => s_notNew.Answer(),
        };
    }

    private static IEnumerable<Phrase> Rules(ReferralOptions options) =>
    [
        new($"新会员首次购买（处方药、甲类非处方药除外）且未退货，您得 {options.InviterPoints} 积分，对方得 {options.InvitedPoints} 积分。",
            $"When the new member's first purchase (prescription and class-A OTC medicines do not count) has stayed, you get {options.InviterPoints} points and they get {options.InvitedPoints}."),
        new($"每月最多奖励 {options.MonthlyCap} 位；分享本身没有奖励。", $"At most {options.MonthlyCap} members a month are rewarded; sharing itself is not."),
        new("首单退货的，双方积分一并收回。", "When that purchase is returned, the points of both are taken back."),
    ];
}

internal sealed record ReferralBody(string Code);

internal sealed record ReferralAnswer(string Code, string Page, int Invited, int Rewarded, long Points, IReadOnlyList<string> Rules);
