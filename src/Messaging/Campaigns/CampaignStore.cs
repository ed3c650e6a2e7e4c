using System.Text.Json;
using Engagement.Messaging.Audiences;
using Engagement.Storage;

namespace Engagement.Messaging.Campaigns;

/// <summary>A campaign as it is kept.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">Its stable name.</param>
/// <param name="Kind">The kind of its messages.</param>
/// <param name="TemplateId">Its template.</param>
/// <param name="Audience">Who is meant.</param>
/// <param name="Content">What it offers.</param>
/// <param name="Salt">The salt of its holdout.</param>
/// <param name="HoldoutBasisPoints">The share held out, in hundredths of a percent.</param>
/// <param name="SmsFallback">Whether it falls back to SMS.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ScheduledAt">When it starts by itself, or <c>null</c>.</param>
public sealed record Campaign(
    CampaignId Id, string Code, MessageKind Kind, long TemplateId, AudienceRule Audience, CampaignContent Content,
    string Salt, int HoldoutBasisPoints, bool SmsFallback, CampaignState State, DateTimeOffset? ScheduledAt);

/// <summary>Keeps campaigns.</summary>
public sealed class CampaignStore(IdGenerator ids)
{
    private const string Columns = """
        SELECT id AS Id, code AS Code, kind AS Kind, template_id AS TemplateId, audience_rule AS AudienceRule, content AS Content,
               salt AS Salt, holdout_bp AS HoldoutBp, sms_fallback AS SmsFallback, state AS State, scheduled_at AS ScheduledAt
        FROM   campaign
        """;

    private const string ByCode = Columns + " WHERE code = @code";

    private const string ById = Columns + " WHERE id = @id";

    private const string Insert = """
        INSERT INTO campaign (id, code, name, kind, template_id, audience_rule, content, salt, holdout_bp, sms_fallback, scheduled_at, state, version)
        VALUES (@Id, @Code, @Name, @Kind, @TemplateId, @Rule, @Content, @Salt, @Holdout, @SmsFallback, @ScheduledAt, @State, 1)
        """;

    private const string SetState = "UPDATE campaign SET state = @state, state_reason = @reason, version = version + 1 WHERE id = @id AND state = @from";

    /// <summary>The campaign with this code, or <c>null</c>.</summary>
    public static async Task<Campaign?> FindAsync(Session session, string code) =>
        (await session.SingleOrDefaultAsync<Row>(ByCode, new { code }).ConfigureAwait(false))?.ToCampaign();

    /// <summary>The campaign with this id, or <c>null</c>.</summary>
    public static async Task<Campaign?> FindAsync(Session session, CampaignId id) =>
        (await session.SingleOrDefaultAsync<Row>(ById, new { id = id.Value }).ConfigureAwait(false))?.ToCampaign();

    /// <summary>The campaign with this id, as nobody else can change it before the write ends; or <c>null</c>.</summary>
    internal static async Task<Campaign?> LockAsync(Tx tx, CampaignId id) =>
        (await tx.SingleOrDefaultAsync<Row>($"{ById} {tx.Dialect.ForUpdate}", new { id = id.Value }).ConfigureAwait(false))?.ToCampaign();

    /// <summary>Keeps a new draft.</summary>
    public async Task<CampaignId> AddAsync(Tx tx, CampaignFile file, CampaignContent content, MessageKind kind, long template, string salt)
    {
        var id = new CampaignId(ids.Next());
        await tx.ExecuteAsync(Insert, new
        {
            Id = id.Value, file.Code, content.Name, Kind = (int)kind, TemplateId = template,
            Rule = JsonSerializer.Serialize(file.Audience, CampaignJson.Default.AudienceRule), Content = content.ToJson(),
            Salt = salt, Holdout = (int)(file.HoldoutPercent * 100), SmsFallback = file.SmsFallback ? 1 : 0, ScheduledAt = file.At?.ToUnixTimeMilliseconds(), State = (int)CampaignState.Draft,
        }).ConfigureAwait(false);
        return id;
    }

    /// <summary>Moves a campaign on; <c>false</c> when it was not in <paramref name="from"/> any more.</summary>
    public static async Task<bool> MoveAsync(Tx tx, CampaignId id, CampaignState from, CampaignState to, string? reason) =>
        await tx.ExecuteAsync(SetState, new { id = id.Value, from = (int)from, state = (int)to, reason }).ConfigureAwait(false) == 1;

    private sealed class Row
    {
        public long Id { get; init; }
        public string Code { get; init; } = "";
        public long Kind { get; init; }
        public long TemplateId { get; init; }
        public string AudienceRule { get; init; } = "";
        public string Content { get; init; } = "";
        public string Salt { get; init; } = "";
        public long HoldoutBp { get; init; }
        public long SmsFallback { get; init; }
        public long State { get; init; }
        public long? ScheduledAt { get; init; }

        public Campaign ToCampaign() => new(
            new CampaignId(Id), Code, (MessageKind)Kind, TemplateId, JsonSerializer.Deserialize(AudienceRule, CampaignJson.Default.AudienceRule)!,
            CampaignContent.FromJson(Content), Salt, (int)HoldoutBp, SmsFallback == 1, (CampaignState)State,
            ScheduledAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
    }
}
