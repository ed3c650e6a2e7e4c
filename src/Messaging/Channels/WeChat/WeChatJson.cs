using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>The shapes of WeChat's answers, as it spells them. Whatever may be missing may be <c>null</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(PhoneAnswer))]
[JsonSerializable(typeof(SubscribeTemplatesAnswer))]
[JsonSerializable(typeof(OfficialTemplatesAnswer))]
[JsonSerializable(typeof(AddedAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(LinkAnswer))]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(QuotaAnswer))]
internal sealed partial class WeChatJson : JsonSerializerContext;

internal sealed record SessionAnswer([property: JsonPropertyName("openid")] string? OpenId, string? SessionKey, [property: JsonPropertyName("unionid")] string? UnionId);

internal sealed record PhoneAnswer(PhoneInfo? PhoneInfo);

internal sealed record PhoneInfo(
    [property: JsonPropertyName("purePhoneNumber")] string? PurePhoneNumber, [property: JsonPropertyName("countryCode")] JsonElement CountryCode);

internal sealed record SubscribeTemplatesAnswer(IReadOnlyList<SubscribeTemplateAnswer>? Data);

internal sealed record SubscribeTemplateAnswer([property: JsonPropertyName("priTmplId")] string? PriTmplId, string? Title, string? Content, int Type);

internal sealed record OfficialTemplatesAnswer(IReadOnlyList<OfficialTemplateAnswer>? TemplateList);

internal sealed record OfficialTemplateAnswer(string? TemplateId, string? Title, string? Content);

internal sealed record AddedAnswer([property: JsonPropertyName("priTmplId")] string? PriTmplId);

internal sealed record UserAnswer(
    int? Subscribe, [property: JsonPropertyName("openid")] string? OpenId, [property: JsonPropertyName("unionid")] string? UnionId, string? SubscribeScene);

internal sealed record LinkAnswer(string? Openlink, string? UrlLink);

internal sealed record CheckAnswer(string? TraceId, CheckResult? Result);

internal sealed record CheckResult(string? Suggest, int Label);

internal sealed record QuotaAnswer(QuotaFigures? Quota);

internal sealed record QuotaFigures(long? DailyLimit, long? Used, long? Remain);
