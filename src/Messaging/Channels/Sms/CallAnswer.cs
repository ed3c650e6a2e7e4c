namespace Engagement.Messaging.Channels.Sms;

/// <summary>What came of one call: one answer for all its numbers, or one for each.</summary>
internal readonly struct CallAnswer
{
    private readonly SendResult _all;
    private readonly SendResult[]? _each;

    private CallAnswer(SendResult all, SendResult[]? each) => (_all, _each) = (all, each);

    /// <summary>Whether the provider said one thing of the call as a whole.</summary>
    public bool IsForAll => _each is null;

    /// <summary>What it said of the number at <paramref name="index"/> of the call.</summary>
    public SendResult this[int index] => _each is null ? _all : _each[index];

    public static CallAnswer ForAll(SendResult result) => new(result, null);

    /// <summary>In the order of the call.</summary>
    public static CallAnswer Each(SendResult[] results) => new(default, results);
}
