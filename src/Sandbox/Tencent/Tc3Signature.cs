using System.Security.Cryptography;
using System.Text;

namespace Engagement.Sandbox.Tencent;

/// <summary>What the <c>Authorization</c> header of a TC3 call says.</summary>
internal sealed record Tc3Authorization(string SecretId, string Date, string Service, string SignedHeaders, string Signature)
{
    public string Scope => $"{Date}/{Service}/tc3_request";

    /// <summary>The parts of the header, or <c>null</c> when it is not of this kind.</summary>
    public static Tc3Authorization? Parse(string header)
    {
        if (!header.StartsWith(Tc3Signature.Algorithm + " ", StringComparison.Ordinal)) return null;
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in header[(Tc3Signature.Algorithm.Length + 1)..].Split(','))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) parts[part[..at].Trim()] = part[(at + 1)..].Trim();
        }
        return parts.TryGetValue("Credential", out var credential) && credential.Split('/') is [var id, var date, var service, "tc3_request"]
            && parts.TryGetValue("SignedHeaders", out var headers) && parts.TryGetValue("Signature", out var signature)
            ? new Tc3Authorization(id, date, service, headers, signature)
            : null;
    }
}

/// <summary>The TC3-HMAC-SHA256 signature: the named headers and the hash of the body are signed.</summary>
internal static class Tc3Signature
{
    public const string Algorithm = "TC3-HMAC-SHA256";

    /// <summary>The text whose hash is signed; <paramref name="host"/> stands for the header, which SDKs sign without its port.</summary>
    public static string CanonicalRequest(IHeaderDictionary headers, string signedHeaders, string host, ReadOnlySpan<byte> body)
    {
        var canonical = new StringBuilder("POST\n/\n\n");
        foreach (var name in signedHeaders.Split(';'))
        {
            var value = name == "host" ? host : headers[name].ToString().Trim();
            canonical.Append(name).Append(':').Append(name.StartsWith("x-tc-", StringComparison.Ordinal) ? value.ToLowerInvariant() : value).Append('\n');
        }
        return canonical.Append('\n').Append(signedHeaders).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body))).ToString();
    }

    public static string Compute(string canonicalRequest, Tc3Authorization authorization, string timestamp, string secretKey)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));
        var key = Keyed(Encoding.UTF8.GetBytes("TC3" + secretKey), authorization.Date);
        key = Keyed(Keyed(key, authorization.Service), "tc3_request");
        return Convert.ToHexStringLower(Keyed(key, $"{Algorithm}\n{timestamp}\n{authorization.Scope}\n{hash}"));
    }

    private static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
