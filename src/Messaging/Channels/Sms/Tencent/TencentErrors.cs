using System.Collections.Frozen;
using static Engagement.Messaging.Channels.ErrorClass;

namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>What each of Tencent Cloud's codes means for a message, of a call as of one number in it.</summary>
/// <remarks>
/// A code in the table is a parsed refusal: Tencent does not have the message. Some faults inside it are none: the send may have
/// happened (sms.md 7.2), and so they leave doubt. A code that is in no table proves nothing.
/// </remarks>
internal static class TencentErrors
{
    private const string AuthFamily = "AuthFailure";

    private static readonly FrozenDictionary<string, ErrorClass> s_refused = new Dictionary<string, ErrorClass>
    {
        ["InternalError.RequestTimeException"] = Config,
        ["InternalError.SigFieldMissing"] = Config,
        ["InternalError.SigVerificationFail"] = Config,
        ["InternalError.RestApiInterfaceNotExist"] = Config,
        ["FailedOperation.ContainSensitiveWord"] = PermanentTemplate,
        ["InvalidParameter.DirtyWordFound"] = PermanentTemplate,
        ["InvalidParameterValue.TemplateWithDirtyWords"] = PermanentTemplate,
        ["FailedOperation.FailResolvePacket"] = Config,
        ["FailedOperation.JsonParseFail"] = Config,
        ["FailedOperation.OtherError"] = Config,
        ["FailedOperation.ParametersOtherError"] = Config,
        ["FailedOperation.InsufficientBalanceInSmsPackage"] = Config,
        // Tencent's own spelling.
        ["UnauthorizedOperation.SerivceSuspendDueToArrears"] = Config,
        // Its window opens again in the morning.
        ["FailedOperation.MarketingSendTimeConstraint"] = Quota,
        ["FailedOperation.PhoneNumberInBlacklist"] = PermanentRecipient,
        ["FailedOperation.SignatureIncorrectOrUnapproved"] = Config,
        ["FailedOperation.MissingSignature"] = Config,
        ["FailedOperation.MissingSignatureList"] = Config,
        ["FailedOperation.TemplateIncorrectOrUnapproved"] = PermanentTemplate,
        ["FailedOperation.MissingTemplateList"] = PermanentTemplate,
        ["InvalidParameterValue.InvalidTemplateFormat"] = PermanentTemplate,
        ["FailedOperation.NotEnterpriseCertification"] = Config,
        ["FailedOperation.ForbidAddMarketingTemplates"] = Config,
        ["UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny"] = Config,
        ["InvalidParameterValue.IncorrectPhoneNumber"] = PermanentRecipient,
        ["InvalidParameterValue.ContentLengthLimit"] = PermanentTemplate,
        ["InvalidParameterValue.TemplateParameterFormatError"] = PermanentTemplate,
        ["InvalidParameterValue.TemplateParameterLengthLimit"] = PermanentTemplate,
        ["InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"] = PermanentTemplate,
        ["InvalidParameterValue.SdkAppIdNotExist"] = Config,
        ["InvalidParameter.AppidAndBizId"] = Config,
        ["InvalidParameter"] = Config,
        ["InvalidParameter.InvalidParameters"] = Config,
        ["MissingParameter"] = Config,
        ["MissingParameter.EmptyPhoneNumberSet"] = Config,
        ["LimitExceeded.PhoneNumberThirtySecondLimit"] = Quota,
        ["LimitExceeded.PhoneNumberOneHourLimit"] = Quota,
        ["LimitExceeded.PhoneNumberDailyLimit"] = Quota,
        ["LimitExceeded.PhoneNumberSameContentDailyLimit"] = Quota,
        ["LimitExceeded.DeliveryFrequencyLimit"] = Quota,
        ["LimitExceeded.AppDailyLimit"] = Quota,
        ["LimitExceeded.DailyLimit"] = Quota,
        ["LimitExceeded.PhoneNumberCountLimit"] = Config,
        ["UnauthorizedOperation.RequestIpNotInWhitelist"] = Config,
        ["UnauthorizedOperation.RequestPermissionDeny"] = Config,
        ["UnauthorizedOperation.SdkAppIdIsDisabled"] = Config,
        ["UnauthorizedOperation.SmsSdkAppIdVerifyFail"] = Config,
        ["UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber"] = Config,
        ["UnsupportedOperation.UnsuportedRegion"] = PermanentRecipient,
        ["RequestLimitExceeded"] = Retry,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Tencent failed while it had the message in its hands.
    private static readonly FrozenSet<string> s_doubtful = new[]
    {
        "InternalError.Timeout", "InternalError.SendAndRecvFail", "InternalError.OtherError", "InternalError.UnknownError", "InternalError.JsonParseFail",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The codes of the table, for whoever wants to see each of them tried.</summary>
    public static IEnumerable<string> All => s_refused.Keys.Concat(s_doubtful);

    /// <summary>The outcome of a call or a number that was answered with a code other than <c>Ok</c>.</summary>
    public static SendResult Refusal(string code) =>
        s_refused.TryGetValue(code, out var errorClass) ? SendResult.Refused(errorClass, code)
        : IsAuth(code) ? SendResult.Refused(Config, code)
        : new SendResult(Acceptance.Unknown, s_doubtful.Contains(code) ? Retry : ErrorClass.Unknown, code, null);

    /// <summary>Whether the table has the code; one that it has not is worth a person's look.</summary>
    public static bool IsKnown(string code) => s_refused.ContainsKey(code) || s_doubtful.Contains(code) || IsAuth(code);

    /// <summary>The class of a receipt's code: Tencent's own, or a carrier's.</summary>
    public static ErrorClass OfReceipt(string code) => s_refused.TryGetValue(code, out var errorClass) ? errorClass : CarrierCodes.Classify(code);

    private static bool IsAuth(string code) => code == AuthFamily || code.StartsWith(AuthFamily + ".", StringComparison.Ordinal);
}
