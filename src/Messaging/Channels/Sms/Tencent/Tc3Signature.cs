using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Messaging.Channels.Sms.Tencent;

/// <summary>What is signed of one call.</summary>
/// <param name="Host">As the Host header has it.</param>
/// <param name="Service">The service's short name, which is part of the key.</param>
/// <param name="At">When, to the second; a clock more than five minutes off is refused.</param>
/// <param name="ContentType">Exactly as the header has it.</param>
/// <param name="BodyHash">Lower-case hex SHA-256 of the body.</param>
internal readonly record struct Tc3Call(string Host, string Service, DateTimeOffset At, string ContentType, string BodyHash)
{
    /// <summary>The day of the key, UTC.</summary>
    public string Day => At.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The timestamp as the header has it.</summary>
    public string Timestamp => At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}

/// <summary>Tencent Cloud's signature <c>TC3-HMAC-SHA256</c>. Pure functions.</summary>
internal static class Tc3Signature
{
    private const string Algorithm = "TC3-HMAC-SHA256";
    private const string Headers = "content-type;host";

    /// <summary>The key of one day and one service: it may be kept for as long as both stay.</summary>
    public static byte[] Key(string secret, string day, string service)
    {
        var ofDay = HMACSHA256.HashData(Encoding.UTF8.GetBytes("TC3" + secret), Encoding.ASCII.GetBytes(day));
        var ofService = HMACSHA256.HashData(ofDay, Encoding.ASCII.GetBytes(service));
        return HMACSHA256.HashData(ofService, "tc3_request"u8);
    }

    /// <summary>The value of the Authorization header.</summary>
    public static string Authorize(in Tc3Call call, string secretId, ReadOnlySpan<byte> key)
    {
        var canonical = $"POST\n/\n\ncontent-type:{call.ContentType}\nhost:{call.Host}\n\n{Headers}\n{call.BodyHash}";
        var scope = $"{call.Day}/{call.Service}/tc3_request";
        var text = $"{Algorithm}\n{call.Timestamp}\n{scope}\n{HashOf(Encoding.UTF8.GetBytes(canonical))}";
        var signature = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
        return $"{Algorithm} Credential={secretId}/{scope}, SignedHeaders={Headers}, Signature={Convert.ToHexStringLower(signature)}";
    }

    /// <summary>Lower-case hex SHA-256.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
