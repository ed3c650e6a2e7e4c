using System.Collections.Frozen;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Content;

/// <summary>Where a provider's template stands, as it was last seen.</summary>
public enum ProviderTemplateState
{
    /// <summary>The provider lists it.</summary>
    Usable = 1,

    /// <summary>A template of ours uses it, or it was there once, and the provider does not list it.</summary>
    Gone = 2,

    /// <summary>The provider refused a message for the sake of its template; looked at again with the next sync.</summary>
    Refused = 3,
}

/// <summary>One template of a provider.</summary>
/// <param name="Provider"><c>wechat</c> or <c>wechat_mp</c>.</param>
/// <param name="TemplateId">Its id there.</param>
/// <param name="Title">Its title.</param>
/// <param name="Content">Its lines.</param>
/// <param name="State">Where it stands.</param>
/// <param name="SeenAt">When the provider was last asked.</param>
public sealed record ProviderTemplate(string Provider, string TemplateId, string Title, string Content, ProviderTemplateState State, DateTimeOffset SeenAt);

/// <summary>What came of asking one account for its templates.</summary>
/// <param name="Provider">The account.</param>
/// <param name="Problem">Why nothing was changed; <c>null</c> when it was done.</param>
/// <param name="Usable">Templates that it lists.</param>
/// <param name="Gone">Templates that we use or used and that it does not list.</param>
public sealed record TemplateSync(string Provider, string? Problem, int Usable, int Gone);

