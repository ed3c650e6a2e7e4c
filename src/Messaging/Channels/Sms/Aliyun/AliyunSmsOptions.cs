namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>One Aliyun account and how it is spoken to. Bound from <c>Sms:Aliyun</c>; refused at start when invalid.</summary>
/// <remarks>The secrets come from the environment (<c>Engagement__Sms__Aliyun__AccessKeySecret</c>), never from a file in the repository.</remarks>
public sealed class AliyunSmsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Sms:Aliyun";

    /// <summary>Where the API answers.</summary>
    /// <value>Default <c>https://dysmsapi.aliyuncs.com</c>. Plain http is accepted for a host inside only (see the start-up check).</value>
    public Uri BaseUrl { get; set; } = new("https://dysmsapi.aliyuncs.com");

    /// <summary>The access key's id; empty = this provider is not set up, and every send is refused with <c>not_configured</c>.</summary>
    public string AccessKeyId { get; set; } = "";

    /// <summary>The access key's secret. Never logged.</summary>
    public string AccessKeySecret { get; set; } = "";

    /// <summary>The approved signature that messages carry, without its brackets.</summary>
    public string SignName { get; set; } = "";

    /// <summary>The secret part of the webhook's address, for Aliyun signs no push; empty = every push is refused.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>Whether the account is approved for promotions.</summary>
    /// <value>Default <c>false</c>: most pharmacies are refused, and a notice template never carries a promotion.</value>
    public bool TakesPromotions { get; set; }

    /// <summary>What one part of an SMS costs.</summary>
    /// <value>Default 5 fen, from 0 to 100: what small packages cost; money is kept in whole fen.</value>
    public int PartFen { get; set; } = 5;

    /// <summary>The extension code under which reminders leave; empty for none. A refusal that answers it stops reminders too.</summary>
    public string ReminderExtendCode { get; set; } = "";

    /// <summary>The extension code under which promotions leave; empty for none.</summary>
    public string PromotionExtendCode { get; set; } = "";

    /// <summary>How long one request may take, connecting included; afterwards the send is in doubt.</summary>
    /// <value>Default 5 s, from 0.1 s to 60 s.</value>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many connections are open at most, which is also how many calls are on the wire.</summary>
    /// <value>Default 16, from 1 to 1,000.</value>
    public int MaxConnections { get; set; } = 16;

    /// <summary>Whether there is an account to send from.</summary>
    internal bool IsConfigured => AccessKeyId.Length > 0;

    internal ExtendCodes ExtendCodes => new(ReminderExtendCode, PromotionExtendCode);

    /// <summary>Names the account; no secret.</summary>
    public override string ToString() => $"AliyunSmsOptions {{ SignName = {SignName}, BaseUrl = {BaseUrl} }}";

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ProviderSettings.Address($"{Section}:BaseUrl", BaseUrl) is { } address) yield return address;
        if (AccessKeyId.Length == 0 != (AccessKeySecret.Length == 0))
            yield return $"{Section}:AccessKeyId and {Section}:AccessKeySecret go together: set both or neither.";
        if (IsConfigured && SignName.Length == 0) yield return $"{Section}:SignName must be set when {Section}:AccessKeyId is.";
        if (SignName.AsSpan().ContainsAny('【', '】')) yield return $"{Section}:SignName must come without its brackets: the provider adds them.";
        foreach (var problem in SmsSettings.Problems(Section, WebhookSecret, PartFen, ExtendCodes)) yield return problem;
        if (ProviderSettings.Span($"{Section}:SendTimeout", SendTimeout) is { } span) yield return span;
        if (MaxConnections is < 1 or > 1000) yield return $"{Section}:MaxConnections must be from 1 to 1000.";
    }
}
