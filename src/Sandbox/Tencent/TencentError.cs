using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Tencent;

/// <summary>A refusal in Tencent's words, of a whole call or of one number.</summary>
internal sealed record TencentError(string Code, string Message)
{
    // The gateway in front of every product.
    public static readonly TencentError NoAuthorization = new("AuthFailure.InvalidAuthorization", "The `Authorization` header is invalid.");
    public static readonly TencentError UnknownId = new("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct.");
    public static readonly TencentError WrongSignature = new("AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.");
    public static readonly TencentError Expired = new("AuthFailure.SignatureExpire", "The provided credentials could not be validated because of exceeding request timestamp.");
    public static readonly TencentError UnknownAction = new("InvalidAction", "The request action is invalid or not found.");
    public static readonly TencentError UnknownVersion = new("NoSuchVersion", "The specified version does not exist.");
    public static readonly TencentError NotJson = new("InvalidParameter", "The request body is not a JSON object.");

    // The short message product, whole call.
    public static readonly TencentError UnknownApp = new("InvalidParameterValue.SdkAppIdNotExist", "SdkAppId does not exist.");
    public static readonly TencentError NoNumbers = new("MissingParameter.EmptyPhoneNumberSet", "The PhoneNumberSet cannot be empty.");
    public static readonly TencentError TooManyNumbers = new("LimitExceeded.PhoneNumberCountLimit", "The number of PhoneNumberSet exceeds 200.");
    public static readonly TencentError MixedNumbers = new("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
        "Domestic and international phone numbers cannot be in one request.");
    public static readonly TencentError Abroad = new("UnsupportedOperation.UnsuportedRegion", "The region is not supported.");
    public static readonly TencentError OutOfBalance = new("FailedOperation.InsufficientBalanceInSmsPackage", "The balance of the package is insufficient.");

    // The short message product, each number by itself.
    public static readonly TencentError Signature = new("FailedOperation.SignatureIncorrectOrUnapproved", "The signature is not approved or has the wrong format.");
    public static readonly TencentError NoSignature = new("FailedOperation.MissingSignature", "The signature is missing.");
    public static readonly TencentError Template = new("FailedOperation.TemplateIncorrectOrUnapproved",
        "template is not approved or request content does not match the approved template content");
    public static readonly TencentError Number = new("InvalidParameterValue.IncorrectPhoneNumber", "The phone number is incorrect.");
    public static readonly TencentError Length = new("InvalidParameterValue.ContentLengthLimit", "The message is too long.");
    public static readonly TencentError ValueFormat = new("InvalidParameterValue.TemplateParameterFormatError", "A verification variable holds 0 to 6 digits only.");
    public static readonly TencentError ValueLength = new("InvalidParameterValue.TemplateParameterLengthLimit", "A variable has more than 12 characters.");
    public static readonly TencentError ValueAddress = new("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "A URL is not allowed in a variable.");
    public static readonly TencentError SensitiveWord = new("FailedOperation.ContainSensitiveWord", "The message contains sensitive words.");
    public static readonly TencentError Blacklisted = new("FailedOperation.PhoneNumberInBlacklist", "The phone number has unsubscribed or is in the blacklist.");
    public static readonly TencentError Hours = new("FailedOperation.MarketingSendTimeConstraint", "Marketing messages are sent between 8:00 and 22:00 only.");
    public static readonly TencentError PersonalMarketing = new("UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny", "A personal account may not send marketing messages.");
    public static readonly TencentError ThirtySeconds = new("LimitExceeded.PhoneNumberThirtySecondLimit", "the number of sms messages sent from a single mobile number within 30 seconds exceeds the upper limit");
    public static readonly TencentError Hour = new("LimitExceeded.PhoneNumberOneHourLimit", "the number of sms messages sent from a single mobile number within 1 hour exceeds the upper limit");
    public static readonly TencentError Day = new("LimitExceeded.PhoneNumberDailyLimit", "the number of sms messages sent from a single mobile number every day exceeds the upper limit");
    public static readonly TencentError AppDay = new("LimitExceeded.AppDailyLimit", "The number of messages of the application exceeds its daily limit.");

    /// <summary>Why an account in this state may not send.</summary>
    public static TencentError? Of(TencentState state) => state switch
    {
        TencentState.Normal => null,
        TencentState.NoBalance => OutOfBalance,
        TencentState.Arrears => new("UnauthorizedOperation.SerivceSuspendDueToArrears", "The service is suspended due to arrears."),
        TencentState.AppDisabled => new("UnauthorizedOperation.SdkAppIdIsDisabled", "The SdkAppId is disabled."),
        TencentState.IpNotListed => new("UnauthorizedOperation.RequestIpNotInWhitelist", "The IP address is not in the allowlist."),
        TencentState.NoPermission => new("UnauthorizedOperation.RequestPermissionDeny", "The request is not permitted."),
    };

    public static TencentError Missing(string field) => new("MissingParameter", $"The request is missing a required parameter `{field}`.");

    public static TencentError Wrong(string field) => new("InvalidParameter", $"Invalid parameter `{field}`.");

    public static TencentError Forced(string code) => new(code, "forced by the sandbox");
}
