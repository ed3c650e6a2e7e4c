using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Engagement.Storage;

/// <summary>References for links and QR codes: they name one row and tell nothing about it.</summary>
/// <remarks>
/// One AES block over id, part and 32 zero bits, as 22 characters of base64url. Nobody without the key can read one or make one
/// that is accepted (1 in 4 billion), and no table or index is needed to resolve it.
/// </remarks>
public sealed class OpaqueRef(KeyRing keys) : IDisposable
{
    private const int Block = 16;

    private readonly ThreadLocal<Aes> _aes = new(() =>
    {
        var aes = Aes.Create();
        aes.Key = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.IndexKey(keys.Ids.Min()), 32, info: "opaque reference"u8.ToArray());
        return aes;
    }, trackAllValues: true);

    /// <summary>The reference of a row.</summary>
    /// <param name="id">The row.</param>
    /// <param name="part">Which of the things that the row stands for, for example the attempt.</param>
    public string Of(long id, int part)
    {
        Span<byte> block = stackalloc byte[Block];
        block.Clear();
        BinaryPrimitives.WriteInt64BigEndian(block, id);
        BinaryPrimitives.WriteInt32BigEndian(block[8..], part);
        Span<byte> cipher = stackalloc byte[Block];
        _aes.Value!.EncryptEcb(block, cipher, PaddingMode.None);
        return Base64Url.EncodeToString(cipher);
    }

    /// <summary>Reads a reference that <see cref="Of"/> made.</summary>
    public bool TryRead(string reference, out long id, out int part)
    {
        (id, part) = (0, 0);
        Span<byte> cipher = stackalloc byte[Block];
        if (reference.Length != 22 || !Base64Url.IsValid(reference) || !Base64Url.TryDecodeFromChars(reference, cipher, out var length) || length != Block) return false;
        Span<byte> block = stackalloc byte[Block];
        _aes.Value!.DecryptEcb(cipher, block, PaddingMode.None);
        if (BinaryPrimitives.ReadInt32BigEndian(block[12..]) != 0) return false;
        (id, part) = (BinaryPrimitives.ReadInt64BigEndian(block), BinaryPrimitives.ReadInt32BigEndian(block[8..]));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var aes in _aes.Values) aes.Dispose();
        _aes.Dispose();
    }
}
