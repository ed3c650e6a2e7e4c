using System.Globalization;
using System.Net;

namespace Engagement.Sandbox;

/// <summary>The command line, read once.</summary>
internal sealed record SandboxOptions(Uri Url, string? ReadyFile, int? ExitWith, bool Fast)
{
    public const string Usage =
        "usage: Engagement.Sandbox [--urls http://127.0.0.1:PORT] [--ready-file FILE] [--exit-with PID] [--fast]";

    private static readonly Uri DefaultUrl = new("http://127.0.0.1:0");

    /// <summary>The options, or a sentence that says what is wrong with <paramref name="args"/>.</summary>
    public static (SandboxOptions? Options, string? Error) Parse(IReadOnlyList<string> args)
    {
        var options = new SandboxOptions(DefaultUrl, null, null, false);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--fast")
            {
                options = options with { Fast = true };
                continue;
            }
            if (i + 1 == args.Count) return (null, $"{args[i]}: unknown, or its value is missing");
            var value = args[i + 1];
            switch (args[i++])
            {
                case "--urls" when IsLoopback(value, out var url):
                    options = options with { Url = url };
                    break;
                case "--urls":
                    return (null, $"--urls {value}: the sandbox listens on one loopback address only");
                case "--ready-file":
                    options = options with { ReadyFile = value };
                    break;
                case "--exit-with" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid):
                    options = options with { ExitWith = pid };
                    break;
                default:
                    return (null, $"{args[i - 1]} {value}: not understood");
            }
        }
        return (options, null);
    }

    // It knows neither users nor TLS, so nobody but this machine may reach it.
    private static bool IsLoopback(string text, out Uri url)
    {
        var valid = Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttp
            && IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
        url = parsed ?? DefaultUrl;
        return valid;
    }
}
