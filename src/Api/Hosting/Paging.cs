using System.Buffers.Binary;
using System.Buffers.Text;

namespace Engagement.Api.Hosting;

/// <summary>One page of a list.</summary>
/// <param name="Items">Its rows.</param>
/// <param name="Next">The cursor of the next page; <c>null</c> on the last one.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Cursors: where the next page begins. Opaque to clients; only ever used as a parameter of a statement.</summary>
internal static class Cursor
{
    /// <summary>How many rows a page has at most.</summary>
    public const int MostRows = 200;

    /// <summary>The number of rows to read for <paramref name="asked"/>: one more than the page, to know whether another follows.</summary>
    public static int Rows(int? asked) => Math.Clamp(asked ?? 50, 1, MostRows) + 1;

    /// <summary>The page of rows that were read with <see cref="Rows"/>.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="asked">The limit that the client asked for.</param>
    /// <param name="key">The number by which the list is ordered.</param>
    /// <param name="item">What the client sees of a row.</param>
    public static Page<TItem> Page<T, TItem>(IReadOnlyList<T> rows, int? asked, Func<T, long> key, Func<T, TItem> item)
    {
        var most = Rows(asked) - 1;
        return new([.. rows.Take(most).Select(item)], rows.Count > most ? Of(key(rows[most - 1])) : null);
    }

    /// <summary>The cursor after the row with this key.</summary>
    public static string Of(long key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a cursor; none given is the first page, <c>null</c>. <c>false</c> when it is not one of ours.</summary>
    public static bool TryRead(string? cursor, out long? key)
    {
        key = null;
        if (string.IsNullOrEmpty(cursor)) return true;
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (cursor.Length != 11 || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length) || length != sizeof(long)) return false;
        key = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return true;
    }
}
