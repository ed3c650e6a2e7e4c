using Engagement.Api.Hosting;
using Engagement.Members.Codes;
using Engagement.Members.Coupons;
using Engagement.Storage;

namespace Engagement.Api.Member;

/// <summary>What the member shows at the till.</summary>
internal static class CodeEndpoints
{
    public static RouteGroupBuilder MapMemberCode(this RouteGroupBuilder member)
    {
        member.MapGet("/code", ReadAsync).RequireMember().WithTags("Member code").WithSummary("The code to show at the till; it works for at most a minute");
        return member;
    }

    private static async Task<FastJson<MemberCodeAnswer>> ReadAsync(MemberCaller caller, MemberCodes codes, CancellationToken ct)
    {
        var code = await codes.IssueAsync(caller.Id, ct);
        return new(new MemberCodeAnswer(code.Code, ChinaTime.In(code.ExpiresAt), CodeImage.Qr(code.Code), CodeImage.Barcode(code.Code)), MemberJson.Default.MemberCodeAnswer);
    }
}

internal sealed record MemberCodeAnswer(string Code, DateTimeOffset ExpiresAt, string QrSvg, string BarcodeSvg);
