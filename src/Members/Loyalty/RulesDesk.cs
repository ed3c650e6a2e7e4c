using Engagement.Members.Points;
using Engagement.Members.Staff;
using Engagement.Members.Tiers;
using Engagement.Storage;

namespace Engagement.Members.Loyalty;

/// <summary>New rules of points and tiers: one member of staff writes them, another one approves, and only then they are a version. All in the caller's write.</summary>
public sealed class RulesDesk(IdGenerator ids, Clocks clocks, EarningRulesStore earning, TierRulesStore tiers)
{
    /// <summary>The longest note or reason.</summary>
    public const int LongestNote = 200;

    private const string Insert = """
        INSERT INTO rules_proposal (id, kind, valid_from, body, note, state, proposed_by, proposed_at, why)
        VALUES (@id, @kind, @validFrom, @body, @note, 1, @by, @now, '')
        """;

    private const string Decide = """
        UPDATE rules_proposal SET state = @state, decided_by = @by, decided_at = @now, why = @why, version = @version
        WHERE  id = @id AND kind = @kind AND state = 1
        """;

    private const string Select = """
        SELECT id AS Id, kind AS Kind, valid_from AS ValidFrom, body AS Body, note AS Note, state AS State, proposed_by AS ProposedBy, proposed_at AS ProposedAt,
               decided_by AS DecidedBy, decided_at AS DecidedAt, why AS Why, version AS Version
        FROM   rules_proposal
        WHERE  kind = @kind
        """;

    /// <summary>Proposes rules of earning.</summary>
    /// <returns>The outcome, and the proposal's id or, of rules that are invalid, the name of the value.</returns>
    public Task<(ProposalOutcome Outcome, long Id, string? Fault)> ProposeAsync(Tx tx, EarningRules rules, int validFrom, string note, StaffId by) =>
        ProposeAsync(tx, RulesKind.Points, rules.Fault(), rules.ToJson, validFrom, note, by);

    /// <summary>Proposes rules of tiers.</summary>
    /// <returns>The outcome, and the proposal's id or, of rules that are invalid, the name of the value.</returns>
    public Task<(ProposalOutcome Outcome, long Id, string? Fault)> ProposeAsync(Tx tx, TierRules rules, int validFrom, string note, StaffId by) =>
        ProposeAsync(tx, RulesKind.Tiers, rules.Fault(), rules.ToJson, validFrom, note, by);

    /// <summary>Approves a proposal that somebody else wrote; it becomes a version.</summary>
    public async Task<(ProposalOutcome Outcome, int Version)> ApproveAsync(Tx tx, RulesKind kind, long id, StaffId by)
    {
        if (await FindAsync(tx, kind, id).ConfigureAwait(false) is not { State: ProposalState.Waiting } proposal) return (ProposalOutcome.NotFound, 0);
        if (!FourEyes.Allows(proposal.Author, by)) return (ProposalOutcome.SamePerson, 0);
        var (outcome, version, _) = kind == RulesKind.Points
            ? await earning.AddAsync(tx, proposal.Points!, proposal.ValidFrom, proposal.Author.ToString()).ConfigureAwait(false)
            : await tiers.AddAsync(tx, proposal.Tiers!, proposal.ValidFrom, proposal.Author.ToString()).ConfigureAwait(false);
        if (outcome != RulesOutcome.Done) return (outcome == RulesOutcome.Invalid ? ProposalOutcome.Invalid : ProposalOutcome.TooEarly, 0);
        await DecideAsync(tx, kind, id, ProposalState.Approved, by, "", version).ConfigureAwait(false);
        return (ProposalOutcome.Done, version);
    }