/// <summary>The providers' own templates: a message whose template WeChat has deleted is not sent in vain.</summary>
/// <remarks>Thread-safe. What was never synced counts as usable: the provider has the last word then.</remarks>
public sealed class ProviderTemplates(
    Database database, Clocks clocks, IWeChatAccountApi weChat, IOptions<WeChatOptions> options, ILogger<ProviderTemplates> logger)
{
    private static readonly TimeSpan s_read = TimeSpan.FromMinutes(1);
    // A process that starts has messages to send first.
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_sync = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMinutes(30);

    private const string All = """
        SELECT provider AS Provider, template_id AS TemplateId, title AS Title, content AS Content, state AS State, seen_at AS SeenAt
        FROM   provider_template
        ORDER BY provider, template_id
        """;

    private const string GoneOnes = "SELECT provider AS Provider, template_id AS TemplateId FROM provider_template WHERE state <> 1";

    private const string Newest = """
        SELECT v.contents
        FROM   template_version v
        WHERE  v.version = (SELECT MAX(x.version) FROM template_version x WHERE x.template_id = v.template_id)
        """;

    private const string Insert = "INSERT INTO provider_template (provider, template_id, title, content, type, state, seen_at)";

    private const string MarkGone = "UPDATE provider_template SET state = 2 WHERE provider = @provider";

    private volatile FrozenSet<(string Provider, string Id)> _gone = [];
    private DateTimeOffset _readAt;
    private DateTimeOffset _syncAt = clocks.System.GetUtcNow() + s_first;

    /// <summary>Whether the provider is known not to have this template, or to refuse it.</summary>
    public bool IsGone(string provider, string? templateId) => _gone.Count > 0 && templateId is not null && _gone.Contains((provider, templateId));

    /// <summary>Every template that was ever seen.</summary>
    public async Task<IReadOnlyList<ProviderTemplate>> AllAsync(CancellationToken ct) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<Row>(All), ct).ConfigureAwait(false)).Select(row => new ProviderTemplate(
            row.Provider, row.TemplateId, row.Title, row.Content, (ProviderTemplateState)row.State, DateTimeOffset.FromUnixTimeMilliseconds(row.SeenAt)))];

    /// <summary>Keeps what this process knows fresh, and asks WeChat a few times a day. Called again and again.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var now = clocks.System.GetUtcNow();
        if (options.Value.IsConfigured && now >= _syncAt)
        {
            var done = await SyncAsync(ct).ConfigureAwait(false);
            _syncAt = now + (done.All(sync => sync.Problem is null) ? s_sync : s_afterFailure);
        }
        else if (now >= _readAt)
        {
            await ReadAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Asks WeChat for the templates of our accounts and keeps them.</summary>
    public async Task<IReadOnlyList<TemplateSync>> SyncAsync(CancellationToken ct)
    {
        var used = await UsedAsync(ct).ConfigureAwait(false);
        var done = new List<TemplateSync>();
        foreach (var (app, provider, ids) in ((WeChatApp, string, IReadOnlySet<string>)[])
            [(WeChatApp.MiniProgram, ProviderNames.WeChat, used.Subscribe), (WeChatApp.OfficialAccount, ProviderNames.WeChatOfficial, used.Official)])
        {
            if (options.Value.Of(app).IsConfigured) done.Add(await SyncAsync(app, provider, ids, ct).ConfigureAwait(false));
        }

        await ReadAsync(ct).ConfigureAwait(false);
        return done;
    }

    private async Task<TemplateSync> SyncAsync(WeChatApp app, string provider, IReadOnlySet<string> used, CancellationToken ct)
    {
        var reply = await weChat.TemplatesAsync(app, ct).ConfigureAwait(false);
        // An account that sends has templates: an empty list is somebody's fault, and would stop everything.
        var problem = reply.Value is null ? reply.Code : reply.Value.Count == 0 ? "empty_list" : null;
        if (problem is not null)
        {
            Log.TemplatesNotListed(logger, provider, problem);
            return new TemplateSync(provider, problem, 0, 0);
        }

        var listed = reply.Value!.Where(template => template.Id.Length <= 64).ToList();
        var missing = used.Except(listed.Select(template => template.Id)).Select(id => new WeChatTemplate(id, "", "", 0)).ToList();
        var now = clocks.System.NowMs();
        var gone = await database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync(MarkGone, new { provider }).ConfigureAwait(false);
            await KeepAsync(tx, provider, listed, ProviderTemplateState.Usable, now).ConfigureAwait(false);
            await KeepAsync(tx, provider, missing, ProviderTemplateState.Gone, now).ConfigureAwait(false);
            return await tx.ScalarAsync<long>("SELECT COUNT(*) FROM provider_template WHERE provider = @provider AND state = 2", new { provider }).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        foreach (var template in missing) Log.TemplateGone(logger, provider, template.Id);
        return new TemplateSync(provider, null, listed.Count, (int)gone);
    }

    private static Task<int> KeepAsync(Tx tx, string provider, IReadOnlyList<WeChatTemplate> templates, ProviderTemplateState state, long now) => tx.InsertManyAsync(
        Insert, templates,
        (t, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6]) = (provider, t.Id, t.Title.Length <= 200 ? t.Title : t.Title[..200], t.Content, t.Type, (int)state, now),
        $"{tx.Dialect.OnConflictUpdate("provider, template_id")} state = {tx.Dialect.New("state")}, seen_at = {tx.Dialect.New("seen_at")}"
        // What is gone keeps the words under which people knew it.
        + (state == ProviderTemplateState.Gone ? "" : $", title = {tx.Dialect.New("title")}, content = {tx.Dialect.New("content")}, type = {tx.Dialect.New("type")}"));

    /// <summary>Whether a refusal with this code is about the template and not about the message: deleted (40037), banned (43107, 43116, 200013).</summary>
    internal static bool Refuses(string code) => code is "40037" or "43107" or "43116" or "200013";

    /// <summary>Keeps what a provider has said of its templates inside the caller's write, so that the next waves need not try them.</summary>
    internal static Task<int> RefuseAsync(Tx tx, IReadOnlyList<(string Provider, string TemplateId)> templates, long now) => tx.InsertManyAsync(
        Insert, templates, (t, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6]) = (t.Provider, t.TemplateId, "", "", 0, (int)ProviderTemplateState.Refused, now),
        $"{tx.Dialect.OnConflictUpdate("provider, template_id")} state = {tx.Dialect.New("state")}");

    private async Task ReadAsync(CancellationToken ct)
    {
        var gone = await database.ReadAsync(session => session.QueryAsync<Row>(GoneOnes), ct).ConfigureAwait(false);
        _gone = gone.Select(row => (row.Provider, row.TemplateId)).ToFrozenSet();
        _readAt = clocks.System.GetUtcNow() + s_read;
    }

    private async Task<(IReadOnlySet<string> Subscribe, IReadOnlySet<string> Official)> UsedAsync(CancellationToken ct)
    {
        var contents = (await database.ReadAsync(session => session.QueryAsync<string>(Newest), ct).ConfigureAwait(false)).ConvertAll(TemplateContents.FromJson);
        return (contents.Select(c => c.WeChatSubscribe?.TemplateId).OfType<string>().ToHashSet(), contents.Select(c => c.OfficialAccount?.TemplateId).OfType<string>().ToHashSet());
    }

    private sealed class Row
    {
        public string Provider { get; init; } = "";
        public string TemplateId { get; init; } = "";
        public string Title { get; init; } = "";
        public string Content { get; init; } = "";
        public long State { get; init; }
        public long SeenAt { get; init; }
    }
}
