using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Tencent;

/// <summary>Who is calling: secret id, clock and TC3 signature.</summary>
internal sealed class TencentGateway(CurrentSetup setup, TimeProvider clock)
{
    private const string Version = "2021-01-11";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Why the caller is turned away, or <c>null</c>.</summary>
    public TencentError? Refusal(TencentRequest request)
    {
        foreach (var needed in new[] { "X-TC-Action", "X-TC-Version", "X-TC-Timestamp" })
        {
            if (request.Headers[needed].Count == 0) return TencentError.Missing(needed);
        }
        if (Tc3Authorization.Parse(request.Headers.Authorization.ToString()) is not { } authorization) return TencentError.NoAuthorization;
        if (setup.Tencent is not { } account || account.SecretId != authorization.SecretId) return TencentError.UnknownId;
        if (!IsRecent(request.Headers["X-TC-Timestamp"].ToString(), authorization.Date)) return TencentError.Expired;
        if (!IsSigned(request, authorization, account.SecretKey)) return TencentError.WrongSignature;
        if (request.Headers["X-TC-Version"] != Version) return TencentError.UnknownVersion;
        return request.IsJson ? null : TencentError.NotJson;
    }

    // The scope's date is that of the timestamp, in UTC.
    private bool IsRecent(string timestamp, string date) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 100_000_000_000
        && DateTimeOffset.FromUnixTimeSeconds(seconds) is var at
        && (clock.GetUtcNow() - at).Duration() <= Tolerance
        && at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) == date;

    // SDKs sign the host's name without its port, others the whole header; the service is what they make of the host.
    private static bool IsSigned(TencentRequest request, Tc3Authorization authorization, string secretKey)
    {
        var signed = authorization.SignedHeaders.Split(';');
        if (!signed.Contains("host", StringComparer.Ordinal) || !signed.Contains("content-type", StringComparer.Ordinal)) return false;

        var timestamp = request.Headers["X-TC-Timestamp"].ToString();
        return new[] { request.Host.Value ?? "", request.Host.Host }.Any(host => Same(authorization.Signature, Tc3Signature.Compute(
            Tc3Signature.CanonicalRequest(request.Headers, authorization.SignedHeaders, host, request.Bytes), authorization, timestamp, secretKey)));
    }

    private static bool Same(string theirs, string ours) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(ours), Encoding.UTF8.GetBytes(theirs));
}
