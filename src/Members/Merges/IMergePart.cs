using Engagement.Storage;

namespace Engagement.Members.Merges;

/// <summary>One member record becomes part of another.</summary>
/// <param name="Id">The id of the merge, under which it can be undone.</param>
/// <param name="From">The record that goes.</param>
/// <param name="To">The record that stays.</param>
/// <param name="SameName">Whether both carry one name: health data crosses only then.</param>
public readonly record struct Merge(long Id, MemberId From, MemberId To, bool SameName);

/// <summary>What a feature does when two member records are merged, and when they are parted again. Register one for each feature whose rows name a member.</summary>
public interface IMergePart
{
    /// <summary>Moves what is <see cref="Merge.From"/>'s to <see cref="Merge.To"/>, in the write of the merge.</summary>
    Task MergeAsync(Tx tx, Merge merge);

    /// <summary>Moves it back, as far as it was moved.</summary>
    Task PartAsync(Tx tx, Merge merge);
}
