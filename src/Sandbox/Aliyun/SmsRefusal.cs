using Engagement.Sandbox.Control;

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
    public static readonly SmsRefusal IllegalContent = new("isv.SMS_CONTENT_ILLEGAL", "短信内容包含禁止发送内容");
    public static readonly SmsRefusal Abroad = new("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", "国际/港澳台消息模板不支持发送境内号码");
    public static readonly SmsRefusal SharedExtendCode = new("isv.EXTEND_CODE_ERROR", "发送短信时不同签名的短信使用了相同扩展码");
    public static readonly SmsRefusal DayCap = new("isv.DAY_LIMIT_CONTROL", "触发日发送限额");
    public static readonly SmsRefusal MonthCap = new("isv.MONTH_LIMIT_CONTROL", "触发月发送限额");
    public static readonly SmsRefusal Parameters = new("isv.INVALID_PARAMETERS", "参数异常");

    /// <summary>A per-number limit; the text names the window and its size.</summary>
    public static SmsRefusal FlowLimit(string window, int permits) =>
        new("isv.BUSINESS_LIMIT_CONTROL", $"触发{window}级流控Permits:{permits}");

    /// <summary>Why an account in this state may not send.</summary>
    public static SmsRefusal? Of(AliyunState state) => state switch
    {
        AliyunState.Normal => null,
        AliyunState.OutOfService => new("isv.OUT_OF_SERVICE", "业务停机"),
        AliyunState.NoBalance => new("isv.AMOUNT_NOT_ENOUGH", "账户余额不足"),
        AliyunState.NotOpened => new("isv.PRODUCT_UN_SUBSCRIPT", "未开通云通信产品的阿里云客户"),
        AliyunState.Unknown => new("isv.ACCOUNT_NOT_EXISTS", "账户不存在"),
        AliyunState.Abnormal => new("isv.ACCOUNT_ABNORMAL", "账户异常"),
        AliyunState.CalledFromAbroad => new("isv.DENY_IP_RANGE", "源IP地址所在的地区被禁用"),
        AliyunState.NoPermission => new("isp.RAM_PERMISSION_DENY", "RAM权限不足"),
    };

    public static SmsRefusal Forced(string code) => new(code, "forced by the sandbox");
}
