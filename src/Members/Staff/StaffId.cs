using Engagement.Storage;

namespace Engagement.Members.Staff;

/// <summary>The id of a member of staff.</summary>
public readonly record struct StaffId(long Value) : IId<StaffId>
{
    /// <inheritdoc/>
    public static StaffId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Nobody approves what they wrote.</summary>
public static class FourEyes
{
    /// <summary>Whether <paramref name="approver"/> may approve what <paramref name="author"/> wrote. Both must be known: 0 is nobody.</summary>
    public static bool Allows(StaffId author, StaffId approver) => author.Value > 0 && approver.Value > 0 && author != approver;
}
