using System.Security.Cryptography;
using System.Text;

namespace Engagement.Messaging.Channels.Sms.Aliyun;

/// <summary>What is signed of one call.</summary>
/// <param name="Action">The API's name for the call.</param>
/// <param name="Host">As the Host header has it: with the port when it is not the scheme's own.</param>
/// <param name="Path">Of the address.</param>
/// <param name="Query">Already canonical, see <see cref="Acs3Signature.Query"/>.</param>
/// <param name="Date">UTC, to the second.</param>
/// <param name="Nonce">Never the same twice.</param>
/// <param name="BodyHash">Lower-case hex SHA-256 of the body.</param>
/// <param name="ContentType">Of the body; <c>null</c> when there is none.</param>
internal readonly record struct Acs3Call(
    string Action, string Host, string Path, string Query, DateTimeOffset Date, string Nonce, string BodyHash, string? ContentType)
{
    /// <summary>The date as the header has it.</summary>
    public string DateText => Date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/// <summary>Aliyun's signature <c>ACS3-HMAC-SHA256</c>. Pure functions.</summary>
internal static class Acs3Signature
{
    /// <summary>The version of the SMS API.</summary>
    public const string Version = "2017-05-25";

    private const string Algorithm = "ACS3-HMAC-SHA256";
    private const string Headers = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

    /// <summary>The value of the Authorization header.</summary>
    public static string Authorize(in Acs3Call call, string keyId, string secret)
    {
        var signed = call.ContentType is null ? Headers : $"content-type;{Headers}";
        var contentType = call.ContentType is null ? "" : $"content-type:{call.ContentType}\n";
        var canonical = $"POST\n{call.Path}\n{call.Query}\n{contentType}host:{call.Host}\nx-acs-action:{call.Action}\n" +
            $"x-acs-content-sha256:{call.BodyHash}\nx-acs-date:{call.DateText}\nx-acs-signature-nonce:{call.Nonce}\n" +
            $"x-acs-version:{Version}\n\n{signed}\n{call.BodyHash}";

        var text = $"{Algorithm}\n{HashOf(Encoding.UTF8.GetBytes(canonical))}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));
        return $"{Algorithm} Credential={keyId},SignedHeaders={signed},Signature={Convert.ToHexStringLower(signature)}";
    }

    /// <summary>A canonical query: sorted by name, percent-encoded by RFC 3986.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        (string Name, string? Value)[] sorted = [.. parameters];
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Name, right.Name));
        var query = new StringBuilder();
        foreach (var (name, value) in sorted)
        {
            if (value is null) continue;
            if (query.Length > 0) query.Append('&');
            query.Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return query.ToString();
    }

    /// <summary>Lower-case hex SHA-256.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
