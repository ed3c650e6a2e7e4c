using Engagement.Messaging;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Content;

namespace Engagement.Api.Demo;

/// <summary>The sample templates and campaigns that come with the program, and what the sandbox must know of them.</summary>
internal static class DemoTemplates
{
    private static readonly string s_samples = Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>The reviewed templates.</summary>
    public static IReadOnlyList<TemplateFile> All { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(s_samples, "templates"), "*.json").Order(StringComparer.Ordinal).Select(file => TemplateFile.Parse(File.ReadAllText(file)))];

    /// <summary>A sample campaign by its code.</summary>
    public static CampaignFile Campaign(string code) => CampaignFile.Parse(File.ReadAllText(Path.Combine(s_samples, "campaigns", code + ".json")));

    /// <summary>The WeChat template that the chain's grants call <c>birthday</c>, <c>refill</c> or <c>promotion</c>.</summary>
    public static string WeChatTemplate(string key)
    {
        var kind = key switch
        {
            "birthday" => MessageKind.Birthday,
            "refill" => MessageKind.Refill,
            "promotion" => MessageKind.Promotion,
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, "A grant is for birthday, refill or promotion."),
        };
        return All.First(t => t.Kind == kind).Contents.WeChatSubscribe!.TemplateId;
    }

    /// <summary>What the sandbox is told: accounts, templates as the providers approved them, and where to push (nowhere while there is no API).</summary>
    public static SandboxSetup Setup(string? api) => new(
        new SandboxWeChat(DemoSettings.AppId, DemoSettings.AppSecret,
            [.. from t in All where t.Contents.WeChatSubscribe is not null let w = t.Contents.WeChatSubscribe
                select new SandboxWeChatTemplate(w.TemplateId, t.Name, 2, w.Keywords.ToDictionary(k => k.Key, k => Label(k.Key)))],
            [.. All.SelectMany(t => new[] { t.Contents.Inbox?.Page, t.Contents.WeChatSubscribe?.Page }).OfType<string>().Distinct()],
            api is null ? null : new SandboxWeChatPush($"{api}/webhooks/wechat/main/", DemoSettings.PushToken, "xml")),
        new SandboxAliyun(DemoSettings.AccessKeyId, DemoSettings.AccessKeySecret, [DemoSettings.SignName],
            [.. from t in All where t.Contents.Sms is not null let s = t.Contents.Sms
                select new SandboxSmsTemplate(s.TemplateCode, s.Text, t.Kind is MessageKind.Birthday or MessageKind.Promotion ? "marketing" : "notice"),
                new SandboxSmsTemplate(DemoSettings.VerificationTemplate, "您的验证码是${code}，5分钟内有效，请勿告诉他人。", "verification")],
            api is null ? null : new SandboxAliyunPush($"{api}/webhooks/sms/aliyun/{DemoSettings.WebhookSecret}/report", $"{api}/webhooks/sms/aliyun/{DemoSettings.WebhookSecret}/reply")),
        new SandboxReceipts(true, 50, 300));

    // The label that the provider's template shows beside a keyword; the type prefix says which.
    private static string Label(string keyword) => keyword.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') switch
    {
        "name" => "会员",
        "date" => "日期",
        _ => keyword.EndsWith('1') ? "事项" : keyword.EndsWith('2') ? "内容" : "说明",
    };
}
