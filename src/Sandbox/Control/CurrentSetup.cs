using Engagement.Sandbox.WeChat;

namespace Engagement.Sandbox.Control;

/// <summary>The configuration in force, replaced as a whole. Readers take one look and work on that.</summary>
internal sealed class CurrentSetup
{
    private readonly Lock _changing = new();
    private volatile Indexed _current = new(Setup.Empty);

    public Setup Value => _current.Setup;

    public WeChatSetup? WeChat => _current.Setup.WeChat;

    public WeChatSetup? OfficialAccount => _current.Setup.OfficialAccount;

    public AliyunSetup? Aliyun => _current.Setup.Aliyun;

    public TencentSetup? Tencent => _current.Setup.Tencent;

    public void Replace(Setup setup) => _current = new Indexed(setup);

    /// <summary>What an app changes about itself through its API: its private templates.</summary>
    public void ChangeTemplates(AccountKind kind, Func<IReadOnlyList<WeChatTemplate>, IReadOnlyList<WeChatTemplate>> change)
    {
        lock (_changing)
        {
            var setup = Value;
            Replace(kind == AccountKind.MiniProgram
                ? setup with { WeChat = setup.WeChat! with { Templates = change(setup.WeChat.Templates) } }
                : setup with { OfficialAccount = setup.OfficialAccount! with { Templates = change(setup.OfficialAccount.Templates) } });
        }
    }

    public WeChatTemplate? FindWeChatTemplate(string id) => _current.WeChatTemplates.GetValueOrDefault(id);

    public WeChatTemplate? FindOfficialTemplate(string id) => _current.OfficialTemplates.GetValueOrDefault(id);

    public SmsTemplate? FindSmsTemplate(string code) => _current.SmsTemplates.GetValueOrDefault(code);

    public TencentTemplate? FindTencentTemplate(string id) => _current.TencentTemplates.GetValueOrDefault(id);

    public SmsSignature? FindTencentSignature(string name) => _current.TencentSignatures.GetValueOrDefault(name);

    public SmsSignature? FindSignature(string name) => _current.Signatures.GetValueOrDefault(name);

    /// <summary>Whether the page (its query cut off) is released.</summary>
    public bool HasPage(ReadOnlySpan<char> page)
    {
        if (_current.Pages is not { } pages) return true;
        var query = page.IndexOf('?');
        var path = (query < 0 ? page : page[..query]).TrimStart('/');
        return pages.GetAlternateLookup<ReadOnlySpan<char>>().Contains(path);
    }

    // A later entry of the same name wins, as a later save would.
    private sealed class Indexed(Setup setup)
    {
        public Setup Setup => setup;

        public Dictionary<string, WeChatTemplate> WeChatTemplates { get; } = ByName(setup.WeChat?.Templates ?? [], t => t.Id);

        public Dictionary<string, WeChatTemplate> OfficialTemplates { get; } = ByName(setup.OfficialAccount?.Templates ?? [], t => t.Id);

        public Dictionary<string, SmsTemplate> SmsTemplates { get; } = ByName(setup.Aliyun?.Templates ?? [], t => t.Code);

        public Dictionary<string, SmsSignature> Signatures { get; } = ByName(setup.Aliyun?.Signatures ?? [], s => s.Name);

        public Dictionary<string, TencentTemplate> TencentTemplates { get; } = ByName(setup.Tencent?.Templates ?? [], t => t.Id);

        public Dictionary<string, SmsSignature> TencentSignatures { get; } = ByName(setup.Tencent?.Signatures ?? [], s => s.Name);

        public HashSet<string>? Pages { get; } =
            setup.WeChat?.Pages is { } pages ? new HashSet<string>(pages.Select(p => p.TrimStart('/')), StringComparer.Ordinal) : null;

        private static Dictionary<string, T> ByName<T>(IEnumerable<T> items, Func<T, string> name)
        {
            var byName = new Dictionary<string, T>(StringComparer.Ordinal);
            foreach (var item in items) byName[name(item)] = item;
            return byName;
        }
    }
}
