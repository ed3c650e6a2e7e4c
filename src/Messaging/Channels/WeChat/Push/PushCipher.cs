using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Messaging.Channels.WeChat.Push;

/// <summary>The encryption of WeChat's safe mode: AES-256-CBC over random, length, message and appid, padded to 32 bytes.</summary>
internal static class PushCipher
{
    private const int RandomSize = 16;
    private const int LengthSize = 4;
    private const int Block = 32;

    /// <summary>Whether <paramref name="encodingAesKey"/> is 43 characters of base64.</summary>
    public static bool IsKey(string encodingAesKey) =>
        encodingAesKey.Length == 43 && Convert.TryFromBase64String(encodingAesKey + "=", new byte[32], out var length) && length == 32;

    /// <summary>The message inside, and the appid that it was made for; <c>false</c> for anything that was not encrypted with this key.</summary>
    public static bool TryDecrypt(string encodingAesKey, string encrypt, out ReadOnlyMemory<byte> message, out string appId)
    {
        message = default;
        appId = "";
        var cipher = new byte[encrypt.Length];
        if (!Convert.TryFromBase64String(encrypt, cipher, out var size) || size == 0 || size % RandomSize != 0) return false;

        var key = Convert.FromBase64String(encodingAesKey + "=");
        using var aes = Aes.Create();
        aes.Key = key;
        // The padding has blocks of 32, which the library's own check would refuse.
        var plain = aes.DecryptCbc(cipher.AsSpan(0, size), key.AsSpan(0, RandomSize), PaddingMode.None);

        var padding = plain[^1];
        if (padding is 0 or > Block || padding > plain.Length) return false;
        var content = plain.AsMemory(0, plain.Length - padding);
        if (content.Length < RandomSize + LengthSize) return false;

        var length = BinaryPrimitives.ReadUInt32BigEndian(content.Span[RandomSize..]);
        var rest = content[(RandomSize + LengthSize)..];
        if (length > rest.Length) return false;
        message = rest[..(int)length];
        appId = Encoding.UTF8.GetString(rest.Span[(int)length..]);
        return true;
    }

    /// <summary>The reverse, for encrypted replies.</summary>
    /// <param name="encodingAesKey">The 43 characters.</param>
    /// <param name="random">16 bytes that nobody can guess.</param>
    /// <param name="message">What is said.</param>
    /// <param name="appId">For which account.</param>
    public static string Encrypt(string encodingAesKey, ReadOnlySpan<byte> random, ReadOnlySpan<byte> message, string appId)
    {
        var tail = Encoding.UTF8.GetBytes(appId);
        var length = RandomSize + LengthSize + message.Length + tail.Length;
        var padding = Block - (length % Block);
        var plain = new byte[length + padding];
        random[..RandomSize].CopyTo(plain);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(RandomSize), message.Length);
        message.CopyTo(plain.AsSpan(RandomSize + LengthSize));
        tail.CopyTo(plain.AsSpan(RandomSize + LengthSize + message.Length));
        plain.AsSpan(length).Fill((byte)padding);

        var key = Convert.FromBase64String(encodingAesKey + "=");
        using var aes = Aes.Create();
        aes.Key = key;
        return Convert.ToBase64String(aes.EncryptCbc(plain, key.AsSpan(0, RandomSize), PaddingMode.None));
    }
}
