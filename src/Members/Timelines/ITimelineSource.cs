using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Timelines;

/// <summary>What an entry tells of; the order of those of one instant.</summary>
public enum TimelineKind
{
    /// <summary>A ticket.</summary>
    Purchase = 1,

    /// <summary>A message, or why there was none.</summary>
    Message = 2,

    /// <summary>A line of the points ledger.</summary>
    Points = 3,

    /// <summary>A coupon that was got or used.</summary>
    Coupon = 4,

    /// <summary>A consent that was given or withdrawn.</summary>
    Consent = 5,

    /// <summary>A service case.</summary>
    Case = 6,

    /// <summary>An answer to a survey.</summary>
    Answer = 7,

    /// <summary>An answer by SMS.</summary>
    Reply = 8,
}

/// <summary>One thing that happened.</summary>
/// <param name="At">When, in Unix milliseconds of the business clock.</param>
/// <param name="Kind">What it tells of.</param>
/// <param name="Id">Its id; with time and kind its place in the order.</param>
/// <param name="Title">What happened, in one line.</param>
/// <param name="Details">More, line by line.</param>
public sealed record TimelineItem(long At, TimelineKind Kind, long Id, Phrase Title, IReadOnlyList<Phrase> Details)
{
    /// <summary>What was said, word by word; only for those who may read it.</summary>
    public string? Text { get; init; }
}

/// <summary>A place in a timeline: what comes after it is older.</summary>
/// <param name="At">The instant.</param>
/// <param name="Kind">The kind there.</param>
/// <param name="Id">The id there.</param>
public readonly record struct TimelinePlace(long At, TimelineKind Kind, long Id)
{
    /// <summary>Before everything: the newest comes first.</summary>
    public static TimelinePlace Newest { get; } = new(long.MaxValue, TimelineKind.Purchase, 0);

    /// <summary>The id below which entries of this instant still belong to the page, for a source of that kind.</summary>
    /// <remarks>In SQL: <c>at &lt; @at OR (at = @at AND id &lt; @id)</c>, ordered by both, descending.</remarks>
    public long IdFor(TimelineKind kind) => kind < Kind ? long.MaxValue : kind > Kind ? 0 : Id;

    /// <summary>Whether something comes after this place.</summary>
    public bool IsBefore(long at, TimelineKind kind, long id) => at < At || (at == At && id < IdFor(kind));
}

/// <summary>Who looks.</summary>
/// <param name="Scope">The stores in sight.</param>
/// <param name="Health">Whether health data is shown: the caller has the right to it and gave a purpose.</param>
public readonly record struct TimelineView(StaffScope Scope, bool Health);

/// <summary>A feature's part of the timeline.</summary>
public interface ITimelineSource
{
    /// <summary>What it tells of.</summary>
    TimelineKind Kind { get; }

    /// <summary>Its newest entries after a place.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="member">The member.</param>
    /// <param name="place">The place.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="view">Who looks: what they may not see is left out.</param>
    Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view);
}

/// <summary>All parts in one order.</summary>
public sealed class MemberHistory(IEnumerable<ITimelineSource> sources)
{
    /// <summary>The newest entries after a place.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="member">The member.</param>
    /// <param name="kinds">Which kinds; empty is all.</param>
    /// <param name="place">The place.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="view">Who looks.</param>
    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, IReadOnlyCollection<TimelineKind> kinds, TimelinePlace place, int limit, TimelineView view)
    {
        var items = new List<TimelineItem>();
        foreach (var source in sources.Where(source => kinds.Count == 0 || kinds.Contains(source.Kind)))
        {
            items.AddRange(await source.ReadAsync(session, member, place, limit, view).ConfigureAwait(false));
        }

        return [.. items.OrderByDescending(item => item.At).ThenByDescending(item => item.Kind).ThenByDescending(item => item.Id).Take(limit)];
    }
}
