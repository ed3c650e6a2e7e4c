using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Storage;

/// <summary>Where an encrypted value stands; part of what is authenticated, so a ciphertext copied to another row does not open.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">The column.</param>
public readonly record struct CipherColumn(string Table, string Name);

/// <summary>Encrypts personal data field by field with AES-256-GCM.</summary>
/// <remarks>Layout: key id (1 byte), nonce (12), ciphertext, tag (16). Authenticated with it: table, column and row id. Thread-safe.</remarks>
public sealed class FieldCipher(KeyRing keys)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = 1 + NonceSize + TagSize;

    private readonly ConcurrentDictionary<byte, ConcurrentBag<AesGcm>> _ciphers = new();

    /// <summary>Encrypts <paramref name="text"/> for one row; <c>null</c> stays <c>null</c>.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public byte[]? Encrypt(CipherColumn column, long rowId, string? text)
    {
        if (text is null) return null;
        var id = keys.Current;
        var result = new byte[Overhead + Encoding.UTF8.GetByteCount(text)];
        result[0] = id;
        var nonce = result.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        var cipherText = result.AsSpan(1 + NonceSize, result.Length - Overhead);
        Encoding.UTF8.GetBytes(text, cipherText);
        Span<byte> associated = stackalloc byte[128];
        var aes = Rent(id);
        aes.Encrypt(nonce, cipherText, cipherText, result.AsSpan(result.Length - TagSize), Associated(column, rowId, associated));
        _ciphers[id].Add(aes);
        return result;
    }

    /// <summary>Decrypts what <see cref="Encrypt"/> made for the same column and row; <c>null</c> stays <c>null</c>.</summary>
    /// <exception cref="CryptographicException">The value was changed, or belongs to another column or row.</exception>
    /// <exception cref="StorageException"><c>keys_unusable</c>: the key that it names is not in the ring.</exception>
    [return: NotNullIfNotNull(nameof(value))]
    public string? Decrypt(CipherColumn column, long rowId, byte[]? value)
    {
        if (value is null) return null;
        if (value.Length < Overhead) throw new CryptographicException("The encrypted value is too short.");
        var id = value[0];
        var plain = new byte[value.Length - Overhead];
        Span<byte> associated = stackalloc byte[128];
        var aes = Rent(id);
        try
        {
            aes.Decrypt(value.AsSpan(1, NonceSize), value.AsSpan(1 + NonceSize, plain.Length), value.AsSpan(value.Length - TagSize), plain, Associated(column, rowId, associated));
        }
        finally
        {
            _ciphers[id].Add(aes);
        }

        return Encoding.UTF8.GetString(plain);
    }

    private AesGcm Rent(byte id)
    {
        var bag = _ciphers.GetOrAdd(id, static _ => []);
        return bag.TryTake(out var aes) ? aes : new AesGcm(keys.FieldKey(id), TagSize);
    }

    private static ReadOnlySpan<byte> Associated(CipherColumn column, long rowId, Span<byte> buffer)
    {
        var length = Encoding.ASCII.GetBytes(column.Table, buffer);
        buffer[length++] = (byte)'.';
        length += Encoding.ASCII.GetBytes(column.Name, buffer[length..]);
        buffer[length++] = (byte)'.';
        BinaryPrimitives.WriteInt64BigEndian(buffer[length..], rowId);
        return buffer[..(length + sizeof(long))];
    }
}