    /// <summary>Refuses a proposal that somebody else wrote.</summary>
    public async Task<ProposalOutcome> RefuseAsync(Tx tx, RulesKind kind, long id, StaffId by, string why)
    {
        if (why.Trim().Length is < 2 or > LongestNote) return ProposalOutcome.Invalid;
        if (await FindAsync(tx, kind, id).ConfigureAwait(false) is not { State: ProposalState.Waiting } proposal) return ProposalOutcome.NotFound;
        if (!FourEyes.Allows(proposal.Author, by)) return ProposalOutcome.SamePerson;
        await DecideAsync(tx, kind, id, ProposalState.Refused, by, why, null).ConfigureAwait(false);
        return ProposalOutcome.Done;
    }

    /// <summary>Takes back a proposal of one's own.</summary>
    public async Task<ProposalOutcome> TakeBackAsync(Tx tx, RulesKind kind, long id, StaffId by)
    {
        if (await FindAsync(tx, kind, id).ConfigureAwait(false) is not { State: ProposalState.Waiting } proposal) return ProposalOutcome.NotFound;
        if (proposal.Author != by) return ProposalOutcome.NotTheAuthor;
        await DecideAsync(tx, kind, id, ProposalState.TakenBack, by, "", null).ConfigureAwait(false);
        return ProposalOutcome.Done;
    }

    /// <summary>One proposal; locked when the session is a write.</summary>
    public static async Task<RulesProposal?> FindAsync(Session session, RulesKind kind, long id) =>
        (await session.SingleOrDefaultAsync<Row>($"{Select} AND id = @id {(session is Tx ? session.Dialect.ForUpdate : "")}", new { kind = (int)kind, id }).ConfigureAwait(false))?.ToProposal();

    /// <summary>All proposals, the newest first.</summary>
    public static async Task<IReadOnlyList<RulesProposal>> ListAsync(Session session, RulesKind kind, long? before, int limit) =>
        [.. (await session.QueryAsync<Row>($"{Select} AND id < @before ORDER BY id DESC LIMIT @limit", new { kind = (int)kind, before = before ?? long.MaxValue, limit }).ConfigureAwait(false))
            .Select(row => row.ToProposal())];

    private async Task<(ProposalOutcome Outcome, long Id, string? Fault)> ProposeAsync(Tx tx, RulesKind kind, string? fault, Func<string> body, int validFrom, string note, StaffId by)
    {
        if (fault is not null) return (ProposalOutcome.Invalid, 0, fault);
        if (note.Trim().Length is < 2 or > LongestNote) return (ProposalOutcome.Invalid, 0, "Note");
        if (validFrom < clocks.Business.Today()) return (ProposalOutcome.TooEarly, 0, null);
        var id = ids.Next();
        await tx.ExecuteAsync(Insert, new { id, kind = (int)kind, validFrom, body = body(), note = note.Trim(), by = by.Value, now = clocks.Business.NowMs() }).ConfigureAwait(false);
        return (ProposalOutcome.Done, id, null);
    }

    private Task<int> DecideAsync(Tx tx, RulesKind kind, long id, ProposalState state, StaffId by, string why, int? version) =>
        tx.ExecuteAsync(Decide, new { id, kind = (int)kind, state = (int)state, by = by.Value, now = clocks.Business.NowMs(), why = why.Trim(), version });

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kind { get; init; }
        public long ValidFrom { get; init; }
        public string Body { get; init; } = "";
        public string Note { get; init; } = "";
        public long State { get; init; }
        public long ProposedBy { get; init; }
        public long ProposedAt { get; init; }
        public long? DecidedBy { get; init; }
        public long? DecidedAt { get; init; }
        public string Why { get; init; } = "";
        public long? Version { get; init; }

        public RulesProposal ToProposal() => new(
            Id, (RulesKind)Kind, (int)ValidFrom, Note, (ProposalState)State, new StaffId(ProposedBy), ProposedAt, DecidedBy is { } by ? new StaffId(by) : null, DecidedAt, Why, (int?)Version)
        {
            Points = Kind == (long)RulesKind.Points ? EarningRules.Parse(Body) : null,
            Tiers = Kind == (long)RulesKind.Tiers ? TierRules.Parse(Body) : null,
        };
    }
}
