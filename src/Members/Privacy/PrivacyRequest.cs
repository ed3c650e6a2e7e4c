namespace Engagement.Members.Privacy;

/// <summary>What a member asks for.</summary>
public enum RequestKind
{
    /// <summary>A copy of everything.</summary>
    Export = 1,

    /// <summary>To be forgotten.</summary>
    Erasure = 2,

    /// <summary>A correction that the member cannot make alone.</summary>
    Correction = 3,

    /// <summary>An explanation, or a decision by a person instead of a rule.</summary>
    Explanation = 4,
}

/// <summary>Where a request stands (domain 4.2).</summary>
public enum RequestState
{
    /// <summary>It came in.</summary>
    Submitted = 1,

    /// <summary>Whoever asks is the member: the session says so.</summary>
    IdentityChecked = 2,

    /// <summary>Somebody, or the program, is at it.</summary>
    InWork = 3,

    /// <summary>Done.</summary>
    Fulfilled = 4,

    /// <summary>Refused, with a reason.</summary>
    Refused = 5,

    /// <summary>Taken back by the member.</summary>
    Withdrawn = 6,
}

/// <summary>A request, with its clock.</summary>
public sealed class PrivacyRequest
{
    /// <summary>Its id.</summary>
    public long Id { get; init; }

    /// <summary>Whose.</summary>
    public long MemberId { get; init; }

    /// <summary>What for.</summary>
    public RequestKind Kind { get; init; }

    /// <summary>Where it stands.</summary>
    public RequestState State { get; init; }

    /// <summary>Why it was refused; empty when it was not.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The session that asked, and the only one that gets a file.</summary>
    public long SessionId { get; init; }

    /// <summary>When it came in, Unix milliseconds of business time; so are the others.</summary>
    public long SubmittedAt { get; init; }

    /// <summary>Until when it must be done.</summary>
    public long DueAt { get; init; }

    /// <summary>When the program does it by itself; <c>null</c> when a person does, or it is done.</summary>
    public long? ActAt { get; init; }

    /// <summary>When it was done.</summary>
    public long? DoneAt { get; init; }

    /// <summary>Until when a file can be fetched.</summary>
    public long? FileUntil { get; init; }

    /// <summary>Whether nothing has been decided yet.</summary>
    public bool IsOpen => State is RequestState.Submitted or RequestState.IdentityChecked or RequestState.InWork;
}

/// <summary>Times of requests. Bound from <c>Privacy</c>; refused at start when invalid.</summary>
public sealed class PrivacyOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Privacy";

    /// <summary>How long an erasure can be taken back. What is known is used for nothing meanwhile.</summary>
    /// <value>Default 7 days.</value>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:00", "14.00:00:00")]
    public TimeSpan ErasureWait { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long the file of an export can be fetched.</summary>
    /// <value>Default 24 hours.</value>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan FileLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Working days within which a request is finished.</summary>
    /// <value>Default 15.</value>
    [System.ComponentModel.DataAnnotations.Range(1, 60)]
    public int WorkingDays { get; set; } = 15;
}
