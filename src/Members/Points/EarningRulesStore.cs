using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>A version of the rules of earning.</summary>
/// <param name="Version">Its number.</param>
/// <param name="ValidFrom">The civil day from which it holds.</param>
/// <param name="Rules">The rules.</param>
public sealed record EarningRulesVersion(int Version, int ValidFrom, EarningRules Rules);

/// <summary>What became of a change of rules.</summary>
public enum RulesOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>A value is out of its range.</summary>
    Invalid = 2,

    /// <summary>It would hold from a day that is over, or before the rules that are there: what was earned was earned.</summary>
    TooEarly = 3,

    /// <summary>It holds already, or there is no such version: what was used is not taken away.</summary>
    InUse = 4,
}

/// <summary>Versions of the rules of earning. They are added and, before their first day, withdrawn; never changed. Until the first one holds, nothing is earned.</summary>
public sealed class EarningRulesStore(Database database, Clocks clocks)
{
    private const string SelectAll = "SELECT version AS Version, valid_from AS ValidFrom, body AS Body FROM points_rules ORDER BY version";
    private const string SelectStart = "SELECT MIN(valid_from) FROM points_rules";
    private const string Insert = "INSERT INTO points_rules (version, valid_from, body, made_by, made_at) VALUES (@version, @validFrom, @body, @by, @now)";
    private const string Delete = "DELETE FROM points_rules WHERE version = @version AND valid_from > @today";

    /// <summary>All versions, the oldest first.</summary>
    public Task<IReadOnlyList<EarningRulesVersion>> ListAsync(CancellationToken ct) => database.ReadAsync(AllAsync, ct);

    /// <summary>The rules of a day, or <c>null</c> when the programme has not started by then.</summary>
    public static async Task<EarningRulesVersion?> OfDayAsync(Session session, int day) => (await AllAsync(session).ConfigureAwait(false)).LastOrDefault(version => version.ValidFrom <= day);

    /// <summary>Adds a version that holds from a day on.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="validFrom">The civil day; today or later, and not before the version that is there.</param>
    /// <param name="by">Who adds it.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <returns>The outcome, and the version's number or, of rules that are invalid, the name of the value.</returns>
    public Task<(RulesOutcome Outcome, int Version, string? Fault)> AddAsync(EarningRules rules, int validFrom, string by, CancellationToken ct) =>
        database.WriteAsync(tx => AddAsync(tx, rules, validFrom, by), ct);

    /// <summary>Adds a version in the caller's write.</summary>
    internal async Task<(RulesOutcome Outcome, int Version, string? Fault)> AddAsync(Tx tx, EarningRules rules, int validFrom, string by)
    {
        if (rules.Fault() is { } fault) return (RulesOutcome.Invalid, 0, fault);
        var all = await AllAsync(tx).ConfigureAwait(false);
        var last = all.Count == 0 ? null : all[^1];
        if (validFrom < clocks.Business.Today() || validFrom < last?.ValidFrom) return (RulesOutcome.TooEarly, 0, null);
        var version = (last?.Version ?? 0) + 1;
        await tx.ExecuteAsync(Insert, new { version, validFrom, body = rules.ToJson(), by, now = clocks.Business.NowMs() }).ConfigureAwait(false);
        return (RulesOutcome.Done, version, null);
    }

    /// <summary>Withdraws a version that does not hold yet.</summary>
    public Task<RulesOutcome> WithdrawAsync(int version, CancellationToken ct) => database.WriteAsync(tx => WithdrawAsync(tx, version), ct);

    /// <summary>Withdraws it in the caller's write.</summary>
    public async Task<RulesOutcome> WithdrawAsync(Tx tx, int version) =>
        await tx.ExecuteAsync(Delete, new { version, today = clocks.Business.Today() }).ConfigureAwait(false) == 1 ? RulesOutcome.Done : RulesOutcome.InUse;

    /// <summary>The first day of the programme, or <c>null</c> when there is none.</summary>
    internal static Task<int?> StartAsync(Session session) => session.ScalarAsync<int?>(SelectStart);

    internal static async Task<IReadOnlyList<EarningRulesVersion>> AllAsync(Session session) =>
        [.. (await session.QueryAsync<Row>(SelectAll).ConfigureAwait(false)).Select(row => new EarningRulesVersion((int)row.Version, (int)row.ValidFrom, EarningRules.Parse(row.Body)))];

    private sealed class Row
    {
        public long Version { get; init; }
        public long ValidFrom { get; init; }
        public string Body { get; init; } = "";
    }
}
