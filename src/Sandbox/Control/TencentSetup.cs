using System.Text.Json.Serialization;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Control;

/// <summary>One Tencent Cloud account with the short message product opened.</summary>
internal sealed record TencentSetup(string SecretId, string SecretKey)
{
    /// <summary>The product's applications; a call must name one of them.</summary>
    public IReadOnlyList<string> SdkAppIds { get; init; } = ["1400006666"];

    public IReadOnlyList<SmsSignature> Signatures { get; init; } = [];

    public IReadOnlyList<TencentTemplate> Templates { get; init; } = [];

    public TencentPushSetup? Push { get; init; }

    public TencentLimits Limits { get; init; } = new();

    /// <summary>Words whose appearance in a variable is answered with FailedOperation.ContainSensitiveWord.</summary>
    public IReadOnlyList<string> ForbiddenWords { get; init; } = [];

    /// <summary>A person's account: no marketing, and variables of 12 characters at most.</summary>
    public bool Personal { get; init; }

    /// <summary>What is wrong with the whole account; every send is refused with its code.</summary>
    public TencentState State { get; init; }

    public string? Fault()
    {
        if (SecretId.Length == 0 || SecretKey.Length == 0) return "tencent: secretId and secretKey are needed";
        foreach (var template in Templates)
        {
            if (TemplateFault(template) is { } fault) return $"tencent.templates {template.Id}: {fault}";
        }
        return null;
    }

    // Why the provider would not approve it.
    private static string? TemplateFault(TencentTemplate template)
    {
        var numbers = NumberedText.Variables(template.Text);
        return template.Text.Length == 0 ? "text is needed"
            : template.Text.AsSpan().IndexOfAny('【', '】') >= 0 ? "the signature and its brackets are added by the provider"
            : !numbers.SequenceEqual(Enumerable.Range(1, numbers.Count)) ? "variables are numbered {1}, {2} … in their order"
            : NumberedText.AnyAdjacent(template.Text) ? "two variables may not touch"
            : NumberedText.IsOnlyVariables(template.Text) ? "there must be text besides variables"
            : null;
    }
}

/// <summary>What may be wrong with a whole account of Tencent Cloud.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TencentState>))]
internal enum TencentState
{
    Normal,
    NoBalance,
    Arrears,
    AppDisabled,
    IpNotListed,
    NoPermission,
}

/// <summary>A template text with <c>{1}</c>, <c>{2}</c> … as variables; its id is a text of digits.</summary>
internal sealed record TencentTemplate(string Id, string Text, SmsTemplateType Type, ApprovalState State = ApprovalState.Approved);

/// <summary>The two webhooks; a missing one gets nothing. <paramref name="RetryScale"/> shrinks the waits of 1, 5 and 10 minutes.</summary>
internal sealed record TencentPushSetup(string? ReportUrl = null, string? ReplyUrl = null, double RetryScale = 1)
{
    public int TimeoutMs { get; init; } = 5_000;

    /// <summary>Whether reports carry the session context as <c>ext</c>; no source says that they do.</summary>
    public bool WithSession { get; init; }
}

/// <summary>The provider's default limits; company accounts may change them in the console. Zero = no limit.</summary>
internal sealed record TencentLimits(
    bool Enabled = true, int SameContentPer30Seconds = 1, int PerNumberAndHour = 5, int PerNumberAndDay = 10, int PerAppAndDay = 0)
{
    public IReadOnlyList<string> WhiteList { get; init; } = [];

    /// <summary>Marketing goes between these hours only, the first included and the second not.</summary>
    public int MarketingFrom { get; init; } = 8;

    public int MarketingUntil { get; init; } = 22;
}
