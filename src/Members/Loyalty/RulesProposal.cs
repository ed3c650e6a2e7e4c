using Engagement.Members.Points;
using Engagement.Members.Staff;
using Engagement.Members.Tiers;

namespace Engagement.Members.Loyalty;

/// <summary>Which rules.</summary>
public enum RulesKind
{
    /// <summary>Rules of earning points.</summary>
    Points = 1,

    /// <summary>Rules of tiers.</summary>
    Tiers = 2,
}

/// <summary>How far a proposal is.</summary>
public enum ProposalState
{
    /// <summary>Nobody has decided.</summary>
    Waiting = 1,

    /// <summary>It became a version.</summary>
    Approved = 2,

    /// <summary>A second person said no.</summary>
    Refused = 3,

    /// <summary>Its author took it back.</summary>
    TakenBack = 4,
}

/// <summary>Rules that somebody wants to hold from a day on.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Which rules.</param>
/// <param name="ValidFrom">The civil day from which they are to hold.</param>
/// <param name="Note">What is changed and why, in the author's words.</param>
/// <param name="State">How far it is.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="ProposedAt">When, in Unix milliseconds.</param>
/// <param name="DecidedBy">Who decided.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="Why">Why it was refused; else empty.</param>
/// <param name="Version">The version that it became.</param>
public sealed record RulesProposal(
    long Id, RulesKind Kind, int ValidFrom, string Note, ProposalState State, StaffId Author, long ProposedAt, StaffId? DecidedBy, long? DecidedAt, string Why, int? Version)
{
    /// <summary>The rules of earning, of such a proposal.</summary>
    public EarningRules? Points { get; init; }

    /// <summary>The rules of tiers, of such a proposal.</summary>
    public TierRules? Tiers { get; init; }
}

/// <summary>What became of a proposal.</summary>
public enum ProposalOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>A value is out of its range.</summary>
    Invalid = 2,

    /// <summary>It would hold from a day that is over, or before the rules that are there.</summary>
    TooEarly = 3,

    /// <summary>There is none that waits under this id.</summary>
    NotFound = 4,

    /// <summary>Whoever wrote it cannot decide on it.</summary>
    SamePerson = 5,

    /// <summary>Somebody else wrote it.</summary>
    NotTheAuthor = 6,
}
