using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Messaging.Content;

/// <summary>A template as people write it: one content per channel, because the channels differ in kind.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Name">What staff call it.</param>
/// <param name="Kind">The kind of message that it is for.</param>
/// <param name="ReviewedBy">Who reviewed the text; empty for a draft, which cannot be approved.</param>
/// <param name="Contents">What it says on each channel.</param>
public sealed record TemplateFile(string Code, string Name, MessageKind Kind, string ReviewedBy, TemplateContents Contents)
{
    /// <summary>Reads a template file.</summary>
    /// <exception cref="JsonException">It is not one; the message names the place.</exception>
    public static TemplateFile Parse(string json) =>
        JsonSerializer.Deserialize(json, ContentJson.Default.TemplateFile) ?? throw new JsonException("The template file is empty.");
}

/// <summary>What a template says on each channel; a channel that is missing is not used.</summary>
public sealed record TemplateContents
{
    /// <summary>The in-app inbox: behind the login, so it may say what it is about.</summary>
    public InboxContent? Inbox { get; init; }

    /// <summary>The WeChat subscribe message: others read it on the lock screen.</summary>
    public WeChatSubscribeContent? WeChatSubscribe { get; init; }

    /// <summary>The template message of the official account: others read it on the lock screen.</summary>
    public OfficialAccountContent? OfficialAccount { get; init; }

    /// <summary>The customer-service message, for those who have just written or tapped.</summary>
    public CustomerServiceContent? CustomerService { get; init; }

    /// <summary>The SMS: others read it too.</summary>
    public SmsContent? Sms { get; init; }

    /// <summary>The form in which a version is stored.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ContentJson.Default.TemplateContents);

    /// <summary>Reads that form.</summary>
    public static TemplateContents FromJson(string json) => JsonSerializer.Deserialize(json, ContentJson.Default.TemplateContents)!;

    /// <summary>Two contents are the same version when this is equal.</summary>
    public string Checksum() => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ToJson())));
}

/// <summary>Inbox content.</summary>
/// <param name="Title">The title, a template.</param>
/// <param name="Body">The body, a template.</param>
/// <param name="Page">The mini-program page that it opens.</param>
public sealed record InboxContent(string Title, string Body, string Page);

/// <summary>Subscribe-message content.</summary>
/// <param name="TemplateId">The provider's template.</param>
/// <param name="Page">The mini-program page that the card opens; the reference is added to it.</param>
/// <param name="Keywords">One expression a keyword, in the provider's order; limits by keyword type (wechat.md 4.2).</param>
public sealed record WeChatSubscribeContent(string TemplateId, string Page, IReadOnlyDictionary<string, string> Keywords);

/// <summary>Official-account content.</summary>
/// <param name="TemplateId">The official account's template. It must be no advertising: WeChat refuses that (40249).</param>
/// <param name="Page">The mini-program page that it opens; the reference is added to it.</param>
/// <param name="Keywords">One expression a keyword, in the provider's order; limits by keyword type (wechat.md 4.2).</param>
public sealed record OfficialAccountContent(string TemplateId, string Page, IReadOnlyDictionary<string, string> Keywords);

/// <summary>Customer-service content: a text, or a card with the text as its title.</summary>
/// <param name="Text">What it says, a template.</param>
/// <param name="Card">The card; <c>null</c> for a plain text.</param>
public sealed record CustomerServiceContent(string Text, CardContent? Card = null);

/// <summary>A mini-program card in a chat.</summary>
/// <param name="Page">The page that it opens; the reference is added to it.</param>
/// <param name="ThumbMediaId">Its picture, as WeChat calls it after the upload.</param>
public sealed record CardContent(string Page, string ThumbMediaId);

/// <summary>SMS content: the template as Aliyun approved it, and the same one at other providers.</summary>
/// <param name="TemplateCode">Aliyun's code of the template.</param>
/// <param name="SignName">The signature, without brackets.</param>
/// <param name="Text">The approved text with <c>${name}</c> variables, for preview, length and price.</param>
/// <param name="Parameters">One expression a variable.</param>
public sealed record SmsContent(string TemplateCode, string SignName, string Text, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>How far Aliyun's approval was when the file was written; what Aliyun says later counts more.</summary>
    public SmsApprovalState? State { get; init; }

    /// <summary>The template at other providers, by their names.</summary>
    public IReadOnlyDictionary<string, SmsProviderTemplate>? Others { get; init; }

    /// <summary>The template at one provider; <c>null</c> when it is not there.</summary>
    internal SmsProviderTemplate? At(string provider) =>
        provider == "aliyun" ? new SmsProviderTemplate(TemplateCode, null) { State = State } : Others?.GetValueOrDefault(provider);

    /// <summary>Every provider that has the template.</summary>
    internal IEnumerable<string> Providers => Others is null ? ["aliyun"] : Others.Keys.Prepend("aliyun");
}

/// <summary>An SMS template at a provider.</summary>
/// <param name="Template">The provider's id of the template.</param>
/// <param name="Order">The variables in the order in which the provider numbers them; <c>null</c> where it takes them by name.</param>
public sealed record SmsProviderTemplate(string Template, IReadOnlyList<string>? Order)
{
    /// <summary>The signature there; <c>null</c> when it is the content's.</summary>
    public string? SignName { get; init; }

    /// <summary>How far the approval was when the file was written; <c>null</c> for approved.</summary>
    public SmsApprovalState? State { get; init; }
}

/// <summary>How far a provider's approval of a template or a signature is.</summary>
public enum SmsApprovalState
{
    /// <summary>Not handed in.</summary>
    Draft = 1,

    /// <summary>Handed in, not decided.</summary>
    InReview = 2,

    /// <summary>May be used.</summary>
    Approved = 3,

    /// <summary>May not be used; the provider says why.</summary>
    Refused = 4,
}

/// <summary>What a provider takes a template for.</summary>
public enum SmsTemplateType
{
    /// <summary>It has not said.</summary>
    Unknown = 0,

    /// <summary>验证码.</summary>
    Verification = 1,

    /// <summary>通知.</summary>
    Notice = 2,

    /// <summary>推广.</summary>
    Marketing = 3,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TemplateFile))]
[JsonSerializable(typeof(TemplateContents))]
internal sealed partial class ContentJson : JsonSerializerContext;
