using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Channels;

/// <summary>Start-up checks that the channels share; each answer names the key.</summary>
internal static class ProviderSettings
{
    /// <summary>Keys and personal data go there: TLS, unless the host is this machine or a bare name of a private network.</summary>
    public static string? Address(string key, Uri? url)
    {
        if (url is not { IsAbsoluteUri: true } || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            return $"{key} must be an absolute https address.";
        if (url.Query.Length > 0 || url.Fragment.Length > 0) return $"{key} must end with its path: no query, no fragment.";
        return url.Scheme == Uri.UriSchemeHttps || url.IsLoopback || !url.Host.Contains('.')
            ? null
            : $"{key} must be https: keys and personal data go there (http is for this machine or a bare host name).";
    }

    public static string? Span(string key, TimeSpan value) =>
        value < TimeSpan.FromMilliseconds(100) || value > TimeSpan.FromMinutes(1) ? $"{key} must be from 00:00:00.1 to 00:01:00." : null;
}

/// <summary>Turns an options class' own list of problems into a refused start.</summary>
internal sealed class ProblemsRefuseStart<TOptions>(Func<TOptions, IEnumerable<string>> problems) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var found = problems(options).ToList();
        return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }
}
