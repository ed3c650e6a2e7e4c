using System.Diagnostics.CodeAnalysis;

namespace Engagement.Members.Coupons;

/// <summary>One page of a list.</summary>
/// <param name="Items">Its rows.</param>
/// <param name="Next">Where the next page begins; <c>null</c> after the last.</param>
public sealed record CouponPage<T>(IReadOnlyList<T> Items, CouponCursor? Next)
{
    internal const int Longest = 100;

    /// <summary>A page of the rows that were read, one more than asked for when there is a next page.</summary>
    internal static CouponPage<T> Of<TRow>(List<TRow> rows, int limit, Func<TRow, T> item, Func<TRow, CouponCursor> place) =>
        new([.. rows.Take(limit).Select(item)], rows.Count > limit ? place(rows[limit - 1]) : null);
}

/// <summary>A place in a list: rows that come and go before it move nothing.</summary>
public readonly record struct CouponCursor
{
    internal CouponCursor(long key, long id) => (Key, Id) = (key, id);

    internal long Key { get; }

    internal long Id { get; }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CouponCursor cursor)
    {
        var parts = text is { Length: <= 40 } ? text.Split('.') : [];
        var ok = parts.Length == 2 & long.TryParse(parts.ElementAtOrDefault(0), out var key) & long.TryParse(parts.ElementAtOrDefault(1), out var id);
        cursor = ok ? new CouponCursor(key, id) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Key}.{Id}";
}
