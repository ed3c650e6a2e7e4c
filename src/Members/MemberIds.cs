using Engagement.Storage;

namespace Engagement.Members;

/// <summary>The id of a member.</summary>
public readonly record struct MemberId(long Value) : IId<MemberId>
{
    /// <inheritdoc/>
    public static MemberId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>The id of a product.</summary>
public readonly record struct ProductId(long Value) : IId<ProductId>
{
    /// <inheritdoc/>
    public static ProductId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>The id of a store.</summary>
public readonly record struct StoreId(long Value) : IId<StoreId>
{
    /// <inheritdoc/>
    public static StoreId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
