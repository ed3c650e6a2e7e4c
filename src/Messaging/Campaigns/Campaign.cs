using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Messaging.Audiences;

namespace Engagement.Messaging.Campaigns;

/// <summary>Where a campaign stands.</summary>
public enum CampaignState
{
    /// <summary>Being written.</summary>
    Draft = 1,

    /// <summary>Checked, and approved by a second person.</summary>
    Approved = 2,

    /// <summary>Refused at approval, with the findings.</summary>
    Refused = 3,

    /// <summary>Stopped for now; its messages wait.</summary>
    Paused = 4,

    /// <summary>Stopped for good; its messages are suppressed.</summary>
    Cancelled = 5,
}

/// <summary>A campaign as marketing staff write it.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Template">The code of its template.</param>
/// <param name="Audience">Who is meant.</param>
/// <param name="Content">What it offers.</param>
/// <param name="HoldoutPercent">The share that gets nothing so that the effect can be measured, 0 to 50.</param>
/// <param name="SmsFallback">Whether members without a WeChat subscription get it by SMS; off unless somebody turns it on.</param>
/// <param name="At">When it starts by itself; <c>null</c> when somebody starts it.</param>
public sealed record CampaignFile(
    string Code, string Template, AudienceRule Audience, CampaignOffer Content, decimal HoldoutPercent = 10, bool SmsFallback = false,
    [property: JsonConverter(typeof(InstantConverter))] DateTimeOffset? At = null)
{
    /// <summary>Reads a campaign file.</summary>
    /// <exception cref="JsonException">It is not one; the message names the place.</exception>
    public static CampaignFile Parse(string json) =>
        JsonSerializer.Deserialize(json, CampaignJson.Default.CampaignFile) ?? throw new JsonException("The campaign file is empty.");
}

/// <summary>An offer that begins when the campaign starts by itself, else when it is submitted.</summary>
/// <param name="Name">The headline.</param>
/// <param name="Offer">The offer in one sentence.</param>
/// <param name="ValidDays">For how many days it holds, the first one included.</param>
/// <param name="Skus">The products that it is about.</param>
/// <param name="ApprovalNo">The advertising approval number, where the products need one.</param>
public sealed record CampaignOffer(string Name, string Offer, int ValidDays, IReadOnlyList<string> Skus, string ApprovalNo = "")
{
    /// <summary>The offer with its last day fixed.</summary>
    public CampaignContent From(int firstDay) => new(Name, Offer, firstDay + ValidDays - 1, Skus, ApprovalNo);
}

/// <summary>What a campaign offers; its texts are checked at approval.</summary>
/// <param name="Name">The headline.</param>
/// <param name="Offer">The offer in one sentence.</param>
/// <param name="ValidUntil">The last day of the offer, as a day number in China.</param>
/// <param name="Skus">The products that it is about; empty for goods that need no mention.</param>
/// <param name="ApprovalNo">The advertising approval number, where the products need one (广告法 46).</param>
public sealed record CampaignContent(string Name, string Offer, int ValidUntil, IReadOnlyList<string> Skus, string ApprovalNo = "")
{
    internal string ToJson() => JsonSerializer.Serialize(this, CampaignJson.Default.CampaignContent);

    internal static CampaignContent FromJson(string json) => JsonSerializer.Deserialize(json, CampaignJson.Default.CampaignContent)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CampaignFile))]
[JsonSerializable(typeof(CampaignContent))]
[JsonSerializable(typeof(AudienceRule))]
internal sealed partial class CampaignJson : JsonSerializerContext;
