namespace Engagement.Storage.Audit;

/// <summary>Who acted: a snapshot, because names and roles change and the log does not.</summary>
/// <param name="Id">The member of staff, API key or other actor; 0 is the installation itself.</param>
/// <param name="Name">The sign-in name, never a person's name.</param>
/// <param name="Role">The role at that moment.</param>
/// <param name="StoreId">The store where they acted, when there is one.</param>
public sealed record AuditActor(long Id, string Name, string Role, long? StoreId = null)
{
    /// <summary>The command line of the installation.</summary>
    public static AuditActor CommandLine { get; } = new(0, "cli", "operator");

    /// <summary>The installation itself, for example a daily job.</summary>
    public static AuditActor System { get; } = new(0, "system", "system");
}

/// <summary>One thing to be remembered.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Action">What, as a stable code of the form <c>noun.verb</c>: <c>member.read_health</c>, <c>staff.role_changed</c>.</param>
public sealed record AuditEntry(AuditActor Actor, string Action)
{
    /// <summary>The outcome of what was done.</summary>
    public const string Done = "done";

    /// <summary>The outcome of what was refused.</summary>
    public const string Refused = "refused";

    /// <summary>The member whom it is about, or <c>null</c>.</summary>
    public long? MemberId { get; init; }

    /// <summary>The thing that it is about: <c>coupon:123</c>. Ids only.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Why; every read of health data has one.</summary>
    public string Purpose { get; init; } = "";

    /// <summary><see cref="Done"/>, <see cref="Refused"/>, or the code of a refusal.</summary>
    public string Outcome { get; init; } = Done;

    /// <summary>More, as JSON: ids, codes and counts; never a phone number, a name of a member or a health word.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>One row of the log.</summary>
/// <param name="Seq">Its place in the chain, from 1 without a gap.</param>
/// <param name="At">When, in Unix milliseconds of the system clock.</param>
/// <param name="Entry">What it says.</param>
/// <param name="Hash">SHA-256 over the hash before it and its own content, in hex.</param>
public sealed record AuditRecord(long Seq, long At, AuditEntry Entry, string Hash);

/// <summary>The end of the chain. Noted down elsewhere, it proves later that nothing before it was changed or cut off.</summary>
/// <param name="Seq">The number of rows.</param>
/// <param name="Hash">The hash of the last one.</param>
public sealed record AuditHead(long Seq, string Hash);

/// <summary>What is looked for; everything that is given must hold.</summary>
public sealed record AuditQuery
{
    /// <summary>By this actor.</summary>
    public long? ActorId { get; init; }

    /// <summary>About this member.</summary>
    public long? MemberId { get; init; }

    /// <summary>Of this action; a code that ends in a dot means all that begin so.</summary>
    public string? Action { get; init; }

    /// <summary>At this moment or later, Unix milliseconds.</summary>
    public long? Since { get; init; }

    /// <summary>Before this moment, Unix milliseconds.</summary>
    public long? Until { get; init; }

    /// <summary>Before this place in the chain: the cursor, since the newest come first.</summary>
    public long? Before { get; init; }

    /// <summary>How many rows at most.</summary>
    public int Limit { get; init; } = 50;
}
