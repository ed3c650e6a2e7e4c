using System.Text.Json.Serialization;
using Engagement.Api.Hosting;

namespace Engagement.Api.Member;

/// <summary>How the answers of the member surface are written, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HomeAnswer))]
[JsonSerializable(typeof(MemberCodeAnswer))]
[JsonSerializable(typeof(PointsAnswer))]
[JsonSerializable(typeof(Page<PointsLedgerItem>))]
[JsonSerializable(typeof(TierAnswer))]
[JsonSerializable(typeof(Page<OfferItem>))]
[JsonSerializable(typeof(Page<CouponItem>))]
[JsonSerializable(typeof(CouponAnswer))]
[JsonSerializable(typeof(ReferralAnswer))]
[JsonSerializable(typeof(BirthdayAnswer))]
[JsonSerializable(typeof(Page<StoreItem>))]
internal sealed partial class MemberJson : JsonSerializerContext;

/// <summary>Words of enums as JSON has them.</summary>
internal static class EnumWord
{
    /// <summary>The value in snake_case.</summary>
    public static string Of<T>(T value) where T : struct, Enum => Words<T>.All[value];

    private static class Words<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> All = Enum.GetValues<T>().Distinct().ToDictionary(value => value, value => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }
}
