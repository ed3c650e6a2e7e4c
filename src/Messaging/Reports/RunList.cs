using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Messaging.Reports;

/// <summary>A run as staff see it in a list.</summary>
/// <param name="Id">The run.</param>
/// <param name="Campaign">The code of its campaign, or <c>null</c>.</param>
/// <param name="BusinessDay">The day that it is for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Paused">Why it waits for a person (a code of <see cref="PauseReason"/>), or <c>null</c>.</param>
/// <param name="Figures">What became of it.</param>
public sealed record ListedRun(RunId Id, string? Campaign, int BusinessDay, RunState State, string? Paused, RunFigures Figures);

/// <summary>A campaign that did not start and waits for a person.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Reason">A code of <see cref="PauseReason"/>.</param>
public sealed record WaitingCampaign(string Code, string Reason);

/// <summary>Lists runs.</summary>
public static class RunListStore
{
    private const string Latest = """
        SELECT r.id AS Id, c.code AS Campaign, r.business_day AS BusinessDay, r.state AS State, r.paused AS Paused
        FROM   run r LEFT JOIN campaign c ON c.id = r.campaign_id
        ORDER BY r.id DESC
        LIMIT  @most
        """;

    // state 4: paused.
    private const string Waiting = """
        SELECT c.code AS Code, c.state_reason AS Reason FROM campaign c
        WHERE  c.state = 4 AND NOT EXISTS (SELECT 1 FROM run r WHERE r.campaign_id = c.id)
        ORDER BY c.scheduled_at, c.id
        """;

    /// <summary>The latest runs, the last one first.</summary>
    public static async Task<IReadOnlyList<ListedRun>> LatestAsync(Session session, int most)
    {
        var runs = new List<ListedRun>();
        foreach (var row in await session.QueryAsync<Row>(Latest, new { most }).ConfigureAwait(false))
        {
            var id = new RunId(row.Id);
            runs.Add(new ListedRun(id, row.Campaign, (int)row.BusinessDay, (RunState)row.State, row.Paused, await RunFigureStore.OfAsync(session, id).ConfigureAwait(false)));
        }

        return runs;
    }

    /// <summary>Campaigns that were paused before anything of them was made.</summary>
    public static async Task<IReadOnlyList<WaitingCampaign>> WaitingAsync(Session session) =>
        await session.QueryAsync<WaitingCampaign>(Waiting).ConfigureAwait(false);

    private sealed class Row
    {
        public long Id { get; init; }
        public string? Campaign { get; init; }
        public long BusinessDay { get; init; }
        public long State { get; init; }
        public string? Paused { get; init; }
    }
}
