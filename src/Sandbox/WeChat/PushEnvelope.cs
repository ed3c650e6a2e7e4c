using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>The signatures and the AES wrapping of message pushes.</summary>
internal static class PushEnvelope
{
    private const int PaddingBlock = 32;

    /// <summary>Hex SHA-1 of the texts, sorted and joined.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "WeChat prescribes SHA-1 for push signatures.")]
    public static string Sign(params ReadOnlySpan<string> texts)
    {
        string[] sorted = [.. texts];
        Array.Sort(sorted, StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(string.Concat(sorted))));
    }

    /// <summary>Base64 of the encrypted message: 16 random bytes, length, message and app id, padded to 32.</summary>
    public static string Encrypt(string message, string encodingAesKey, string appId, ReadOnlySpan<byte> random16)
    {
        var text = Encoding.UTF8.GetBytes(message);
        var tail = Encoding.UTF8.GetBytes(appId);
        var length = random16.Length + sizeof(int) + text.Length + tail.Length;
        var padding = PaddingBlock - length % PaddingBlock;

        var plain = new byte[length + padding];
        random16.CopyTo(plain);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(random16.Length), text.Length);
        text.CopyTo(plain, random16.Length + sizeof(int));
        tail.CopyTo(plain, length - tail.Length);
        plain.AsSpan(length).Fill((byte)padding);

        using var aes = Aes.Create();
        aes.Key = Convert.FromBase64String(encodingAesKey + "=");
        return Convert.ToBase64String(aes.EncryptCbc(plain, aes.Key.AsSpan(0, 16), PaddingMode.None));
    }

    /// <summary>The webhook's address with a fresh timestamp, nonce and signature.</summary>
    public static (string Url, string Timestamp, string Nonce) SignedUrl(WeChatPushSetup push, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var nonce = RandomNumberGenerator.GetInt32(100_000_000, int.MaxValue).ToString(CultureInfo.InvariantCulture);
        var join = push.Url.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return ($"{push.Url}{join}signature={Sign(push.Token, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}", timestamp, nonce);
    }

    /// <summary>The address and the body of a push, in the mode that is set.</summary>
    public static (string Url, string Body) Wrap(WeChatSetup app, WeChatPushSetup push, IWeChatPush pushed, DateTimeOffset now)
    {
        var (url, timestamp, nonce) = SignedUrl(push, now);
        url += $"&openid={Uri.EscapeDataString(pushed.OpenId)}";
        var body = pushed.Write(app.OriginalId, push.Format);
        if (push.Mode == PushMode.Plain) return (url, body);

        var encrypted = Encrypt(body, push.EncodingAesKey!, app.AppId, RandomNumberGenerator.GetBytes(16));
        url += $"&encrypt_type=aes&msg_signature={Sign(push.Token, timestamp, nonce, encrypted)}";
        return (url, push.Mode == PushMode.Safe
            ? WeChatEvent.WriteEncrypted(app.OriginalId, encrypted, push.Format)
            : WeChatEvent.AddEncrypted(body, encrypted, push.Format));
    }
}
