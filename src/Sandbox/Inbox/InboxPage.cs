using System.Security.Cryptography;
using System.Text;

namespace Engagement.Sandbox.Inbox;

/// <summary>The inbox page: four embedded sources made into one document that loads nothing else.</summary>
internal static class InboxPage
{
    private static readonly string Style = Read("inbox.css");
    private static readonly string Script = Read("words.js") + Read("inbox.js");

    /// <summary>Only the page's own style and script run, and it talks to this host alone.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; img-src data:; style-src '{Hash(Style)}'; script-src '{Hash(Script)}'; connect-src 'self'; base-uri 'none'; form-action 'none'";

    public static byte[] Load() => Encoding.UTF8.GetBytes(Read("inbox.html")
        .Replace("/*STYLE*/", Style, StringComparison.Ordinal)
        .Replace("/*SCRIPT*/", Script, StringComparison.Ordinal));

    private static string Hash(string source) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(source)));

    private static string Read(string name)
    {
        using var stream = typeof(InboxPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
