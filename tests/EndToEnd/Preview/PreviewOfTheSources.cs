using System.Text.Json.Nodes;

namespace Engagement.EndToEnd.Preview;

/// <summary>What holds of the mini-program's files: types, components, the bounded list, and the pages that messages may open.</summary>
public sealed class PreviewOfTheSources : IDisposable
{
    private static readonly string s_stub = Path.Combine(DemoFolder.Root, "miniprogram-stub");
    private static readonly string s_preview = Path.Combine(DemoFolder.Root, "preview");

    private readonly string _copy = Directory.CreateTempSubdirectory("engagement-preview-").FullName;

    public void Dispose() => Directory.Delete(_copy, recursive: true);

    [PreviewFact]
    public void The_types_hold_against_those_of_WeChat()
    {
        foreach (var folder in new[] { s_stub, s_preview })
        {
            var (code, said) = PreviewBuild.Run("npm", folder, "run", "--silent", "check");
            Assert.True(code == 0, said);
        }
    }

    [PreviewFact]
    public void The_component_tests_pass()
    {
        var (code, said) = PreviewBuild.Run("npm", s_stub, "test", "--silent");
        Assert.True(code == 0, said);
    }

    [PreviewTheory]
    [InlineData("pages/me/index.wxml", "<map />", "<map>")]
    [InlineData("pages/me/index.wxml", "<input password=\"true\" />", "<input password=\"true\">")]
    [InlineData("pages/me/index.wxml", "<view bind:longpress=\"go\" />", "<view bind:longpress=\"go\">")]
    [InlineData("pages/me/index.wxml", "<button open-type=\"contact\" />", "open-type contact")]
    [InlineData("pages/me/index.ts", "wx.getLocation({});", "wx.getLocation")]
    [InlineData("pages/me/index.ts", "document.title = 'x';", "document")]
    [InlineData("styles/base.wxss", "view > text { color: red; }", "view > text")]
    public void The_build_fails_on_what_the_list_does_not_have_and_names_it(string file, string added, string named)
    {
        CopyOf(Path.Combine(s_stub, "miniprogram"), _copy);
        File.AppendAllText(Path.Combine(_copy, file), "\n" + added + "\n");

        var (code, said) = PreviewBuild.Run("node", s_preview, "build.mjs", "--pages", _copy, "--out", Path.Combine(_copy, "out"));

        Assert.Equal(1, code);
        Assert.Contains($"{file}: {named}", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_copy, "out")));
    }

    [Fact]
    public void Without_Node_the_build_says_what_is_missing()
    {
        var tools = Directory.CreateDirectory(Path.Combine(_copy, "tools")).FullName;
        foreach (var tool in new[] { "bash", "dirname", "find", "mktemp", "rm" }) File.CreateSymbolicLink(Path.Combine(tools, tool), Path.Combine("/usr/bin", tool));

        var (code, said) = PreviewBuild.Run("env", DemoFolder.Root, $"PATH={tools}", "bash", Path.Combine(s_preview, "build.sh"), Path.Combine(_copy, "out"));

        Assert.Equal(1, code);
        Assert.Contains("Node.js 20 or newer with npm is not installed", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_open_the_pages_that_the_mini_program_has()
    {
        var sent = Pages(Path.Combine(DemoFolder.Root, "src", "Messaging", "Content", "pages.json"));
        var there = Pages(Path.Combine(s_stub, "miniprogram", "app.json"));

        Assert.Equal(there.Order(StringComparer.Ordinal), sent.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Pages(string file) => JsonNode.Parse(File.ReadAllText(file))!["pages"]!.AsArray().Select(page => (string)page!);

    private static void CopyOf(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
