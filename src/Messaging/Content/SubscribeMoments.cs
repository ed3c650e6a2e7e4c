using Engagement.Storage;

namespace Engagement.Messaging.Content;

/// <summary>A subscribe template that a member may be asked for.</summary>
/// <param name="TemplateId">The provider's template.</param>
/// <param name="Title">What it is called.</param>
public sealed record AskableTemplate(string TemplateId, string Title);

/// <summary>Which subscribe templates are asked for at which moment: WeChat shows at most three at one tap, and only after one.</summary>
public sealed class SubscribeMoments(Database database, ProviderTemplates provider)
{
    private const int MostAtOnce = 3;

    private static readonly Dictionary<string, MessageKind[]> s_moments = new(StringComparer.Ordinal)
    {
        ["redeemed"] = [MessageKind.Transaction, MessageKind.Promotion, MessageKind.Birthday],
        ["taken"] = [MessageKind.Dose, MessageKind.Refill],
        ["refill"] = [MessageKind.Refill, MessageKind.Dose, MessageKind.Transaction],
    };

    private const string SelectCurrent = """
        SELECT t.kind AS Kind, t.name AS Name, v.contents AS Contents
        FROM   template t JOIN template_version v ON v.template_id = t.id
        WHERE  t.kind IN @kinds AND v.version = (SELECT MAX(n.version) FROM template_version n WHERE n.template_id = t.id)
        ORDER BY t.code
        """;

    /// <summary>The names of the moments.</summary>
    public static IReadOnlyCollection<string> Names => s_moments.Keys;

    /// <summary>At most three templates for a moment, the most fitting first; <c>null</c> for a moment that is none.</summary>
    public async Task<IReadOnlyList<AskableTemplate>?> AskAsync(string moment, CancellationToken ct)
    {
        if (!s_moments.TryGetValue(moment, out var kinds)) return null;
        var rows = await database.ReadAsync(session => session.QueryAsync<Row>(SelectCurrent, new { kinds = kinds.Select(kind => (int)kind) }), ct).ConfigureAwait(false);
        return [.. rows.OrderBy(row => Array.IndexOf(kinds, (MessageKind)row.Kind))
            .Select(row => (row.Name, TemplateContents.FromJson(row.Contents).WeChatSubscribe?.TemplateId))
            .Where(row => row.TemplateId is not null && !provider.IsGone("wechat", row.TemplateId))
            .DistinctBy(row => row.TemplateId).Take(MostAtOnce).Select(row => new AskableTemplate(row.TemplateId!, row.Name))];
    }

    /// <summary>The names of templates of ours, by provider template.</summary>
    public async Task<IReadOnlyDictionary<string, string>> NamesAsync(CancellationToken ct)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<Row>(SelectCurrent, new { kinds = Enum.GetValues<MessageKind>().Select(kind => (int)kind) }), ct).ConfigureAwait(false);
        return rows.Select(row => (row.Name, TemplateContents.FromJson(row.Contents).WeChatSubscribe?.TemplateId)).Where(row => row.TemplateId is not null)
            .DistinctBy(row => row.TemplateId).ToDictionary(row => row.TemplateId!, row => row.Name);
    }

    private sealed class Row
    {
        public int Kind { get; init; }
        public string Name { get; init; } = "";
        public string Contents { get; init; } = "";
    }
}
