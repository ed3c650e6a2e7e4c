using System.Security.Cryptography;
using System.Text;

namespace Engagement.Templates.Language;

/// <summary>The digests of the string group; the language has MD5 and SHA-1 for addresses, not for secrets.</summary>
internal static class Hashing
{
    public static Value Plain(RenderContext context, ReadOnlySpan<Value> arguments, HashAlgorithmName algorithm)
    {
        var bytes = Encoding.UTF8.GetBytes(Formatter.ToText(context, arguments[0]));
        return Value.From(Convert.ToHexStringLower(CryptographicOperations.HashData(algorithm, bytes)));
    }

    public static Value Keyed(RenderContext context, ReadOnlySpan<Value> arguments, HashAlgorithmName algorithm)
    {
        var bytes = Encoding.UTF8.GetBytes(Formatter.ToText(context, arguments[0]));
        var key = Encoding.UTF8.GetBytes(Formatter.ToText(context, arguments[1]));
        return Value.From(Convert.ToHexStringLower(CryptographicOperations.HmacData(algorithm, key, bytes)));
    }

    public static Value Base64Decode(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        try
        {
            return Value.From(Encoding.UTF8.GetString(Convert.FromBase64String(Formatter.ToText(context, arguments[0]))));
        }
        catch (FormatException)
        {
            throw context.Fail(Faults.BadArgument);
        }
    }
}
