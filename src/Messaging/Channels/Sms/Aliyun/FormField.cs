using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>Writes fields of a form whose values are JSON straight into the bytes of the body: a batch of a hundred has some twenty thousand of them.</summary>
internal static class FormField
{
    private const int Escaped = 3;

    private static ReadOnlySpan<byte> Hex => "0123456789ABCDEF"u8;

    /// <summary>Appends one field.</summary>
    /// <param name="form">The form so far.</param>
    /// <param name="name">Its name, which needs no escape.</param>
    /// <param name="write">Writes its value.</param>
    public static void Append(RequestBody form, ReadOnlySpan<byte> name, Action<Utf8JsonWriter> write)
    {
        using var value = new RequestBody();
        using (var json = new Utf8JsonWriter(value, JsonText.Relaxed)) write(json);
        var room = form.GetSpan(name.Length + 2 + value.Written.Length * Escaped);
        var at = 0;
        if (form.Written.Length > 0) room[at++] = (byte)'&';
        name.CopyTo(room[at..]);
        at += name.Length;
        room[at++] = (byte)'=';
        form.Advance(at + Escape(value.Written.Span, room[at..]));
    }

    // Percent-encoding of RFC 3986, section 2: all but the unreserved.
    private static int Escape(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var at = 0;
        foreach (var octet in text)
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~')
            {
                to[at++] = octet;
                continue;
            }

            to[at + 2] = Hex[octet & 15];
            to[at + 1] = Hex[octet >> 4];
            to[at] = (byte)'%';
            at += Escaped;
        }

        return at;
    }
}
