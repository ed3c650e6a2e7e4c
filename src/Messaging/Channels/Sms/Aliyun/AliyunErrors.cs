using System.Collections.Frozen;
using static Engagement.Messaging.Channels.ErrorClass;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>What each of Aliyun's codes means for a message, in an answer as in a receipt.</summary>
/// <remarks>A code in the table is a parsed refusal: Aliyun does not have the message. A code that is not proves nothing.</remarks>
internal static class AliyunErrors
{
    private static readonly FrozenDictionary<string, ErrorClass> s_classes = new Dictionary<string, ErrorClass>
    {
        // The documentation's advice is to call again.
        ["isp.SYSTEM_ERROR"] = Retry,
        ["isp.RAM_PERMISSION_DENY"] = Config,
        ["isv.OUT_OF_SERVICE"] = Config,
        ["isv.AMOUNT_NOT_ENOUGH"] = Config,
        ["isv.PRODUCT_UN_SUBSCRIPT"] = Config,
        ["isv.PRODUCT_UNSUBSCRIBE"] = Config,
        ["isv.ACCOUNT_NOT_EXISTS"] = Config,
        ["isv.ACCOUNT_ABNORMAL"] = Config,
        ["isv.DENY_IP_RANGE"] = Config,
        ["isv.SMS_SIGNATURE_ILLEGAL"] = Config,
        ["isv.SIGN_STATE_ILLEGAL"] = Config,
        ["isv.SMS_SIGN_ILLEGAL"] = Config,
        ["isv.SIGN_NAME_ILLEGAL"] = Config,
        ["isv.SMS_SIGNATURE_SCENE_ILLEGAL"] = Config,
        ["isv.EXTEND_CODE_ERROR"] = Config,
        ["isv.SMS_TEMPLATE_ILLEGAL"] = PermanentTemplate,
        ["isv.TEMPLATE_MISSING_PARAMETERS"] = PermanentTemplate,
        ["isv.TEMPLATE_PARAMS_ILLEGAL"] = PermanentTemplate,
        ["isv.INVALID_JSON_PARAM"] = Config,
        ["isv.INVALID_PARAMETERS"] = Config,
        ["isv.PARAM_LENGTH_LIMIT"] = PermanentTemplate,
        ["isv.PARAM_NOT_SUPPORT_URL"] = PermanentTemplate,
        ["isv.BLACK_KEY_CONTROL_LIMIT"] = PermanentTemplate,
        ["isv.SMS_CONTENT_ILLEGAL"] = PermanentTemplate,
        ["isv.DOMESTIC_NUMBER_NOT_SUPPORTED"] = PermanentTemplate,
        ["isv.MOBILE_NUMBER_ILLEGAL"] = PermanentRecipient,
        ["isv.MOBILE_COUNT_OVER_LIMIT"] = Config,
        ["isv.BUSINESS_LIMIT_CONTROL"] = Quota,
        ["isv.DAY_LIMIT_CONTROL"] = Quota,
        ["isv.MONTH_LIMIT_CONTROL"] = Quota,
        ["Throttling"] = Retry,
        ["Throttling.User"] = Retry,
        ["SignatureDoesNotMatch"] = Config,
        ["InvalidAccessKeyId.NotFound"] = Config,
        ["InvalidTimeStamp.Expired"] = Config,
        ["SignatureNonceUsed"] = Config,
        ["MissingParameter"] = Config,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The codes of the table, for whoever wants to see each of them tried.</summary>
    public static IEnumerable<string> All => s_classes.Keys;

    /// <summary>The outcome of a call that was answered with a code other than <c>OK</c>.</summary>
    public static SendResult Refusal(string code) => s_classes.TryGetValue(code, out var errorClass)
        ? SendResult.Refused(errorClass, code)
        : new SendResult(Acceptance.Unknown, ErrorClass.Unknown, code, null);

    /// <summary>Whether the table has the code; one that it has not is worth a person's look.</summary>
    public static bool IsKnown(string code) => s_classes.ContainsKey(code);

    /// <summary>The class of a receipt's code: Aliyun's own, or a carrier's.</summary>
    public static ErrorClass OfReceipt(string code) => s_classes.TryGetValue(code, out var errorClass) ? errorClass : CarrierCodes.Classify(code);
}
