using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Storage;

/// <summary>Keyed hashes by which encrypted values can be found: HMAC-SHA256, cut to 24 bytes, as 32 characters of base64url.</summary>
/// <remarks>Not unique: families share phones. Each purpose hashes differently, so that columns cannot be joined by accident.</remarks>
public sealed class BlindIndex(KeyRing keys)
{
    /// <summary>The index of <paramref name="value"/> under the current key, as a column holds it; <c>null</c> stays <c>null</c>.</summary>
    /// <param name="purpose">What is looked up: <c>phone</c>, <c>name</c> …</param>
    /// <param name="value">The value in its canonical form.</param>
    [return: NotNullIfNotNull(nameof(value))]
    public string? Of(string purpose, string? value) => value is null ? null : Hash(keys.Current, purpose, value);

    /// <summary>The indexes of <paramref name="value"/> under every key in use, for a look-up while keys rotate.</summary>
    public IReadOnlyList<string> Candidates(string purpose, string value) => [.. keys.Ids.Select(id => Hash(id, purpose, value))];

    private string Hash(byte id, string purpose, string value)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.IndexKey(id), Encoding.UTF8.GetBytes($"{purpose}\n{value}"), hash);
        return Convert.ToBase64String(hash[..24]).Replace('+', '-').Replace('/', '_');
    }
}
