using System.ComponentModel;
using Engagement.Api.Hosting;
using Engagement.Members.Consents;
using Engagement.Members.Profiles;
using Engagement.Members.SignIn;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.WeChat;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>How a visitor becomes a member: by the phone button, or by a code that comes as SMS.</summary>
internal static class PhoneEndpoints
{
    public static readonly Problem NotMainland = new("phone_not_mainland", 400, new("目前只支持中国大陆手机号。", "Only mobile numbers of mainland China can be used."));
    public static readonly Problem PhoneInvalid = new("phone_invalid", 400, new("手机号格式不对。", "This is no mobile number."));
    public static readonly Problem CodeWrong = new("phone_code_refused", 400, new("验证码不对，或已过期。", "The code is wrong, or no longer good."));
    public static readonly Problem CodesTooMany = new("phone_codes_too_many", 429, new("验证码发送过于频繁，请稍后再试。", "Too many codes: try again later."));
    public static readonly Problem CodeNotSent = new("phone_code_not_sent", 503, new("短信暂时发不出去，请稍后再试，或使用微信手机号授权。", "No SMS can be sent now: try again later, or give the number with WeChat's button."));
    public static readonly Problem NumberRefused = new("phone_takes_no_sms", 400, new("该号码收不到短信，请换一个号码。", "This number takes no SMS: use another."));

    public static RouteGroupBuilder MapMemberPhone(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/phone").WithTags("Member phone");

        group.MapPost("/", ByButtonAsync).RequireVisitor().WithSummary("Give the phone number with the code of the phone button").WithExample("""{"code":"e31968a7f94cc5ee25fafc2aef2773f0bb8c3937b22520eb8ee345274d00c144"}""");
        group.MapPost("/sms", SendCodeAsync).RequireVisitor().WithSummary("Send a code by SMS").WithExample("""{"phone":"19900000001"}""");
        group.MapPost("/sms/confirm", ByCodeAsync).RequireVisitor().WithSummary("Give the phone number with the code that came").WithExample("""{"phone":"19900000001","code":"123456"}""");
        return group;
    }

    private static async Task<Results<Ok<PhoneAnswer>, ProblemAnswer>> ByButtonAsync(WeChatCode body, MemberCaller caller, IWeChatAccountApi weChat, PhoneDesk desk, CancellationToken ct)
    {
        if (!body.Plausible) return MemberProblems.CodeRefused.Answer();
        var reply = await weChat.PhoneAsync(body.Code, caller.Session.OpenId, ct);
        if (reply.Value is not { } given) return MemberProblems.Of(reply.Class, reply.Code).Answer();
        if (given.CountryCode is not ("" or "86") || !PhoneNumber.TryParse(given.Number, out var phone, out _)) return NotMainland.Answer();
        return TypedResults.Ok(await BindAsync(caller, phone, "phone_button", desk, ct));
    }

    private static async Task<Results<Accepted, ProblemAnswer>> SendCodeAsync(PhoneGiven body, MemberCaller caller, PhoneCodes codes, VerificationSms sms, CancellationToken ct) =>
        await SendAsync(body.Phone, PhoneCodePurpose.OwnPhone, caller, codes, sms, ct) is { } refused ? refused.Answer() : TypedResults.Accepted((string?)null);

    private static async Task<Results<Ok<PhoneAnswer>, ProblemAnswer>> ByCodeAsync(PhoneWithCode body, MemberCaller caller, PhoneCodes codes, PhoneDesk desk, CancellationToken ct)
    {
        if (!PhoneNumber.TryParse(body.Phone, out var phone, out _)) return PhoneInvalid.Answer();
        if (!await codes.TakeAsync(caller.Session.Id, phone, PhoneCodePurpose.OwnPhone, body.Code, ct)) return CodeWrong.Answer();
        return TypedResults.Ok(await BindAsync(caller, phone, "sms_code", desk, ct));
    }

    /// <summary>Makes a code and sends it; <c>null</c> when it is on its way.</summary>
    public static async Task<Problem?> SendAsync(string text, PhoneCodePurpose purpose, MemberCaller caller, PhoneCodes codes, VerificationSms sms, CancellationToken ct)
    {
        if (!PhoneNumber.TryParse(text, out var phone, out _)) return PhoneInvalid;
        var made = await codes.MakeAsync(caller.Session.Id, phone, purpose, ct);
        if (made.Code is null) return CodesTooMany;
        return await sms.SendAsync(phone, made.Code, $"{made.Id}", ct) switch
        {
            VerificationSent.Sent => null,
            VerificationSent.NumberRefused => NumberRefused,
            VerificationSent.Unavailable => CodeNotSent,
        };
    }

    private static async Task<PhoneAnswer> BindAsync(MemberCaller caller, PhoneNumber phone, string source, PhoneDesk desk, CancellationToken ct)
    {
        var (member, outcome) = await desk.TakeAsync(caller.Session, phone, new PhoneProof(source, ConsentTexts.Guide.Version), ct);
        return new PhoneAnswer(SessionState.Member, outcome, member.ToString());
    }
}

internal sealed record PhoneGiven(string Phone);

internal sealed record PhoneWithCode(string Phone, [property: Description("Six digits")] string Code);

/// <summary>The answer to a phone number.</summary>
/// <param name="State">Always <c>member</c>.</param>
/// <param name="Outcome">Whether the record is new, one that the tills knew, or waits for a member of staff to look at pairs.</param>
/// <param name="Id">The member.</param>
internal sealed record PhoneAnswer(SessionState State, PhoneOutcome Outcome, string Id);
