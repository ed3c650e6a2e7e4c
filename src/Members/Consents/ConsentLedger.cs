using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Members.Consents;

/// <summary>Applies the consents of imported rows. Every step is kept with its evidence; the present state follows the rules below.</summary>
/// <remarks>
/// From the member's own card the newest word counts. From a card that is merged the strictest does: a refusal on either record wins, and a
/// grant fills only what nobody has spoken about; health consent never comes over from a record with another name.
/// </remarks>
internal sealed class ConsentLedger(IdGenerator ids)
{
    private const string SelectConsents = "SELECT member_id, purpose, granted, text_version, source, changed_at FROM consent WHERE member_id IN";
    private const string InsertConsent = "INSERT INTO consent (member_id, purpose, granted, text_version, source, changed_at)";
    private const string InsertChange = "INSERT INTO consent_change (id, member_id, purpose, granted, text_version, source, evidence, changed_at)";

    private readonly Dictionary<(long Member, Purpose Purpose), State> _states = [];
    private readonly HashSet<(long Member, Purpose Purpose)> _dirty = [];
    private readonly List<(long Id, long Member, Purpose Purpose, State State, string Evidence)> _changes = [];

    /// <summary>Reads the present state of members that were there before.</summary>
    public Task LoadAsync(Session session, IReadOnlyList<long> members) => session.ReadInAsync(SelectConsents, members, row =>
        _states.TryAdd((row.GetInt64(0), (Purpose)row.GetInt32(1)), new State(row.GetInt32(2) != 0, row.GetString(3), row.GetString(4), row.GetInt64(5))));

    /// <summary>Applies the consents of one row to a member; returns whether the present state changed.</summary>
    /// <param name="member">The member.</param>
    /// <param name="source">The source of the row.</param>
    /// <param name="consents">Its consents.</param>
    /// <param name="merged">Whether the row is of another card, merged into the member.</param>
    /// <param name="sameName">Whether a merged row carries the member's own name.</param>
    public bool Apply(long member, string source, IReadOnlyList<ConsentRow> consents, bool merged, bool sameName)
    {
        var changed = false;
        foreach (var consent in consents)
        {
            var key = (member, consent.Purpose);
            var said = new State(consent.Granted, consent.TextVersion, source, ChinaTime.At(consent.Day, TimeOnly.MinValue).ToUnixTimeMilliseconds());
            State? before = _states.TryGetValue(key, out var state) ? state : null;
            if (before == said) continue;
            _changes.Add((ids.Next(), member, consent.Purpose, said, consent.Evidence));
            if (!Counts(before, said, consent.Purpose, merged, sameName)) continue;
            _states[key] = said;
            changed |= _dirty.Add(key) || before?.Granted != said.Granted;
        }

        return changed;
    }

    /// <summary>Writes everything that was applied.</summary>
    public async Task SaveAsync(Tx tx)
    {
        await tx.InsertManyAsync(InsertConsent, [.. _dirty], (key, values) =>
        {
            var state = _states[key];
            (values[0], values[1], values[2], values[3], values[4], values[5]) =
                (key.Member, (int)key.Purpose, state.Granted ? 1 : 0, state.TextVersion, state.Source, state.ChangedAt);
        }, OnConflict(tx.Dialect)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertChange, _changes, static (change, values) =>
        {
            (values[0], values[1], values[2], values[3]) = (change.Id, change.Member, (int)change.Purpose, change.State.Granted ? 1 : 0);
            (values[4], values[5], values[6], values[7]) = (change.State.TextVersion, change.State.Source, change.Evidence, change.State.ChangedAt);
        }).ConfigureAwait(false);
    }

    private static bool Counts(State? before, State said, Purpose purpose, bool merged, bool sameName)
    {
        if (merged && said.Granted && purpose == Purpose.Health && !sameName) return false;
        if (before is not { } known) return true;
        return merged ? known.Granted && !said.Granted : said.ChangedAt > known.ChangedAt || (said.ChangedAt == known.ChangedAt && !said.Granted);
    }

    private static string OnConflict(Dialect dialect) => $"""
        {dialect.OnConflictUpdate("member_id, purpose")}
            granted = {dialect.New("granted")}, text_version = {dialect.New("text_version")}, source = {dialect.New("source")}, changed_at = {dialect.New("changed_at")}
        """;

    private readonly record struct State(bool Granted, string TextVersion, string Source, long ChangedAt);
}
