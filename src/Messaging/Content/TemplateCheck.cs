using Engagement.Messaging.Gate;
using Engagement.Storage;
using Engagement.Templates;
using Engagement.Templates.Content;

namespace Engagement.Messaging.Content;

/// <summary>Checks a template before a person approves it: its syntax, its channels' limits and its words, on invented members.</summary>
public static class TemplateCheck
{
    private static readonly string[] s_productPages = ["pages/product/", "pages/shop/", "pages/campaign/"];

    /// <summary>What stands against the template; empty when nothing does.</summary>
    /// <exception cref="TemplateException">One of its texts is no template; carries every error with line and column.</exception>
    public static IReadOnlyList<Phrase> Run(TemplateFile file, BuiltInEngine engine)
    {
        var names = new NameCheck(engine);
        var version = CompiledVersion.Compile(new TemplateVersion(0, file.Code, file.Kind, 0, file.Contents), names);
        if (names.Unknown.Count > 0) return [.. names.Unknown.Select(error => new Phrase(error.Describe(chinese: true), error.Describe(chinese: false)))];
        var findings = new List<Phrase>();
        if (file.ReviewedBy.Length == 0) findings.Add(new("没有审核人，不能批准", "nobody has reviewed it, so it cannot be approved"));
        if (!GateTable.Shipped[file.Kind].ProductLink) findings.AddRange(Pages(file).Where(LeadsToProducts).Select(page => new Phrase(
            $"{file.Code}：此类消息不得链接到商品页面 {page}", $"{file.Code}: this kind may not lead to the product page {page}")));
        findings.AddRange(Pages(file).Where(page => !MiniProgramPages.Has(page)).Select(page => new Phrase(
            $"{file.Code}：小程序没有页面 {page}，微信会拒收（41030）", $"{file.Code}: the mini-program has no page {page}; WeChat would refuse it (41030)")));
        findings.AddRange(Written(file).Where(channel => !GateTable.Shipped[file.Kind].Channels.ContainsKey(channel)).Select(channel => new Phrase(
            $"{file.Code}：此类消息不走 {channel.Code()}", $"{file.Code}: this kind does not go by {channel.Code()}")));
        foreach (var row in SampleMembers.Rows())
        {
            try
            {
                findings.AddRange(Words(file, version, row));
            }
            catch (TemplateException failure)
            {
                findings.AddRange(failure.Errors.Select(error => new Phrase(error.Describe(chinese: true), error.Describe(chinese: false))));
            }
        }
        return [.. findings.Distinct()];
    }

    private static List<Phrase> Words(TemplateFile file, CompiledVersion version, RenderRow row)
    {
        var today = ChinaTime.DateOf(SampleMembers.SomeDay);
        var findings = new List<Phrase>();
        if (version.InboxTitle is { } title && version.InboxBody is { } body)
            Add("inbox", ContentCheck.InboxFindings(GateTable.Shipped[file.Kind], title.Render(row) + "\n" + body.Render(row), today));
        if (file.Contents.WeChatSubscribe is not null) Add("weChatSubscribe", ContentCheck.Findings(file.Kind, Channel.WeChatSubscribe, MessageText.WeChat(version.Keywords, row).Text, today));
        if (file.Contents.OfficialAccount is not null) Add("officialAccount", ContentCheck.Findings(file.Kind, Channel.OfficialAccount, MessageText.WeChat(version.OfficialKeywords, row).Text, today));
        if (version.CustomerText is { } chat) Add("customerService", ContentCheck.Findings(file.Kind, Channel.CustomerService, MessageText.Chat(chat, row).Text, today));
        if (file.Contents.Sms is { } sms) Add("sms", ContentCheck.Findings(file.Kind, Channel.Sms, MessageText.Sms(version, sms, row).Text, today));
        if (file.Contents.Sms is not null) findings.AddRange(SmsTemplateCheck.Findings(file, MessageText.Sms(version, file.Contents.Sms, row)));
        return findings;

        void Add(string channel, IReadOnlyList<ContentFinding> found) => findings.AddRange(found.Select(f =>
            new Phrase($"{file.Code} {channel}: [{f.Code}] {f.MessageZh}", $"{file.Code} {channel}: [{f.Code}] {f.Message}")));
    }

    private static IEnumerable<string> Pages(TemplateFile file) =>
        new[]
        {
            file.Contents.Inbox?.Page, file.Contents.WeChatSubscribe?.Page, file.Contents.OfficialAccount?.Page, file.Contents.CustomerService?.Card?.Page,
        }.OfType<string>().Distinct();

    private static IEnumerable<Channel> Written(TemplateFile file)
    {
        if (file.Contents.WeChatSubscribe is not null) yield return Channel.WeChatSubscribe;
        if (file.Contents.Sms is not null) yield return Channel.Sms;
        if (file.Contents.OfficialAccount is not null) yield return Channel.OfficialAccount;
        if (file.Contents.CustomerService is not null) yield return Channel.CustomerService;
    }

    private static bool LeadsToProducts(string page) => s_productPages.Any(start => page.StartsWith(start, StringComparison.Ordinal));

    // A name that is nowhere renders as nothing: only a look before approval finds the slip.
    private sealed class NameCheck(BuiltInEngine engine) : ITemplateEngine
    {
        public List<TemplateError> Unknown { get; } = [];

        public ICompiledTemplate Compile(string name, string source, RenderSchema schema)
        {
            Unknown.AddRange(engine.Analyse(name, source, schema).Unknown);
            return engine.Compile(name, source, schema);
        }
    }
}
