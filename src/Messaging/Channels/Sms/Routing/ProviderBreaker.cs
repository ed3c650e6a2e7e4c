namespace Engagement.Messaging.Channels.Sms.Routing;

/// <summary>Whether a provider may be sent to at all: after calls in a row that brought no answer it rests, then one message tries it.</summary>
/// <remarks>It repeats nothing. Not thread-safe: <see cref="SmsTraffic"/> holds the lock.</remarks>
/// <param name="after">So many calls without an answer, one after another.</param>
/// <param name="rest">How long it rests, and how long the message that tries it may take to tell.</param>
internal sealed class ProviderBreaker(int after, TimeSpan rest)
{
    private int _unanswered;
    private DateTimeOffset? _restsUntil;
    private DateTimeOffset? _triedUntil;

    /// <summary>Whether it rests: nothing leaves.</summary>
    public bool Rests(DateTimeOffset now) => now < _restsUntil;

    /// <summary>Whether a message may be given to it.</summary>
    public bool Lets(DateTimeOffset now) => _restsUntil is null || (now >= _restsUntil && !(now < _triedUntil));

    /// <summary>Notes that a message was given to it; after a rest that is the one that tries.</summary>
    public void Gave(DateTimeOffset now)
    {
        if (_restsUntil is not null) _triedUntil = now + rest;
    }

    /// <summary>Notes a call; whether that opened or closed it.</summary>
    public BreakerChange Note(bool answered, DateTimeOffset now)
    {
        var resting = _restsUntil is not null;
        if (answered)
        {
            (_unanswered, _restsUntil, _triedUntil) = (0, null, null);
            return resting ? BreakerChange.Closed : BreakerChange.None;
        }

        if (!resting && ++_unanswered < after) return BreakerChange.None;
        (_restsUntil, _triedUntil) = (now + rest, null);
        return resting ? BreakerChange.None : BreakerChange.Opened;
    }
}

/// <summary>What a call did to a breaker.</summary>
internal enum BreakerChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Nothing more is sent for a while.</summary>
    Opened,

    /// <summary>It answers again.</summary>
    Closed,
}
