using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>What may be taken for a provider's code: it is kept with the message and written to the log.</summary>
internal static class ProviderCode
{
    /// <summary>Whether it looks like a code.</summary>
    public static bool IsOne(string code) => code.Length is > 0 and <= 64 && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

/// <summary>The codes of one provider that are in no table of ours, each reported once. Thread-safe.</summary>
internal sealed class UnknownCodes(string provider, ILogger logger)
{
    // Codes are the provider's: few, but not ours to bound.
    private const int Most = 100;

    private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);

    public void Saw(string code)
    {
        if (_seen.Count < Most && _seen.TryAdd(code, true)) Log.UnknownCode(logger, provider, code);
    }
}
