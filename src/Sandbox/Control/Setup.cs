using System.Text.Json.Serialization;
using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.WeChat;

namespace Engagement.Sandbox.Control;

/// <summary>What <c>PUT /_sandbox/setup</c> says, whole: what is left out is not configured.</summary>
internal sealed record Setup
{
    public static readonly Setup Empty = new();

    [JsonPropertyName("wechat")]
    public WeChatSetup? WeChat { get; init; }

    /// <summary>The service account that members follow; its templates need no type.</summary>
    public WeChatSetup? OfficialAccount { get; init; }

    public AliyunSetup? Aliyun { get; init; }

    public TencentSetup? Tencent { get; init; }

    public ReceiptSetup Receipts { get; init; } = new();

    /// <summary>The first thing that makes this configuration unusable, or <c>null</c>.</summary>
    public string? Fault()
    {
        if (Receipts.MinDelayMs < 0 || Receipts.MaxDelayMs < Receipts.MinDelayMs)
            return "receipts: 0 <= minDelayMs <= maxDelayMs";
        if (WeChat is { } weChat)
        {
            if (weChat.AppId.Length == 0 || weChat.AppSecret.Length == 0) return "wechat: appId and appSecret are needed";
            if (weChat.Templates.Any(t => t.Type is not (2 or 3))) return "wechat.templates: type is 2 (one-time) or 3 (long-term)";
            if (weChat.Push?.Fault() is { } fault) return "wechat.push: " + fault;
        }
        if (OfficialAccount is { } official)
        {
            if (official.AppId.Length == 0 || official.AppSecret.Length == 0) return "officialAccount: appId and appSecret are needed";
            if (official.Push?.Fault() is { } fault) return "officialAccount.push: " + fault;
            if (official.Push?.Format == PushFormat.Json) return "officialAccount.push: an official account pushes XML only";
            if (official.AppId == WeChat?.AppId) return "officialAccount: the mini-program has this appId";
        }
        if (Aliyun is { } aliyun)
        {
            if (aliyun.AccessKeyId.Length == 0 || aliyun.AccessKeySecret.Length == 0)
                return "aliyun: accessKeyId and accessKeySecret are needed";
            foreach (var template in aliyun.Templates)
            {
                if (SmsText.TemplateFault(template) is { } fault) return $"aliyun.templates {template.Code}: {fault}";
            }
        }
        return Tencent?.Fault();
    }
}

/// <summary>One app, the mini-program or the official account. <paramref name="Pages"/> left out = every page is released.</summary>
internal sealed record WeChatSetup(
    string AppId,
    string AppSecret,
    bool AcceptAnyOpenid = false,
    IReadOnlyList<string>? Pages = null,
    WeChatPushSetup? Push = null)
{
    /// <summary>The <c>ToUserName</c> of every push.</summary>
    public string OriginalId { get; init; } = "gh_0a1b2c3d4e5f";

    public IReadOnlyList<WeChatTemplate> Templates { get; init; } = [];

    /// <summary>Words whose appearance in a value is answered with 45168.</summary>
    public IReadOnlyList<string> ForbiddenWords { get; init; } = [];

    /// <summary>Whether value limits count code points; no source says, so UTF-16 units (the stricter) are the default.</summary>
    public bool CountCodePoints { get; init; }

    public CustomerServiceSetup CustomerService { get; init; } = new();

    /// <summary>Path → how often it may be called, over the known defaults.</summary>
    public IReadOnlyDictionary<string, PathQuota> Quotas { get; init; } = new Dictionary<string, PathQuota>();

    /// <summary>Marketing words that a template message of the official account may not hold (40249).</summary>
    public IReadOnlyList<string> MarketingWords { get; init; } = [];
}

/// <summary>What opens a window for customer-service messages, and how many go through it.</summary>
internal sealed record CustomerServiceSetup(int MessageSends = 5, int MessageHours = 48, int ContactSends = 3, int ContactSeconds = 60);

/// <summary>A private template: 2 = one-time, 3 = long-term; keyword key → label on the card.</summary>
internal sealed record WeChatTemplate(string Id, string Title, int Type = 2)
{
    public IReadOnlyDictionary<string, string> Keywords { get; init; } = new Dictionary<string, string>();

