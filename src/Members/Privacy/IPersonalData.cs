using Engagement.Storage;

namespace Engagement.Members.Privacy;

/// <summary>One line of what we know about a member.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">The value, ready to show.</param>
/// <param name="Origin">Where it came from.</param>
public sealed record DataRow(Phrase Label, Phrase Value, Phrase Origin)
{
    /// <summary>What a screen shows instead, where others may look on; <c>null</c> for the value itself.</summary>
    public Phrase? OnScreen { get; init; }

    /// <summary>Masked.</summary>
    public override string ToString() => "DataRow";
}

/// <summary>What one feature knows about a member.</summary>
/// <param name="Code">Its name in the exported file: <c>purchases</c>.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Rows">The lines.</param>
public sealed record DataSection(string Code, Phrase Title, IReadOnlyList<DataRow> Rows);

/// <summary>What a feature keeps about a member: shown and exported on request, and forgotten when the member is erased. Register one for each feature whose rows name a member.</summary>
public interface IPersonalData
{
    /// <summary>What there is; nothing to show is no section.</summary>
    Task<IReadOnlyList<DataSection>> ShowAsync(Session session, MemberId member);

    /// <summary>Deletes it, or cuts it loose from the person where a law wants it kept, in the write of the erasure. Doing it twice is harmless.</summary>
    Task ForgetAsync(Tx tx, MemberId member);
}
