using Engagement.Members.Points;
using Engagement.Storage;

namespace Engagement.Members.Tiers;

/// <summary>A version of the rules of tiers.</summary>
/// <param name="Version">Its number.</param>
/// <param name="ValidFrom">The civil day from which it holds.</param>
/// <param name="Rules">The rules.</param>
public sealed record TierRulesVersion(int Version, int ValidFrom, TierRules Rules);

/// <summary>Versions of the rules of tiers: added and, before their first day, withdrawn; never changed. Without one there are no tiers.</summary>
public sealed class TierRulesStore(Database database, Clocks clocks)
{
    private const string SelectAll = "SELECT version AS Version, valid_from AS ValidFrom, body AS Body FROM tier_rules ORDER BY version";
    private const string Insert = "INSERT INTO tier_rules (version, valid_from, body, made_by, made_at) VALUES (@version, @validFrom, @body, @by, @now)";
    private const string Delete = "DELETE FROM tier_rules WHERE version = @version AND valid_from > @today";

    /// <summary>All versions, the oldest first.</summary>
    public Task<IReadOnlyList<TierRulesVersion>> ListAsync(CancellationToken ct) => database.ReadAsync(AllAsync, ct);

    /// <inheritdoc cref="EarningRulesStore.AddAsync(EarningRules, int, string, CancellationToken)"/>
    public Task<(RulesOutcome Outcome, int Version, string? Fault)> AddAsync(TierRules rules, int validFrom, string by, CancellationToken ct) =>
        database.WriteAsync(tx => AddAsync(tx, rules, validFrom, by), ct);

    /// <inheritdoc cref="EarningRulesStore.WithdrawAsync(int, CancellationToken)"/>
    public Task<RulesOutcome> WithdrawAsync(int version, CancellationToken ct) => database.WriteAsync(tx => WithdrawAsync(tx, version), ct);

    /// <inheritdoc cref="EarningRulesStore.WithdrawAsync(Tx, int)"/>
    public async Task<RulesOutcome> WithdrawAsync(Tx tx, int version) =>
        await tx.ExecuteAsync(Delete, new { version, today = clocks.Business.Today() }).ConfigureAwait(false) == 1 ? RulesOutcome.Done : RulesOutcome.InUse;

    /// <summary>Adds a version in the caller's write.</summary>
    internal async Task<(RulesOutcome Outcome, int Version, string? Fault)> AddAsync(Tx tx, TierRules rules, int validFrom, string by)
    {
        if (rules.Fault() is { } fault) return (RulesOutcome.Invalid, 0, fault);
        var all = await AllAsync(tx).ConfigureAwait(false);
        var last = all.Count == 0 ? null : all[^1];
        if (validFrom < clocks.Business.Today() || validFrom < last?.ValidFrom) return (RulesOutcome.TooEarly, 0, null);
        var version = (last?.Version ?? 0) + 1;
        await tx.ExecuteAsync(Insert, new { version, validFrom, body = rules.ToJson(), by, now = clocks.Business.NowMs() }).ConfigureAwait(false);
        return (RulesOutcome.Done, version, null);
    }

    /// <summary>The rules of a day, or <c>null</c> when there are none yet.</summary>
    internal static async Task<TierRules?> OfDayAsync(Session session, int day) =>
        (await AllAsync(session).ConfigureAwait(false)).LastOrDefault(version => version.ValidFrom <= day)?.Rules;

    private static async Task<IReadOnlyList<TierRulesVersion>> AllAsync(Session session) =>
        [.. (await session.QueryAsync<Row>(SelectAll).ConfigureAwait(false)).Select(row => new TierRulesVersion((int)row.Version, (int)row.ValidFrom, TierRules.Parse(row.Body)))];

    private sealed class Row
    {
        public long Version { get; init; }
        public long ValidFrom { get; init; }
        public string Body { get; init; } = "";
    }
}