    /// <summary>Banned by the platform: 43107 for a subscribe message, 43116 for one of the official account.</summary>
    public bool Banned { get; init; }

    /// <summary>The allowed values of <c>enum</c> keywords; a keyword that is not here takes any text.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> EnumValues { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();
}

[JsonConverter(typeof(CamelCaseEnumConverter<PushFormat>))]
internal enum PushFormat
{
    Xml,
    Json,
}

[JsonConverter(typeof(CamelCaseEnumConverter<PushMode>))]
internal enum PushMode
{
    Plain,
    Compatible,
    Safe,
}

/// <summary>Where and how WeChat pushes its events.</summary>
internal sealed record WeChatPushSetup(string Url, string Token, PushFormat Format = PushFormat.Xml, PushMode Mode = PushMode.Plain)
{
    /// <summary>43 characters; needed for the compatible and the safe mode.</summary>
    public string? EncodingAesKey { get; init; }

    /// <summary>How often an event is sent in all; the documents can be read as three or four.</summary>
    public int Attempts { get; init; } = 3;

    public int TimeoutMs { get; init; } = 5_000;

    /// <summary>The wait before a repeat; the real one repeats as soon as it has given up.</summary>
    public int RetryDelayMs { get; init; } = 1_000;

    public string? Fault() =>
        !Uri.TryCreate(Url, UriKind.Absolute, out _) ? "url must be absolute"
        : Mode != PushMode.Plain && EncodingAesKey?.Length != 43 ? "encodingAesKey must have 43 characters in this mode"
        : Attempts < 1 || TimeoutMs < 1 || RetryDelayMs < 0 ? "attempts and timeoutMs are at least 1, retryDelayMs at least 0"
        : null;
}

/// <summary>One Aliyun account with the short message product opened.</summary>
internal sealed record AliyunSetup(string AccessKeyId, string AccessKeySecret)
{
    public IReadOnlyList<SmsSignature> Signatures { get; init; } = [];

    public IReadOnlyList<SmsTemplate> Templates { get; init; } = [];

    public AliyunPushSetup? Push { get; init; }

    public FlowControlSetup FlowControl { get; init; } = new();

    /// <summary>Words whose appearance in a variable is answered with isv.BLACK_KEY_CONTROL_LIMIT.</summary>
    public IReadOnlyList<string> ForbiddenWords { get; init; } = [];
}

[JsonConverter(typeof(CamelCaseEnumConverter<ApprovalState>))]
internal enum ApprovalState
{
    Approved,
    Review,
    Refused,
    Banned,
}

/// <summary>A signature without its brackets. In the setup a bare text stands for an approved, general one.</summary>
[JsonConverter(typeof(SmsSignatureConverter))]
internal sealed record SmsSignature(string Name, ApprovalState State = ApprovalState.Approved, bool VerificationOnly = false);

[JsonConverter(typeof(CamelCaseEnumConverter<SmsTemplateType>))]
internal enum SmsTemplateType
{
    Notice,
    Marketing,
    Verification,
}

/// <summary>A template text with <c>${name}</c> variables.</summary>
internal sealed record SmsTemplate(string Code, string Text, SmsTemplateType Type, ApprovalState State = ApprovalState.Approved);

/// <summary>The two webhooks; a missing one gets nothing. <paramref name="RetryScale"/> shrinks the waits of 1, 5 and 10 minutes.</summary>
internal sealed record AliyunPushSetup(string? ReportUrl = null, string? UpUrl = null, double RetryScale = 1)
{
    public int TimeoutMs { get; init; } = 5_000;

    /// <summary>Older pages push <c>sequence_id</c> as a number, the current one as text.</summary>
    public bool SequenceIdAsNumber { get; init; }
}

/// <summary>The provider's per-number limits; see <see cref="FlowControl"/>.</summary>
internal sealed record FlowControlSetup(bool Enabled = true)
{
    public IReadOnlyList<string> WhiteList { get; init; } = [];
}

/// <summary>When receipts come. Disabled = none, and every message stays accepted.</summary>
internal sealed record ReceiptSetup(bool Enabled = true, int MinDelayMs = 50, int MaxDelayMs = 300);
