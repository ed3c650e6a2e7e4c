using System.Collections.Frozen;
using System.Text.Json;

namespace Engagement.Messaging.Content;

/// <summary>The pages of the released mini-program: a message that opens another one is refused by WeChat (41030). Data, <c>pages.json</c> beside this file.</summary>
public static class MiniProgramPages
{
    /// <summary>All of them, as the mini-program's own list spells them: no leading slash, no query.</summary>
    public static FrozenSet<string> All { get; } = Load();

    /// <summary>Whether the page of an address is there; its query is not looked at.</summary>
    public static bool Has(string page) => All.Contains(page.Split('?', 2)[0]);

    private static FrozenSet<string> Load()
    {
        using var stream = typeof(MiniProgramPages).Assembly.GetManifestResourceStream("Engagement.Messaging.Content.pages.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("pages").EnumerateArray().Select(page => page.GetString()!).ToFrozenSet(StringComparer.Ordinal);
    }
}
