using Engagement.Members;
using Engagement.Messaging.Gate;

namespace Engagement.Messaging.Runs;

/// <summary>Where a run stands.</summary>
public enum RunState
{
    /// <summary>Its members are being written down.</summary>
    Expanding = 1,

    /// <summary>Its audience is complete.</summary>
    Expanded = 2,

    /// <summary>Stopped for good.</summary>
    Cancelled = 4,

    /// <summary>Nothing of it is left to do: every message has its last state.</summary>
    Done = 5,
}

/// <summary>Which part of a run a member is in.</summary>
public enum Arm
{
    /// <summary>Gets nothing, for a reason.</summary>
    Excluded = 0,

    /// <summary>Gets the message.</summary>
    Treated = 1,

    /// <summary>Gets nothing, so that the effect can be measured.</summary>
    HeldOut = 2,
}

/// <summary>What a producer wants to say on one day.</summary>
/// <param name="Producer">Its name: <c>birthday</c>, <c>refill</c>, <c>promotion</c> …</param>
/// <param name="Kind">The kind of message.</param>
/// <param name="TemplateVersionId">What renders it.</param>
/// <param name="BusinessDay">The day that it is for.</param>
/// <param name="Campaign">The campaign, when there is one.</param>
/// <param name="HoldoutSalt">The salt of the holdout.</param>
/// <param name="HoldoutBasisPoints">The share held out; 0 for anything but Promotional.</param>
public sealed record RunPlan(
    string Producer, MessageKind Kind, long TemplateVersionId, int BusinessDay,
    CampaignId? Campaign = null, string HoldoutSalt = "", int HoldoutBasisPoints = 0);

/// <summary>One member of a run's audience: why not, or what to say.</summary>
/// <param name="Member">Who.</param>
/// <param name="Refused">The reason against it (a code of <see cref="Gate.Reason"/>), or <c>null</c>.</param>
/// <param name="Keys">What must not be said twice.</param>
/// <param name="Params">The ids that the text is made from.</param>
/// <param name="ReadyAt">When it is due.</param>
/// <param name="NotAfter">The last moment to send it.</param>
public sealed record Candidate(MemberId Member, string? Refused, IReadOnlyList<string> Keys, string Params, long ReadyAt, long NotAfter)
{
    /// <summary>Occasions that the message settles as well, but that would not be a reason to send it.</summary>
    public IReadOnlyList<string> JoinedKeys { get; init; } = [];

    /// <summary>Somebody whose data cannot be read; nobody else has to pay for it.</summary>
    internal static Candidate Unusable(MemberId member) => new(member, Reason.DataError, [], "{}", 0, 0);

    /// <summary>The reason against the member, which may be that what is to be written does not fit its columns.</summary>
    internal string? Problem => Refused ?? (Keys.Count > 0 && Params.Length <= MostParams && Keys.All(Fits) && JoinedKeys.All(Fits) ? null : Reason.DataError);

    // A TEXT of MySQL holds 65,535 bytes, and a character takes up to three; a key 120 characters.
    private const int MostParams = 20_000;

    private static bool Fits(string key) => key.Length is > 0 and <= 120;
}

/// <summary>What became of a run's audience.</summary>
/// <param name="Id">The run.</param>
/// <param name="Producer">The producer.</param>
/// <param name="Audience">Members meant.</param>
/// <param name="Enqueued">Messages made.</param>
/// <param name="HeldOut">Members held out.</param>
/// <param name="Excluded">Members who get nothing, by reason.</param>
public sealed record RunResult(RunId Id, string Producer, int Audience, int Enqueued, int HeldOut, IReadOnlyDictionary<string, int> Excluded);
