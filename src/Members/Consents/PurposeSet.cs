namespace Engagement.Members.Consents;

/// <summary>The purposes that a member has agreed to, as a set.</summary>
/// <param name="Bits">Bit n stands for the purpose with number n.</param>
public readonly record struct PurposeSet(long Bits)
{
    /// <summary>The set of these purposes.</summary>
    public static PurposeSet Of(params ReadOnlySpan<Purpose> purposes)
    {
        long bits = 0;
        foreach (var purpose in purposes) bits |= 1L << (int)purpose;
        return new PurposeSet(bits);
    }

    /// <summary>Whether the purpose is in the set.</summary>
    public bool Has(Purpose purpose) => (Bits & (1L << (int)purpose)) != 0;

    /// <summary>The set with one purpose more.</summary>
    public PurposeSet With(Purpose purpose) => new(Bits | (1L << (int)purpose));

    /// <inheritdoc/>
    public override string ToString()
    {
        var bits = this;
        return string.Join(", ", Enum.GetValues<Purpose>().Where(bits.Has));
    }
}
