namespace Engagement.Sandbox.WeChat;

/// <summary>A refusal in WeChat's words: the code is the contract, the text only resembles what has been seen.</summary>
internal readonly record struct WeChatError(int Code, string Text)
{
    public static readonly WeChatError InvalidCredential = new(40001,
        "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken");

    public static readonly WeChatError WrongSecret = new(40001, "invalid credential");
    public static readonly WeChatError InvalidGrantType = new(40002, "invalid grant_type");
    public static readonly WeChatError InvalidOpenId = new(40003, "invalid openid");
    public static readonly WeChatError InvalidAppId = new(40013, "invalid appid");
    public static readonly WeChatError MalformedToken = new(40014, "invalid access_token");
    public static readonly WeChatError InvalidTemplateId = new(40037, "invalid template_id");
    public static readonly WeChatError InvalidSecret = new(40125, "invalid appsecret");
    public static readonly WeChatError MissingToken = new(41001, "access_token missing");
    public static readonly WeChatError MissingAppId = new(41002, "appid missing");
    public static readonly WeChatError MissingSecret = new(41004, "appsecret missing");
    public static readonly WeChatError InvalidPage = new(41030, "invalid page");
    public static readonly WeChatError ExpiredToken = new(42001, "access_token expired");
    public static readonly WeChatError UsedCode = new(40163, "code been used");
    public static readonly WeChatError InvalidCode = new(40029, "invalid code");
    public static readonly WeChatError HighRiskUser = new(40226, "code blocked");
    public static readonly WeChatError MissingCode = new(41008, "missing code");
    public static readonly WeChatError InvalidScene = new(40129, "invalid scene");
    public static readonly WeChatError InvalidArguments = new(40097, "invalid args");
    public static readonly WeChatError GetRequired = new(43001, "require GET method");
    public static readonly WeChatError NotFollowing = new(43004, "require subscribe");
    public static readonly WeChatError EmptyBody = new(44002, "empty post data");
    public static readonly WeChatError MinuteLimit = new(45011, "api minute-quota reach limit, must slower, retry next minute");
    public static readonly WeChatError OutsideWindow = new(45015, "response out of time limit or subscription is canceled");
    public static readonly WeChatError WindowUsedUp = new(45047, "out of response count limit");
    public static readonly WeChatError Unauthorized = new(48001, "api unauthorized");
    public static readonly WeChatError RefusesMessages = new(48002, "user block receive message");
    public static readonly WeChatError ClearsUsedUp = new(48006, "forbid to clear quota because of reaching the limit");
    public static readonly WeChatError Inactive = new(61010, "code is expired");
    public static readonly WeChatError SessionGone = new(87007, "session_key is not exist or expired");
    public static readonly WeChatError SignatureMethod = new(87008, "invalid sig_method");
    public static readonly WeChatError SessionSignature = new(87009, "invalid signature");
    public static readonly WeChatError PostRequired = new(43002, "require POST method");
    public static readonly WeChatError Refused = new(43101, "user refuse to accept the msg");
    public static readonly WeChatError SubscribeBanned = new(43107, "subscribe message of this template is banned");
    public static readonly WeChatError TemplateRestricted = new(43116, "the template is restricted");
    public static readonly WeChatError MarketingContent = new(40249, "marketing content is not allowed");
    public static readonly WeChatError InvalidPagePath = new(40165, "invalid weapp pagepath");
    public static readonly WeChatError TooLong = new(45002, "content size out of limit");
    public static readonly WeChatError TooManyArticles = new(45008, "article size out of limit");
    public static readonly WeChatError InvalidType = new(40008, "invalid message type");
    public static readonly WeChatError UrlLength = new(40039, "invalid url size");
    public static readonly WeChatError Overlap = new(43108, "parallel send to the same user is not allowed");
    public static readonly WeChatError DailyLimit = new(45009, "reach max api daily quota limit");
    public static readonly WeChatError ForbiddenWord = new(45168, "hit forbidden word");
    public static readonly WeChatError NotJson = new(47001, "data format error");

    /// <summary>47003: names the keyword and what is wrong with it.</summary>
    public static WeChatError Argument(string key, string fault) => new(47003, $"argument invalid! data.{key}.value {fault}");

    /// <summary>An error that a fault setting asks for by number.</summary>
    public static WeChatError Forced(string code) =>
        int.TryParse(code, out var number) ? new(number, number == -1 ? "system error" : "forced by the sandbox") : new(-1, "system error");
}
