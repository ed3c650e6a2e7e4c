namespace Engagement.Api.Demo;

/// <summary>The demo's accounts. They open nothing but the sandbox on this machine.</summary>
internal static class DemoSettings
{
    public const string AppId = "wx0demo0demo0demo0";
    public const string AppSecret = "demo-secret-of-the-sandbox-only";
    public const string PushToken = "DemoPushToken";
    public const string AccessKeyId = "DemoAccessKey";
    public const string AccessKeySecret = "demo-access-secret-of-the-sandbox-only";
    public const string WebhookSecret = "demo-webhook-secret-0001";
    public const string SignName = "康宁大药房";
    public const string VerificationTemplate = "SMS_210000020";

    /// <summary>Points the clients at the sandbox.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> For(Uri sandbox) =>
    [
        new("WeChat:BaseUrl", sandbox.ToString()),
        new("WeChat:AppId", AppId),
        new("WeChat:AppSecret", AppSecret),
        new("WeChat:PushToken", PushToken),
        // The request files under http/ carry a time of their own.
        new("WeChat:PushWindow", "00:00:00"),
        new("Sms:Aliyun:BaseUrl", sandbox.ToString()),
        new("Sms:Aliyun:AccessKeyId", AccessKeyId),
        new("Sms:Aliyun:AccessKeySecret", AccessKeySecret),
        new("Sms:Aliyun:SignName", SignName),
        new("Sms:Aliyun:WebhookSecret", WebhookSecret),
        new("Sms:Tencent:WebhookSecret", WebhookSecret),
        new("Sms:Verification:Templates:aliyun", VerificationTemplate),
        new("Sms:Verification:SignName", SignName),
    ];

    /// <summary>Staff sign in with one click: refused over any keys but the demo's, on SQLite.</summary>
    public static KeyValuePair<string, string?> OneClick => new(Staff.SignIn.DemoSignIn.Setting, "true");
}
