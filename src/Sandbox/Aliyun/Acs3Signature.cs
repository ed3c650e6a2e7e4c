using System.Security.Cryptography;
using System.Text;

namespace Engagement.Sandbox.Aliyun;

/// <summary>The ACS3-HMAC-SHA256 signature: headers and query are signed, the body by its hash.</summary>
internal static class Acs3Signature
{
    public const string Algorithm = "ACS3-HMAC-SHA256";

    private const string HashHeader = "x-acs-content-sha256";

    /// <summary>The parts of the <c>Authorization</c> header, or <c>null</c> when it is not of this kind.</summary>
    public static (string Credential, string SignedHeaders, string Signature)? ParseAuthorization(string header)
    {
        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal)) return null;
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in header[(Algorithm.Length + 1)..].Split(','))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) parts[part[..at].Trim()] = part[(at + 1)..];
        }
        return parts.TryGetValue("Credential", out var credential) && parts.TryGetValue("SignedHeaders", out var headers)
            && parts.TryGetValue("Signature", out var signature)
            ? (credential, headers, signature)
            : null;
    }

    /// <summary>The text whose hash is signed.</summary>
    public static string CanonicalRequest(AliyunRequest request, string signedHeaders)
    {
        var canonical = new StringBuilder();
        canonical.Append(request.Method).Append("\n/\n").Append(PercentEncoding.Query(request.Query)).Append('\n');
        foreach (var name in signedHeaders.Split(';')) canonical.Append(name).Append(':').Append(request.Headers[name].ToString().Trim()).Append('\n');
        return canonical.Append('\n').Append(signedHeaders).Append('\n').Append(request.Headers[HashHeader]).ToString();
    }

    public static string Compute(string canonicalRequest, string secret)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{Algorithm}\n{hash}")));
    }

    /// <summary>Whether the body is the one whose hash is signed.</summary>
    public static bool CoversBody(AliyunRequest request) =>
        request.Headers[HashHeader] == Convert.ToHexStringLower(SHA256.HashData(request.Body));

    /// <summary>Whether everything is signed that has to be: the host and every <c>x-acs-</c> header.</summary>
    public static bool CoversEnough(AliyunRequest request, string signedHeaders)
    {
        var signed = signedHeaders.Split(';').ToHashSet(StringComparer.Ordinal);
        return signed.Contains("host")
            && request.Headers.Keys.All(name => !name.StartsWith("x-acs-", StringComparison.OrdinalIgnoreCase) || signed.Contains(name.ToLowerInvariant()));
    }
}
