using System.Globalization;
using System.Security.Cryptography;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Tencent;

/// <summary>One number's part of the answer to SendSms.</summary>
internal sealed record SendStatus(string SerialNo, string PhoneNumber, int Fee, string SessionContext, string Code, string Message, string IsoCode);

/// <summary>The rules of SendSms: what refuses the whole call, and what each number by itself.</summary>
internal sealed class TencentSend(SandboxOptions options, CurrentSetup setup, TencentFlow flow, OptOuts optOuts, Faults faults, SandboxClock clock)
{
    private const int MostNumbers = 200;
    private const int PersonalValueLength = 12;

    /// <summary>Why the whole call is refused, or <c>null</c>.</summary>
    public TencentError? WholeRefusal(TencentRequest request)
    {
        foreach (var field in new[] { "SmsSdkAppId", "TemplateId" })
        {
            if (string.IsNullOrEmpty(request.Text(field))) return TencentError.Missing(field);
        }
        if (request.Texts("TemplateParamSet") is null) return TencentError.Wrong("TemplateParamSet");
        if (request.Text("SessionContext")?.Length > 512) return TencentError.Wrong("SessionContext");
        if (request.Texts("PhoneNumberSet") is not { } phones) return TencentError.Wrong("PhoneNumberSet");
        if (phones.Count == 0) return TencentError.NoNumbers;
        if (phones.Count > MostNumbers) return TencentError.TooManyNumbers;
        if (options.Fast) return null;

        if (!setup.Tencent!.SdkAppIds.Contains(request.Text("SmsSdkAppId")!)) return TencentError.UnknownApp;
        var abroad = phones.Count(IsAbroad);
        return abroad == phones.Count ? TencentError.Abroad
            : abroad > 0 ? TencentError.MixedNumbers
            : TencentError.Of(setup.Tencent.State);
    }

    /// <summary>What becomes of each number, in their order; an entry for the ledger where the message is taken.</summary>
    public List<(SendStatus Status, LedgerEntry? Entry)> Accept(TencentRequest request)
    {
        var (text, refusal) = options.Fast ? ("", null) : Fill(request);
        return request.Texts("PhoneNumberSet")!.ConvertAll(number => One(request, number, text, refusal));
    }

    private (SendStatus, LedgerEntry?) One(TencentRequest request, string number, string text, TencentError? common)
    {
        var session = request.Text("SessionContext") ?? "";
        var phone = ChinaPhone.Digits(number);
        var shown = phone is null ? number : "+86" + phone;
        var refusal = options.Fast ? null
            : phone is null ? TencentError.Number
            : (faults.RefusalFor(Channel.TencentSms, phone) ?? MagicNumbers.TencentRefusal(setup.Value, phone)) is { } forced ? TencentError.Forced(forced)
            : common ?? Unwanted(request, phone) ?? flow.Count(request.Text("SmsSdkAppId")!, phone, text);
        if (refusal is not null) return (new SendStatus("", shown, 0, session, refusal.Code, refusal.Message, "CN"), null);

        var parts = options.Fast ? 1 : SmsParts.Count(text);
        var serial = $"4000:{clock.GetUtcNow().ToUnixTimeSeconds()}{RandomNumberGenerator.GetInt32(1_000_000_000).ToString("D9", CultureInfo.InvariantCulture)}";
        var entry = new LedgerEntry(
            Channel.TencentSms, DeliveryStatus.Accepted, clock.GetUtcNow().ToUnixTimeMilliseconds(), phone ?? number, request.Text("TemplateId")!,
            session, serial, SignName: request.Text("SignName") ?? "", Text: text, ExtendCode: request.Text("ExtendCode") ?? "", Parts: options.Fast ? 0 : parts);
        return (new SendStatus(serial, shown, parts, session, "Ok", "send success", "CN"), entry);
    }

    private TencentError? Unwanted(TencentRequest request, string phone) =>
        setup.FindTencentTemplate(request.Text("TemplateId")!)?.Type == SmsTemplateType.Marketing && optOuts.Contains(request.Text("SignName")!, phone)
            ? TencentError.Blacklisted
            : null;

    // What does not depend on the number: signature, template, values, hours.
    private (string Text, TencentError? Refusal) Fill(TencentRequest request)
    {
        var account = setup.Tencent!;
        var values = request.Texts("TemplateParamSet")!;
        if (string.IsNullOrEmpty(request.Text("SignName"))) return ("", TencentError.NoSignature);
        if (setup.FindTencentSignature(request.Text("SignName")!) is not { State: ApprovalState.Approved } signature) return ("", TencentError.Signature);
        if (setup.FindTencentTemplate(request.Text("TemplateId")!) is not { State: ApprovalState.Approved } template
            || NumberedText.Variables(template.Text).Count != values.Count) return ("", TencentError.Template);
        if (signature.VerificationOnly && template.Type != SmsTemplateType.Verification) return ("", TencentError.Signature);
        if (template.Type == SmsTemplateType.Marketing && account.Personal) return ("", TencentError.PersonalMarketing);
        if (template.Type == SmsTemplateType.Marketing && !IsHour(account.Limits)) return ("", TencentError.Hours);
        foreach (var value in values)
        {
            if (ValueRefusal(value, template.Type, account) is { } refusal) return ("", refusal);
        }
        var text = $"【{signature.Name}】{NumberedText.Fill(template.Text, values)}";
        return text.Length > SmsParts.Longest ? ("", TencentError.Length) : (text, null);
    }

    private static TencentError? ValueRefusal(string value, SmsTemplateType type, TencentSetup account) =>
        type == SmsTemplateType.Verification && (value.Length > 6 || !value.All(char.IsAsciiDigit)) ? TencentError.ValueFormat
        : account.Personal && value.Length > PersonalValueLength ? TencentError.ValueLength
        : WebAddress.IsIn(value) ? TencentError.ValueAddress
        : account.ForbiddenWords.Any(word => value.Contains(word, StringComparison.Ordinal)) ? TencentError.SensitiveWord
        : null;

    private bool IsHour(TencentLimits limits) =>
        !limits.Enabled || (clock.ChinaNow.Hour >= limits.MarketingFrom && clock.ChinaNow.Hour < limits.MarketingUntil);

    private static bool IsAbroad(string number) => number.StartsWith('+') && !number.StartsWith("+86", StringComparison.Ordinal);
}
