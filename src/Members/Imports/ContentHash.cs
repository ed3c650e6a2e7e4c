using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Engagement.Members.Imports;

/// <summary>Tells whether two deliveries of a row say the same: the first 128 bits of SHA-256 over its values.</summary>
/// <remarks>Never over a phone or a name: whoever has the table could try them all. Those go through the keyed blind index.</remarks>
internal sealed class ContentHash
{
    private byte[] _buffer = new byte[256];
    private int _length;

    /// <summary>Forgets everything, so that one object serves many rows.</summary>
    public ContentHash Clear()
    {
        _length = 0;
        return this;
    }

    public ContentHash Add(string text)
    {
        Add(text.Length);
        var bytes = MemoryMarshal.AsBytes(text.AsSpan());
        bytes.CopyTo(Room(bytes.Length));
        return this;
    }

    public ContentHash Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);
        return this;
    }

    /// <summary>22 characters.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, _length), hash);
        return Base64Url.EncodeToString(hash[..16]);
    }

    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        _length += bytes;
        return _buffer.AsSpan(_length - bytes, bytes);
    }
}
