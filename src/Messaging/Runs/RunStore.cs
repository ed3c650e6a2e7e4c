using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>A run as it is kept.</summary>
/// <param name="Id">The run.</param>
/// <param name="Plan">What it says, and to whom.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Paused">Why it waits for a person (a code of <see cref="PauseReason"/>), or <c>null</c>.</param>
/// <param name="ExpandedTo">The last member written down.</param>
internal sealed record Run(RunId Id, RunPlan Plan, RunState State, string? Paused, long ExpandedTo);

/// <summary>Keeps runs.</summary>
internal static class RunStore
{
    private const string Insert = """
        INSERT INTO run (id, producer, kind, class, campaign_id, business_day, template_version_id, holdout_salt, holdout_bp, run_key, paused, started_at, state, audience)
        """;

    private const string Columns = """
        SELECT id AS Id, producer AS Producer, kind AS Kind, campaign_id AS CampaignId, business_day AS BusinessDay, template_version_id AS TemplateVersionId,
               holdout_salt AS HoldoutSalt, holdout_bp AS HoldoutBp, state AS State, paused AS Paused, expanded_to AS ExpandedTo
        FROM   run
        """;

    private const string IdByKey = "SELECT id FROM run WHERE run_key = @key";

    /// <summary>Keeps a new run. With a key that another run has, that one stays and its id is returned.</summary>
    /// <remarks>On the day on which the database went back in time, an automation's run may say again what was said: it waits for a person.</remarks>
    public static async Task<RunId> AddAsync(Tx tx, RunId id, RunPlan plan, DeliveryClass @class, string? key, long now)
    {
        var again = key is not null && plan.Campaign is null
            && await tx.SettingAsync(RunDesk.RestoredDay).ConfigureAwait(false) is { } day && int.Parse(day) == plan.BusinessDay;
        await tx.InsertManyAsync(Insert, [plan], (p, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (id.Value, p.Producer, (int)p.Kind, (int)@class, p.Campaign?.Value, p.BusinessDay);
            (v[6], v[7], v[8], v[9]) = (p.TemplateVersionId, p.HoldoutSalt, p.HoldoutBasisPoints, key);
            (v[10], v[11], v[12], v[13]) = (again ? PauseReason.Restored : null, now, (int)RunState.Expanding, 0);
        }, key is null ? "" : tx.Dialect.OnConflictKeep("run_key")).ConfigureAwait(false);
        return key is null ? id : new RunId(await tx.ScalarAsync<long>(IdByKey, new { key }).ConfigureAwait(false));
    }

    /// <summary>The run with this id, or <c>null</c>.</summary>
    public static async Task<Run?> FindAsync(Session session, RunId id) =>
        (await session.SingleOrDefaultAsync<Row>(Columns + " WHERE id = @id", new { id = id.Value }).ConfigureAwait(false))?.ToRun();

    /// <summary>The run with this key, or <c>null</c>.</summary>
    public static async Task<Run?> FindAsync(Session session, string key) =>
        (await session.SingleOrDefaultAsync<Row>(Columns + " WHERE run_key = @key", new { key }).ConfigureAwait(false))?.ToRun();

    /// <summary>Runs whose members are being written down.</summary>
    public static async Task<IReadOnlyList<Run>> ExpandingAsync(Session session) =>
        [.. (await session.QueryAsync<Row>(Columns + " WHERE state = 1 ORDER BY class, id").ConfigureAwait(false)).Select(row => row.ToRun())];

    private sealed class Row
    {
        public long Id { get; init; }
        public string Producer { get; init; } = "";
        public long Kind { get; init; }
        public long? CampaignId { get; init; }
        public long BusinessDay { get; init; }
        public long TemplateVersionId { get; init; }
        public string HoldoutSalt { get; init; } = "";
        public long HoldoutBp { get; init; }
        public long State { get; init; }
        public string? Paused { get; init; }
        public long ExpandedTo { get; init; }

        public Run ToRun() => new(
            new RunId(Id),
            new RunPlan(Producer, (MessageKind)Kind, TemplateVersionId, (int)BusinessDay, CampaignId is { } campaign ? new CampaignId(campaign) : null, HoldoutSalt, (int)HoldoutBp),
            (RunState)State, Paused, ExpandedTo);
    }
}
