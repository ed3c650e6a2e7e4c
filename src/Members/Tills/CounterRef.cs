using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Tills;

/// <summary>What a till holds of a member whom it looked up: opaque, so that nobody walks through members by counting, and for points and health data good for a while only.</summary>
public sealed class CounterRef(OpaqueRef refs, Clocks clocks, IOptions<TillOptions> options)
{
    // References of other kinds carry small numbers there, never this bit.
    private const int Mark = 1 << 30;
    private const int Shown = 1 << 29;

    private static readonly DateTimeOffset s_epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The reference of a member who stands at the counter, and until when it is good for all.</summary>
    public (string Text, DateTimeOffset Until) Of(Shopper shopper)
    {
        var minute = (int)(clocks.System.GetUtcNow() + options.Value.AtCounter - s_epoch).TotalMinutes;
        return (refs.Of(shopper.Member.Value, Mark | (shopper.Present ? Shown : 0) | minute), s_epoch.AddMinutes(minute));
    }

    /// <summary>Reads one that is still good; <c>null</c> for any other.</summary>
    public Shopper? Read(string text) => TryRead(text, out var shopper, out var until) && clocks.System.GetUtcNow() < until ? shopper : null;

    /// <summary>Reads one for a ticket, which may come long after the member has left.</summary>
    public MemberId? ReadLate(string text) => TryRead(text, out var shopper, out _) ? shopper.Member : null;

    private bool TryRead(string text, out Shopper shopper, out DateTimeOffset until)
    {
        var read = refs.TryRead(text, out var id, out var part) && part > 0 && (part & Mark) != 0;
        shopper = read ? new Shopper(new MemberId(id), (part & Shown) != 0) : default;
        until = s_epoch.AddMinutes(part & (Shown - 1));
        return read;
    }
}
