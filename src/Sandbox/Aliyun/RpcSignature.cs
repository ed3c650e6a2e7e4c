using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Sandbox.Aliyun;

/// <summary>The older RPC signature: HMAC-SHA1 over all parameters of query and form but the signature itself.</summary>
internal static class RpcSignature
{
    public static string TextToSign(string method, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var query = PercentEncoding.Query(parameters.Where(p => p.Key != "Signature"));
        return $"{method}&%2F&{PercentEncoding.Encode(query)}";
    }

    [SuppressMessage("Security", "CA5350", Justification = "The provider prescribes HMAC-SHA1 for this kind of signature.")]
    public static string Compute(string textToSign, string secret) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret + "&"), Encoding.UTF8.GetBytes(textToSign)));
}
