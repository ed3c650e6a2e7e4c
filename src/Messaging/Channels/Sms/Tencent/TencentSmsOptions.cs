namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>One Tencent Cloud account and how it is spoken to. Bound from <c>Sms:Tencent</c>; refused at start when invalid.</summary>
/// <remarks>The secrets come from the environment (<c>Engagement__Sms__Tencent__SecretKey</c>), never from a file in the repository.</remarks>
public sealed class TencentSmsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Sms:Tencent";

    /// <summary>Where the API answers.</summary>
    /// <value>Default <c>https://sms.tencentcloudapi.com</c>. Plain http is accepted for a host inside only (see the start-up check).</value>
    public Uri BaseUrl { get; set; } = new("https://sms.tencentcloudapi.com");

    /// <summary>The key's id; empty = this provider is not set up, and nothing is sent by it.</summary>
    public string SecretId { get; set; } = "";

    /// <summary>The key. Never logged.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>The SMS application's id, <c>1400…</c>.</summary>
    public string SdkAppId { get; set; } = "";

    /// <summary>The region that answers.</summary>
    /// <value>Default <c>ap-guangzhou</c>; also <c>ap-beijing</c> and <c>ap-nanjing</c>.</value>
    public string Region { get; set; } = "ap-guangzhou";

    /// <summary>The secret part of the webhook's address, for Tencent signs no push; empty = every push is refused.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>Whether the account is approved for promotions.</summary>
    /// <value>Default <c>false</c>: Tencent's public rules forbid what a pharmacy would promote (sms.md 6.2).</value>
    public bool TakesPromotions { get; set; }

    /// <summary>What one part of an SMS costs.</summary>
    /// <value>Default 5 fen, from 0 to 100.</value>
    public int PartFen { get; set; } = 5;

    /// <summary>The extension code under which reminders leave; empty for none.</summary>
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
    internal bool IsConfigured => SecretId.Length > 0;

    internal ExtendCodes ExtendCodes => new(ReminderExtendCode, PromotionExtendCode);

    /// <summary>Names the account; no secret.</summary>
    public override string ToString() => $"TencentSmsOptions {{ SdkAppId = {SdkAppId}, BaseUrl = {BaseUrl} }}";

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ProviderSettings.Address($"{Section}:BaseUrl", BaseUrl) is { } address) yield return address;
        if (SecretId.Length == 0 != (SecretKey.Length == 0)) yield return $"{Section}:SecretId and {Section}:SecretKey go together: set both or neither.";
        if (SdkAppId.Length > 20 || !SdkAppId.All(char.IsAsciiDigit)) yield return $"{Section}:SdkAppId must be digits.";
        if (IsConfigured && SdkAppId.Length == 0) yield return $"{Section}:SdkAppId must be set when {Section}:SecretId is.";
        if (Region is not ("ap-guangzhou" or "ap-beijing" or "ap-nanjing")) yield return $"{Section}:Region must be ap-guangzhou, ap-beijing or ap-nanjing.";
        foreach (var problem in SmsSettings.Problems(Section, WebhookSecret, PartFen, ExtendCodes)) yield return problem;
        if (ProviderSettings.Span($"{Section}:SendTimeout", SendTimeout) is { } span) yield return span;
        if (MaxConnections is < 1 or > 1000) yield return $"{Section}:MaxConnections must be from 1 to 1000.";
    }
}
