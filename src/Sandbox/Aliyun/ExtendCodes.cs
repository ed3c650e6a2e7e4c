using System.Collections.Concurrent;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.Aliyun;

/// <summary>Which signature each extension code belongs to: the one that used it first. Safe for any thread.</summary>
internal sealed class ExtendCodes
{
    private readonly ConcurrentDictionary<string, string> _signatures = new(StringComparer.Ordinal);

    /// <summary>Whether no message uses the code of another signature.</summary>
    public bool Fit(IEnumerable<LedgerEntry> entries) =>
        entries.All(entry => entry.ExtendCode.Length == 0 || _signatures.GetOrAdd(entry.ExtendCode, entry.SignName) == entry.SignName);

    public void Clear() => _signatures.Clear();
}
