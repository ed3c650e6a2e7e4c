using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Aliyun;

/// <summary>Who is calling: access key, time, signature and nonce of either signature kind. Safe for any thread.</summary>
internal sealed class Gateway(CurrentSetup setup, TimeProvider clock)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _nonces = new(StringComparer.Ordinal);
    private readonly Queue<(DateTimeOffset At, string Nonce)> _order = new();

    /// <summary>Why the caller is turned away, or <c>null</c>.</summary>
    public GatewayError? Refusal(AliyunRequest request)
    {
        if (request.Action.Length == 0) return GatewayError.Missing("Action");
        return Acs3Signature.ParseAuthorization(request.Headers.Authorization.ToString()) is { } acs3
            ? CheckAcs3(request, acs3)
            : CheckRpc(request);
    }

    private GatewayError? CheckAcs3(AliyunRequest request, (string Credential, string SignedHeaders, string Signature) given)
    {
        if (setup.Aliyun is not { } account || account.AccessKeyId != given.Credential) return GatewayError.UnknownKey;
        var nonce = request.Headers["x-acs-signature-nonce"].ToString();
        if (nonce.Length == 0) return GatewayError.Missing("x-acs-signature-nonce");
        if (!IsRecent(request.Headers["x-acs-date"].ToString())) return GatewayError.Expired;

        var canonical = Acs3Signature.CanonicalRequest(request, given.SignedHeaders);
        var right = Acs3Signature.CoversEnough(request, given.SignedHeaders)
            && Acs3Signature.CoversBody(request)
            && Same(Acs3Signature.Compute(canonical, account.AccessKeySecret), given.Signature);
        return right ? UseUp(nonce) : GatewayError.WrongSignature(canonical);
    }

    private GatewayError? CheckRpc(AliyunRequest request)
    {
        foreach (var needed in new[] { "AccessKeyId", "Signature", "SignatureNonce", "Timestamp", "Version" })
        {
            if (request[needed].Length == 0) return GatewayError.Missing(needed);
        }
        if (setup.Aliyun is not { } account || account.AccessKeyId != request["AccessKeyId"]) return GatewayError.UnknownKey;
        if (!IsRecent(request["Timestamp"])) return GatewayError.Expired;

        var text = RpcSignature.TextToSign(request.Method, request.Parameters);
        var right = request["SignatureMethod"] == "HMAC-SHA1" && request["SignatureVersion"] == "1.0"
            && Same(RpcSignature.Compute(text, account.AccessKeySecret), request["Signature"]);
        return right ? UseUp(request["SignatureNonce"]) : GatewayError.WrongSignature(text);
    }

    private bool IsRecent(string timestamp) =>
        DateTimeOffset.TryParseExact(timestamp, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && (clock.GetUtcNow() - at).Duration() <= Tolerance;

    private static bool Same(string ours, string theirs) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(ours), Encoding.UTF8.GetBytes(theirs));

    // A nonce is remembered for as long as a timestamp that was in the future may be repeated with it.
    private GatewayError? UseUp(string nonce)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            while (_order.TryPeek(out var oldest) && now - oldest.At > 2 * Tolerance) _nonces.Remove(_order.Dequeue().Nonce);
            if (!_nonces.Add(nonce)) return GatewayError.NonceUsed;
            _order.Enqueue((now, nonce));
            return null;
        }
    }
}
