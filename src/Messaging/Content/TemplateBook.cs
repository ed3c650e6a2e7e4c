using System.Collections.Concurrent;
using Engagement.Templates;

namespace Engagement.Messaging.Content;

/// <summary>Approved versions, compiled once and kept: they never change.</summary>
internal sealed class TemplateBook(TemplateStore store, ITemplateEngine engine)
{
    private readonly ConcurrentDictionary<long, CompiledVersion> _versions = new();

    /// <summary>The version with this id, compiled.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    /// <exception cref="TemplateException">One of its texts is no template; the error names it, the line and the column.</exception>
    public async ValueTask<CompiledVersion> GetAsync(long id, CancellationToken ct)
    {
        if (_versions.TryGetValue(id, out var known)) return known;
        var version = await store.VersionAsync(id, ct).ConfigureAwait(false)
            ?? throw new KeyNotFoundException($"There is no template version {id}.");
        return _versions.GetOrAdd(id, CompiledVersion.Compile(version, engine));
    }
}

/// <summary>The texts of one template version, compiled against <see cref="MessageModel.Schema"/>.</summary>
internal sealed class CompiledVersion
{
    private CompiledVersion(TemplateVersion version) => Version = version;

    public TemplateVersion Version { get; }

    public ICompiledTemplate? InboxTitle { get; private init; }

    public ICompiledTemplate? InboxBody { get; private init; }

    /// <summary>WeChat keywords in the provider's order.</summary>
    public IReadOnlyList<KeyValuePair<string, ICompiledTemplate>> Keywords { get; private init; } = [];

    /// <summary>Keywords of the official account's template, in its order.</summary>
    public IReadOnlyList<KeyValuePair<string, ICompiledTemplate>> OfficialKeywords { get; private init; } = [];

    /// <summary>The text for a chat.</summary>
    public ICompiledTemplate? CustomerText { get; private init; }

    /// <summary>Whether it has content for the ways to WeChat that need more than a grant.</summary>
    public bool AsksForReach => OfficialKeywords.Count > 0 || CustomerText is not null;

    /// <summary>SMS variables.</summary>
    public IReadOnlyList<KeyValuePair<string, ICompiledTemplate>> Parameters { get; private init; } = [];

    public static CompiledVersion Compile(TemplateVersion version, ITemplateEngine engine)
    {
        var contents = version.Contents;
        return new CompiledVersion(version)
        {
            InboxTitle = contents.Inbox is { } title ? One("inbox.title", title.Title) : null,
            InboxBody = contents.Inbox is { } body ? One("inbox.body", body.Body) : null,
            Keywords = Many("weChatSubscribe", contents.WeChatSubscribe?.Keywords),
            OfficialKeywords = Many("officialAccount", contents.OfficialAccount?.Keywords),
            CustomerText = contents.CustomerService is { } chat ? One("customerService.text", chat.Text) : null,
            Parameters = Many("sms", contents.Sms?.Parameters),
        };

        ICompiledTemplate One(string place, string source) => engine.Compile($"{version.Code} {place}", source, MessageModel.Schema);

        IReadOnlyList<KeyValuePair<string, ICompiledTemplate>> Many(string channel, IReadOnlyDictionary<string, string>? sources) =>
            [.. (sources ?? new Dictionary<string, string>()).Select(s => KeyValuePair.Create(s.Key, One($"{channel}.{s.Key}", s.Value)))];
    }
}
