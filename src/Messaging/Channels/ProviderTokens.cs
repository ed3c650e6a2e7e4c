using System.Collections.Concurrent;

namespace Engagement.Messaging.Channels;

/// <summary>Which providers refused us an access token when this node last asked; for the health page. Thread-safe.</summary>
public sealed class ProviderTokens
{
    private readonly ConcurrentDictionary<string, string> _problems = new();

    /// <summary>The provider and the code of its refusal; empty when all is well, or nothing was asked for yet.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    internal void Said(string provider, string? problem)
    {
        if (problem is null) _problems.TryRemove(provider, out _);
        else _problems[provider] = problem;
    }
}
