using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Engagement.Messaging.Channels;

/// <summary>Writes text into JSON with no more escapes than JSON demands.</summary>
/// <remarks>
/// WeChat refuses <c>\uXXXX</c> (40033), and the relaxed encoder of .NET still writes it for emoji, rare Chinese characters
/// beyond the first plane and the ideographic space. So values of people's own words go through here; names and ids, which are
/// ASCII, may take the relaxed encoder.
/// </remarks>
internal static class JsonText
{
    public static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A UTF-16 unit is at most six characters of ASCII as an escape, and at most three bytes of UTF-8.
    private const int MostBytesPerUnit = 6;

    private static readonly SearchValues<char> s_escaped = SearchValues.Create(
        ['"', '\\', .. Enumerable.Range(0, 0x20).Select(code => (char)code)]);

    /// <summary>Writes <paramref name="value"/> as a JSON string; a lone surrogate becomes U+FFFD.</summary>
    public static void WriteText(this Utf8JsonWriter writer, ReadOnlySpan<char> value)
    {
        var needed = (value.Length * MostBytesPerUnit) + 2;
        byte[]? rented = null;
        var bytes = needed <= 512 ? stackalloc byte[512] : (rented = ArrayPool<byte>.Shared.Rent(needed));

        writer.WriteRawValue(bytes[..Quote(value, bytes)], skipInputValidation: true);

        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private static int Quote(ReadOnlySpan<char> value, Span<byte> bytes)
    {
        var length = 0;
        bytes[length++] = (byte)'"';
        while (true)
        {
            var plain = value.IndexOfAny(s_escaped);
            Utf8.FromUtf16(plain < 0 ? value : value[..plain], bytes[length..], out _, out var written);
            length += written;
            if (plain < 0) break;
            length += Escape(value[plain], bytes[length..]);
            value = value[(plain + 1)..];
        }

        bytes[length++] = (byte)'"';
        return length;
    }

    private static int Escape(char unit, Span<byte> bytes)
    {
        bytes[0] = (byte)'\\';
        if (unit is '"' or '\\')
        {
            bytes[1] = (byte)unit;
            return 2;
        }

        "u00"u8.CopyTo(bytes[1..]);
        bytes[4] = (byte)(unit < 0x10 ? '0' : '1');
        bytes[5] = (byte)"0123456789abcdef"[unit & 0xF];
        return 6;
    }
}
