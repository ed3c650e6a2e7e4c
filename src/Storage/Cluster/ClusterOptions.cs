using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Engagement.Storage.Cluster;

/// <summary>What the nodes of an installation share beside the database. Bound from <c>Cluster</c>; refused at start when invalid.</summary>
public sealed class ClusterOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cluster";

    /// <summary>Where Redis is, for example <c>redis:6379,password=…</c>; the password comes from the environment (<c>Engagement__Cluster__Redis</c>).</summary>
    /// <value>Default empty: what is shared is shared within the process, and rates by heartbeat.</value>
    public string Redis { get; set; } = "";

    /// <summary>What every key and channel in Redis begins with, so that two installations can stand on one server.</summary>
    /// <value>Default <c>engagement</c>; 1 to 32 lower-case letters, digits, hyphens or underscores.</value>
    public string Prefix { get; set; } = "engagement";

    /// <summary>Shows no password.</summary>
    public override string ToString() => $"ClusterOptions {{ Prefix = {Prefix}, Redis = {(Redis.Length == 0 ? "none" : "set")} }}";

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Redis.Length > 0 && !IsUsable(Redis)) yield return $"{Section}:Redis must be host:port with the client's options after commas (host:port,password=…,ssl=true).";
        if (Prefix.Length is 0 or > 32 || !Prefix.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            yield return $"{Section}:Prefix must be 1 to 32 lower-case letters, digits, hyphens or underscores.";
    }

    private static bool IsUsable(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }
}

/// <summary>Refuses the start when an option cannot be used.</summary>
internal sealed class ClusterOptionsCheck : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var found = options.Problems().ToList();
        return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }
}
