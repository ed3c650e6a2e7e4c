using System.Buffers.Binary;
using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>Writes fields of a form whose values are JSON straight into the bytes of the body: a batch of a hundred has some twenty thousand of them.</summary>
internal static class FormField
{
    private const int Escaped = 3;

    // What each byte becomes, and how long that is: percent-encoding of RFC 3986, section 2, all but the unreserved.
    private static readonly uint[] s_escapes = [.. Enumerable.Range(0, 256).Select(octet => IsUnreserved((byte)octet) ? (uint)octet : '%' | (Hex(octet >> 4) << 8) | (Hex(octet & 15) << 16))];
    private static readonly byte[] s_lengths = [.. Enumerable.Range(0, 256).Select(octet => (byte)(IsUnreserved((byte)octet) ? 1 : Escaped))];

    /// <summary>Appends one field.</summary>
    /// <param name="form">The form so far.</param>
    /// <param name="name">Its name, which needs no escape.</param>
    /// <param name="write">Writes its value.</param>
    public static void Append(RequestBody form, ReadOnlySpan<byte> name, Action<Utf8JsonWriter> write)
    {
        using var value = new RequestBody();
        using (var json = new Utf8JsonWriter(value, JsonText.Relaxed)) write(json);
        var room = form.GetSpan(name.Length + 2 + value.Written.Length * Escaped + 1);
        var at = 0;
        if (form.Written.Length > 0) room[at++] = (byte)'&';
        name.CopyTo(room[at..]);
        at += name.Length;
        room[at++] = (byte)'=';
        form.Advance(at + Escape(value.Written.Span, room[at..]));
    }

    // Four bytes are written where one or three count: no branch for the processor to guess, half of them wrong.
    private static int Escape(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var at = 0;
        foreach (var octet in text)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(to[at..], s_escapes[octet]);
            at += s_lengths[octet];
        }

        return at;
    }

    private static bool IsUnreserved(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~';

    private static uint Hex(int digit) => "0123456789ABCDEF"[digit];
}
