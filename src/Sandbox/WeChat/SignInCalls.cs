using System.Security.Cryptography;
using System.Text;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>Who a member is: sign-in codes, phone numbers, session keys.</summary>
internal sealed class SignInCalls(WeChatAccounts accounts, People people, Faults faults, WeChatAnswer answer, SandboxClock clock, TimeProvider system)
{
    private const string SignInPath = "/sns/jscode2session";

    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        app.MapGet(SignInPath, SignInAsync);
        gate.Map(app, "POST", "/wxa/business/getuserphonenumber", AccountKind.MiniProgram, PhoneNumber);
        gate.Map(app, "GET", "/wxa/checksession", AccountKind.MiniProgram, call => SessionFault(call) ?? WeChatReply.Ok);
        gate.Map(app, "GET", "/wxa/resetusersessionkey", AccountKind.MiniProgram, ResetSession);
    }

    private async Task SignInAsync(HttpContext http)
    {
        var fault = faults.Draw(SignInPath);
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), system, CancellationToken.None);
        if (fault.ErrorCode is { } code) await answer.RefuseForcedAsync(http, code);
        else if (!await AnswerLoss.SufferAsync(http, fault, system)) await answer.WriteAsync(http, SignIn(http.Request.Query));
    }

    private WeChatReply SignIn(IQueryCollection query)
    {
        var account = accounts.Find(query["appid"]);
        if (query["grant_type"] != "authorization_code") return WeChatError.InvalidGrantType;
        if (query["appid"].ToString().Length == 0) return WeChatError.MissingAppId;
        if (query["secret"].ToString().Length == 0) return WeChatError.MissingSecret;
        if (query["js_code"].ToString().Length == 0) return WeChatError.MissingCode;
        if (account is not { Kind: AccountKind.MiniProgram, Setup: { } app }) return WeChatError.InvalidAppId;
        if (app.AppSecret != query["secret"]) return WeChatError.InvalidSecret;
        if (account.Quotas.Count(SignInPath, app) is { } limit) return limit;

        var (openId, refusal) = people.UseCode(query["js_code"].ToString(), CodeKind.Login);
        if (refusal is { } error) return error;
        return people.With(openId!, AccountKind.MiniProgram, Enter);
    }

    private WeChatReply Enter(Person person)
    {
        if (person.Setup.HighRisk) return WeChatError.HighRiskUser;
        person.SessionKey = Person.NewSessionKey();
        person.LastVisit = clock.GetUtcNow();
        return person.Setup.Unionid is { } unionid
            ? WeChatReply.Of(new { session_key = person.SessionKey, openid = person.Setup.Openid, unionid })
            : WeChatReply.Of(new { session_key = person.SessionKey, openid = person.Setup.Openid });
    }

    private WeChatReply PhoneNumber(WeChatCall call)
    {
        if (call.Text("code").Length == 0) return WeChatError.InvalidCode;
        var (openId, refusal) = people.UseCode(call.Text("code"), CodeKind.Phone);
        // A used code of this kind is simply no code any more.
        if (refusal is not null) return WeChatError.InvalidCode;
        if (call.Text("openid") is { Length: > 0 } claimed && claimed != openId) return WeChatError.InvalidOpenId;
        var phone = people.With(openId!, AccountKind.MiniProgram, person => person.Setup.Phone) ?? "";
        return WeChatReply.Of(new
        {
            errcode = 0,
            errmsg = "ok",
            phone_info = new
            {
                phoneNumber = phone,
                purePhoneNumber = phone,
                // Documented as text, shown as a number.
                countryCode = 86,
                watermark = new { timestamp = clock.GetUtcNow().ToUnixTimeSeconds(), appid = call.Setup.AppId },
            },
        });
    }

    private WeChatReply ResetSession(WeChatCall call)
    {
        if (SessionFault(call) is { } refusal) return refusal;
        return people.With(call.Text("openid"), AccountKind.MiniProgram, person =>
        {
            person.SessionKey = Person.NewSessionKey();
            return WeChatReply.Of(new { errcode = 0, errmsg = "ok", openid = person.Setup.Openid, session_key = person.SessionKey });
        });
    }

    // The key is the session key's text, as SDKs do it, and the signed text is empty.
    private WeChatReply? SessionFault(WeChatCall call)
    {
        if (call.Text("sig_method") != "hmac_sha256") return WeChatError.SignatureMethod;
        if (!people.Knows(call.Text("openid"), AccountKind.MiniProgram)) return WeChatError.InvalidOpenId;
        var key = people.With(call.Text("openid"), AccountKind.MiniProgram, person => person.SessionKey)!;
        if (key.Length == 0) return WeChatError.SessionGone;
        var right = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Array.Empty<byte>()));
        return call.Text("signature") == right ? null : WeChatError.SessionSignature;
    }
}
