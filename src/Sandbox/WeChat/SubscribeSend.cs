using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.WeChat;

/// <summary>The rules of <c>/cgi-bin/message/subscribe/send</c>, apart from tokens and overlap.</summary>
internal sealed class SubscribeSend(CurrentSetup setup, GrantLedger grants, Faults faults, SandboxClock clock)
{
    /// <summary>Why the message is refused; otherwise one grant has been used up.</summary>
    public WeChatError? Refusal(SubscribeRequest request)
    {
        if (setup.WeChat is not { } app) return WeChatError.InvalidCredential;
        if (faults.RefusalFor(Channel.WeChatSubscribe, request.ToUser) is { } forced) return WeChatError.Forced(forced);
        if (request.ToUser.Length == 0 || (!app.AcceptAnyOpenid && !grants.Knows(request.ToUser))) return WeChatError.InvalidOpenId;
        if (setup.FindWeChatTemplate(request.TemplateId) is not { } template) return WeChatError.InvalidTemplateId;
        if (template.Banned) return WeChatError.SubscribeBanned;
        if (request.Page.Length > 0 && !setup.HasPage(request.Page)) return WeChatError.InvalidPage;
        if (DataFault(app, template, request.Data) is { } fault) return fault;
        if (grants.Take(request.ToUser, template.Id, oneTime: template.Type == 2)) return null;
        return WeChatError.Refused;
    }

    /// <summary>The accepted message as a benchmark needs it.</summary>
    public LedgerEntry Note(SubscribeRequest request, string msgId) => new(
        Channel.WeChatSubscribe, DeliveryStatus.Accepted, clock.GetUtcNow().ToUnixTimeMilliseconds(), request.ToUser, request.TemplateId, request.Reference, msgId);

    /// <summary>The accepted message with all that a phone would show of it.</summary>
    public LedgerEntry Describe(SubscribeRequest request, string msgId)
    {
        var template = setup.FindWeChatTemplate(request.TemplateId);
        var text = new StringBuilder(template?.Title);
        foreach (var (key, value) in request.Data) text.Append('\n').Append(template?.Keywords.GetValueOrDefault(key)).Append('：').Append(value);
        return new LedgerEntry(
            Channel.WeChatSubscribe, DeliveryStatus.Accepted, clock.GetUtcNow().ToUnixTimeMilliseconds(),
            request.ToUser, request.TemplateId, request.Reference, msgId,
            Text: text.ToString(), Page: request.Page, DataJson: Flatten(request.Data));
    }

    /// <summary>The first value that does not fit the template, or <c>null</c>.</summary>
    public static WeChatError? DataFault(WeChatSetup app, WeChatTemplate template, List<KeyValuePair<string, string?>> data)
    {
        foreach (var key in template.Keywords.Keys)
        {
            if (!data.Exists(pair => pair.Key == key)) return WeChatError.Argument(key, "is empty");
        }
        foreach (var (key, value) in data)
        {
            if (!template.Keywords.ContainsKey(key)) return WeChatError.Argument(key, "is not in the template");
            if (value is null) return WeChatError.Argument(key, "invalid");
            if (KeywordRules.Fault(key, value, app.CountCodePoints) is { } fault) return WeChatError.Argument(key, fault);
            if (template.EnumValues.TryGetValue(key, out var allowed) && !allowed.Contains(value)) return WeChatError.Argument(key, "invalid");
            if (app.ForbiddenWords.Any(word => value.Contains(word, StringComparison.Ordinal))) return WeChatError.ForbiddenWord;
        }
        return null;
    }

    /// <summary>The values as one flat JSON object, for the ledger.</summary>
    public static string Flatten(IEnumerable<KeyValuePair<string, string?>> data)
    {
        var json = new StringBuilder("{");
        foreach (var (key, value) in data)
        {
            if (json.Length > 1) json.Append(',');
            json.Append('"').Append(JsonEncodedText.Encode(key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)).Append("\":\"")
                .Append(JsonEncodedText.Encode(value ?? "", JavaScriptEncoder.UnsafeRelaxedJsonEscaping)).Append('"');
        }
        return json.Append('}').ToString();
    }
}
