using System.Text;
using System.Text.Json;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.Sms.Tencent;

namespace Engagement.Messaging.Receipts;

/// <summary>What a push of an SMS provider is, before it is kept.</summary>
/// <param name="Source">One of <see cref="InboundSource"/>; empty when it is not let in.</param>
/// <param name="Key">Under which the same push again is known.</param>
/// <param name="Problem"><c>null</c>, or <c>too_large</c> or <c>bad_json</c>: then there is nothing to keep, and the provider pushes again.</param>
public readonly record struct SmsPushSeen(string Source, string Key, string? Problem);

/// <summary>Tells the pushes of SMS providers apart by their shape, whatever address they came to. Pure functions.</summary>
/// <remarks>
/// The key is made of what the provider itself tells its items apart by, so that a repeat in another order or with another spelling is
/// known; a receipt's verdict is part of it, for a later receipt may correct an earlier one.
/// </remarks>
public static class SmsPushDoor
{
    /// <summary>What the provider wants to hear once its push is stored; <c>null</c> for a provider that pushes nothing to us.</summary>
    public static string? AnswerTo(string provider) => provider switch
    {
        "aliyun" => AliyunPush.Answer,
        "tencent" => TencentPush.Answer,
        _ => null,
    };

    /// <summary>Looks at a push of a provider that is known.</summary>
    public static SmsPushSeen See(string provider, byte[] body)
    {
        if (body.Length > SmsPushLimits.Size) return new SmsPushSeen("", "", "too_large");
        if (SourceOf(provider, body) is not { } source) return new SmsPushSeen("", "", "bad_json");
        var whole = InboundStore.KeyOf(body);
        return source switch
        {
            InboundSource.AliyunReport => Of(source, AliyunPush.ParseReceipts(body), ReceiptKey, whole),
            InboundSource.TencentReport => Of(source, TencentPush.ParseReceipts(body), ReceiptKey, whole),
            InboundSource.AliyunReply => Of(source, AliyunPush.ParseReplies(body), ReplyKey, whole),
            InboundSource.TencentReply => Of(source, TencentPush.ParseReplies(body), ReplyKey, whole),
            _ => new SmsPushSeen(source, whole, null),
        };
    }

    private static string ReceiptKey(SmsReceipt receipt) => $"{receipt.BizId}\n{receipt.Phone}\n{receipt.Delivered}\n{receipt.Code}";

    private static string ReplyKey(SmsReply reply) => reply.SequenceId;

    private static SmsPushSeen Of<T>(string source, SmsPush<T> push, Func<T, string> keyOf, string whole)
        where T : class
    {
        if (push.Problem is not null || push.Unreadable > 0 || push.Items.Count == 0) return new SmsPushSeen(source, whole, push.Problem);
        var keys = string.Join('\u001f', push.Items.Select(keyOf).Order(StringComparer.Ordinal));
        return new SmsPushSeen(source, InboundStore.KeyOf(Encoding.UTF8.GetBytes(keys)), null);
    }

    // Null when it is no JSON that a provider could mean.
    private static string? SourceOf(string provider, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object)) return null;
            var first = PushJson.ItemsOf(root).FirstOrDefault();
            bool Has(string name) => first.ValueKind == JsonValueKind.Object && first.TryGetProperty(name, out _);
            return provider switch
            {
                "aliyun" when Has("biz_id") => InboundSource.AliyunReport,
                "aliyun" when Has("sequence_id") => InboundSource.AliyunReply,
                "aliyun" when Has("template_status") => InboundSource.AliyunTemplate,
                "aliyun" when Has("sign_status") => InboundSource.AliyunSign,
                "tencent" when Has("sid") => InboundSource.TencentReport,
                "tencent" when Has("text") => InboundSource.TencentReply,
                // Something new, or nothing for us: kept for people.
                _ => provider + "_other",
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
