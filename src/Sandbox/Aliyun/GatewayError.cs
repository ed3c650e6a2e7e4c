namespace Engagement.Sandbox.Aliyun;

/// <summary>A refusal by the gateway in front of the product: these come with HTTP 4xx, the product's own with 200.</summary>
internal sealed record GatewayError(int Status, string Code, string Message)
{
    public static readonly GatewayError UnknownKey = new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
    public static readonly GatewayError Expired = new(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");
    public static readonly GatewayError NonceUsed = new(400, "SignatureNonceUsed", "Specified signature nonce was used already.");
    public static readonly GatewayError UnknownAction = new(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.");
    public static readonly GatewayError Throttled = new(400, "Throttling.User", "Request was denied due to user flow control.");

    public static GatewayError Missing(string parameter) =>
        new(400, "MissingParameter", $"The input parameter \"{parameter}\" that is mandatory for processing this request is not supplied.");

    /// <summary>Tells, as the real one does, what was signed on this side.</summary>
    public static GatewayError WrongSignature(string serverText) =>
        new(400, "SignatureDoesNotMatch", $"Specified signature is not matched with our calculation. server string to sign is:{serverText}");
}
