using Engagement.Storage;

namespace Engagement.Messaging;

/// <summary>The id of a message.</summary>
public readonly record struct MessageId(long Value) : IId<MessageId>
{
    /// <inheritdoc/>
    public static MessageId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>The id of one execution of a producer.</summary>
public readonly record struct RunId(long Value) : IId<RunId>
{
    /// <inheritdoc/>
    public static RunId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>The id of a campaign.</summary>
public readonly record struct CampaignId(long Value) : IId<CampaignId>
{
    /// <inheritdoc/>
    public static CampaignId From(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
