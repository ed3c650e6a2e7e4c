namespace Engagement.Sandbox.Aliyun;

/// <summary>A refusal by the short message product itself: HTTP 200, the verdict in <c>Code</c>.</summary>
internal sealed record SmsRefusal(string Code, string Message)
{
    public static readonly SmsRefusal NumberFormat = new("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号");
    public static readonly SmsRefusal TooManyNumbers = new("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制");
    public static readonly SmsRefusal UnknownSignature = new("isv.SMS_SIGNATURE_ILLEGAL", "该账号下找不到对应签名");
    public static readonly SmsRefusal SignatureState = new("isv.SIGN_STATE_ILLEGAL", "签名状态不可用");
    public static readonly SmsRefusal SignatureKind = new("isv.SMS_SIGNATURE_SCENE_ILLEGAL", "签名和模板类型不匹配");
    public static readonly SmsRefusal UnknownTemplate = new("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板");
    public static readonly SmsRefusal NotJson = new("isv.INVALID_JSON_PARAM", "参数格式错误，请修改为字符串值");
    public static readonly SmsRefusal MissingValue = new("isv.TEMPLATE_MISSING_PARAMETERS", "模板变量中存在未赋值变量");
    public static readonly SmsRefusal IllegalValue = new("isv.TEMPLATE_PARAMS_ILLEGAL", "模板变量里包含非法关键字");
    public static readonly SmsRefusal TooLong = new("isv.PARAM_LENGTH_LIMIT", "参数超过长度限制");
    public static readonly SmsRefusal Address = new("isv.PARAM_NOT_SUPPORT_URL", "变量不支持传入URL");
    public static readonly SmsRefusal ForbiddenWord = new("isv.BLACK_KEY_CONTROL_LIMIT", "变量内容触发黑名单关键字");
    public static readonly SmsRefusal Parameters = new("isv.INVALID_PARAMETERS", "参数异常");

    /// <summary>A per-number limit; the text names the window and its size.</summary>
    public static SmsRefusal FlowLimit(string window, int permits) =>
        new("isv.BUSINESS_LIMIT_CONTROL", $"触发{window}级流控Permits:{permits}");

    public static SmsRefusal Forced(string code) => new(code, "forced by the sandbox");
}
