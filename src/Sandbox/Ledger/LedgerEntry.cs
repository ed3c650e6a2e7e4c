namespace Engagement.Sandbox.Ledger;

/// <summary>A provider surface of the sandbox.</summary>
internal enum Channel : byte
{
    WeChatSubscribe = 1,
    AliyunSms = 2,
    TencentSms = 3,
    OfficialAccount = 4,
    CustomerService = 5,
}

/// <summary>How far an accepted message has come; receipts move it on.</summary>
internal enum DeliveryStatus : byte
{
    Accepted = 1,
    Delivered = 2,
    Undelivered = 3,
}

/// <summary>One accepted message to one recipient. In fast mode only channel, recipient, template and the two references are filled.</summary>
internal readonly record struct LedgerEntry(
    Channel Channel,
    DeliveryStatus Status,
    long AtMs,
    string To,
    string TemplateId,
    string Reference,
    string ProviderRef,
    string SignName = "",
    string Text = "",
    string Page = "",
    string DataJson = "",
    string ExtendCode = "",
    int Parts = 0);

internal static class LedgerNames
{
    public static string WireName(this Channel channel) => channel switch
    {
        Channel.WeChatSubscribe => "wechat_subscribe",
        Channel.AliyunSms => "aliyun_sms",
        Channel.TencentSms => "tencent_sms",
        Channel.OfficialAccount => "official_account",
        Channel.CustomerService => "customer_service",
    };

    /// <summary>What a wrong channel name is answered with.</summary>
    public static string KnownNames { get; } = "channel is one of " + string.Join(", ", Enum.GetValues<Channel>().Select(WireName));

    public static string WireName(this DeliveryStatus status) => status switch
    {
        DeliveryStatus.Accepted => "accepted",
        DeliveryStatus.Delivered => "delivered",
        DeliveryStatus.Undelivered => "undelivered",
    };

    /// <summary>The channel of a wire name, or <c>null</c> when no channel is called so.</summary>
    public static Channel? ParseChannel(string? name) => name switch
    {
        "wechat_subscribe" => Channel.WeChatSubscribe,
        "aliyun_sms" => Channel.AliyunSms,
        "tencent_sms" => Channel.TencentSms,
        "official_account" => Channel.OfficialAccount,
        "customer_service" => Channel.CustomerService,
        _ => null,
    };
}
