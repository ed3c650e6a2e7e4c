using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Aliyun;

/// <summary>One message of a call, as it was asked for.</summary>
internal readonly record struct SmsOrder(string Phone, string SignName, string ParamJson, string ExtendCode);

/// <summary>The rules of SendSms and SendBatchSms: which messages a call asks for, and whether the product takes them.</summary>
internal sealed class SmsSend(SandboxOptions options, CurrentSetup setup, FlowControl flow, ExtendCodes extendCodes, Faults faults, SandboxClock clock)
{
    private const int MostNumbers = 1_000;
    private const int MostBatchNumbers = 100;

    /// <summary>The parameter of SendSms that is missing, or <c>null</c>.</summary>
    public static string? MissingForOne(AliyunRequest request) => Missing(request, "PhoneNumbers", "SignName", "TemplateCode");

    /// <summary>The parameter of SendBatchSms that is missing, or <c>null</c>.</summary>
    public static string? MissingForBatch(AliyunRequest request) => Missing(request, "PhoneNumberJson", "SignNameJson", "TemplateCode");

    /// <summary>The orders of a SendSms call: the same text to up to 1,000 numbers.</summary>
    public static (List<SmsOrder> Orders, SmsRefusal? Refusal) OrdersOfOne(AliyunRequest request)
    {
        var phones = request["PhoneNumbers"].Split(',');
        var orders = phones
            .Select(phone => new SmsOrder(phone.Trim(), request["SignName"], request["TemplateParam"], request["SmsUpExtendCode"]))
            .ToList();
        return (orders, phones.Length > MostNumbers ? SmsRefusal.TooManyNumbers : null);
    }

    /// <summary>The orders of a SendBatchSms call: up to 100 numbers, each with its own signature and variables.</summary>
    public static (List<SmsOrder> Orders, SmsRefusal? Refusal) OrdersOfBatch(AliyunRequest request)
    {
        try
        {
            var phones = Texts(request["PhoneNumberJson"]);
            var signNames = Texts(request["SignNameJson"]);
            var extendCodes = Texts(request["SmsUpExtendCodeJson"]);
            var values = Raw(request["TemplateParamJson"]);
            if (phones.Length > MostBatchNumbers) return ([], SmsRefusal.TooManyNumbers);
            if (phones.Length == 0 || signNames.Length != phones.Length
                || (values.Length > 0 && values.Length != phones.Length)
                || (extendCodes.Length > 0 && extendCodes.Length != phones.Length)) return ([], SmsRefusal.Parameters);

            var orders = phones.Select((phone, i) =>
                new SmsOrder(phone, signNames[i], values.ElementAtOrDefault(i) ?? "", extendCodes.ElementAtOrDefault(i) ?? ""));
            return (orders.ToList(), null);
        }
        catch (JsonException)
        {
            return ([], SmsRefusal.NotJson);
        }
    }

    /// <summary>The messages, ready for the ledger, when every one of them is taken; otherwise the first refusal and none of them.</summary>
    public (List<LedgerEntry> Entries, SmsRefusal? Refusal) Accept(AliyunRequest request, List<SmsOrder> orders, string bizId)
    {
        var code = request["TemplateCode"];
        var atMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (options.Fast) return (orders.ConvertAll(order => Entry(order, order.Phone, "", 0)), null);

        var account = setup.Aliyun!;
        if (SmsRefusal.Of(account.State) is { } closed) return ([], closed);
        if (request["OutId"].Length > 255) return ([], SmsRefusal.Parameters);
        if (setup.FindSmsTemplate(code) is not { State: ApprovalState.Approved } template) return ([], SmsRefusal.UnknownTemplate);
        var entries = new List<LedgerEntry>(orders.Count);
        foreach (var order in orders)
        {
            if (ChinaPhone.Digits(order.Phone) is not { } phone) return ([], SmsRefusal.NumberFormat);
            if (template.Abroad) return ([], SmsRefusal.Abroad);
            if ((faults.RefusalFor(Channel.AliyunSms, phone) ?? MagicNumbers.AliyunRefusal(setup.Value, phone)) is { } forced) return ([], SmsRefusal.Forced(forced));
            if (SignatureRefusal(order.SignName, template) is { } unsigned) return ([], unsigned);
            var (text, refusal) = SmsText.Fill(template, order.SignName, order.ParamJson, account.ForbiddenWords);
            if (text is null) return ([], refusal);
            if (account.IllegalWords.Any(word => text.Contains(word, StringComparison.Ordinal))) return ([], SmsRefusal.IllegalContent);
            entries.Add(Entry(order, phone, text, SmsParts.Count(text)));
        }
        if (!extendCodes.Fit(entries)) return ([], SmsRefusal.SharedExtendCode);
        var limit = flow.Count(entries.ConvertAll(entry => (entry.SignName, entry.To)), template);
        return limit is null ? (entries, null) : ([], limit);

        LedgerEntry Entry(SmsOrder order, string phone, string text, int parts) => new(
            Channel.AliyunSms, DeliveryStatus.Accepted, atMs, phone, code, request["OutId"], bizId,
            SignName: order.SignName, Text: text, DataJson: options.Fast ? "" : order.ParamJson, ExtendCode: order.ExtendCode, Parts: parts);
    }

    private SmsRefusal? SignatureRefusal(string name, SmsTemplate template)
    {
        if (setup.FindSignature(name) is not { } signature) return SmsRefusal.UnknownSignature;
        if (signature.VerificationOnly && template.Type != SmsTemplateType.Verification) return SmsRefusal.SignatureKind;
        return signature.State switch
        {
            ApprovalState.Approved => null,
            ApprovalState.Banned => SmsRefusal.SignatureState,
            ApprovalState.Review or ApprovalState.Refused => SmsRefusal.UnknownSignature,
        };
    }

    private static string? Missing(AliyunRequest request, params string[] names) => Array.Find(names, name => request[name].Length == 0);

    private static string[] Texts(string json) =>
        json.Length == 0 ? [] : JsonSerializer.Deserialize<string[]>(json) ?? throw new JsonException("not an array");

    private static string[] Raw(string json) =>
        json.Length == 0 ? [] : [.. (JsonSerializer.Deserialize<JsonElement[]>(json) ?? throw new JsonException("not an array")).Select(e => e.GetRawText())];
}
