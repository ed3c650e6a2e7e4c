using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Cli;

/// <summary>What the executable says and how it ends: 0 done, 1 refused with the reason, 2 wrong use.</summary>
public sealed class CommandLine : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Help_lists_the_verbs()
    {
        var help = await EngageProcess.RunAsync("help");

        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        foreach (var verb in (string[])["serve", "migrate", "demo", "import", "templates", "why", "outbox", "staff", "keys", "--data"]) Assert.Contains(verb, help.Output);
        Assert.Contains("会员", (await EngageProcess.RunAsync(["help"], chinese: true)).Output);
    }

    [Theory]
    [InlineData("dance")]
    [InlineData("why")]
    [InlineData("demo", "advance", "0")]
    [InlineData("demo", "advance", "366")]
    [InlineData("demo", "advance", "soon")]
    [InlineData("demo", "run", "--port", "70000")]
    [InlineData("demo", "run", "--port", "here")]
    [InlineData("demo", "run", "--members", "99")]
    [InlineData("demo", "run", "--at", "yesterday")]
    [InlineData("demo", "run", "--purchases", "/nowhere/till.csv")]
    [InlineData("templates", "check", "/nowhere/template.json")]
    public async Task Wrong_use_ends_with_two_and_says_what_is_wrong(params string[] arguments)
    {
        var spoken = await EngageProcess.RunAsync([.. arguments, "--data", _folder["data"]], chinese: false);

        Assert.Equal((2, ""), (spoken.ExitCode, spoken.Output));
        Assert.Contains("see engage help", spoken.Error);
        Assert.True(spoken.Error.Trim().Split('\n').Length >= 2);
        Assert.DoesNotContain("   at ", spoken.Error);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task Without_an_installation_a_verb_is_refused_in_one_sentence()
    {
        var spoken = await EngageProcess.RunAsync("why", "王秀兰", "--data", _folder.Path);

        Assert.Equal((1, ""), (spoken.ExitCode, spoken.Output));
        Assert.Single(spoken.Error.Trim().Split('\n'));
        Assert.DoesNotContain("   at ", spoken.Error);
    }

    [Fact]
    public async Task The_outbox_lists_runs_and_refuses_with_a_code()
    {
        var data = (string[])["--data", _folder.Path];
        foreach (var step in (string[][])[["keys", "create"], ["migrate"]]) Assert.Equal(0, (await EngageProcess.RunAsync([.. step, .. data])).ExitCode);

        Assert.Equal((0, "There is no run yet."), await ShortAsync("runs"));
        foreach (var verb in (string[])["pause", "resume", "cancel"])
        {
            var refused = await EngageProcess.RunAsync(["outbox", verb, "nobody", .. data]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("[unknown_run]", refused.Error);
        }

        async Task<(int, string)> ShortAsync(string verb)
        {
            var spoken = await EngageProcess.RunAsync(["outbox", verb, .. data]);
            return (spoken.ExitCode, spoken.Output.Trim());
        }
    }

    [Fact]
    public async Task From_keys_to_a_database_to_an_unknown_member()
    {
        var data = (string[])["--data", _folder.Path];

        Assert.Equal(0, (await EngageProcess.RunAsync(["keys", "create", .. data])).ExitCode);
        var again = await EngageProcess.RunAsync(["keys", "create", .. data]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("not overwritten", again.Error);

        Assert.Contains("migration(s) applied", (await EngageProcess.RunAsync(["migrate", .. data])).Output);
        Assert.StartsWith("0 migration(s)", (await EngageProcess.RunAsync(["migrate", .. data])).Output);

        var stranger = await EngageProcess.RunAsync(["why", "诸葛无名", .. data]);
        Assert.Equal((1, ""), (stranger.ExitCode, stranger.Output));
        Assert.Contains("No member", stranger.Error);

        var advance = await EngageProcess.RunAsync(["demo", "advance", "3", .. data]);
        Assert.Equal(1, advance.ExitCode);
        Assert.Contains("no demo installation", advance.Error);
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_says_what_to_do()
    {
        KeyRing.Create(_folder["keys"], demo: false);

        var spoken = await EngageProcess.RunAsync("why", "王秀兰", "--data", _folder.Path);

        Assert.Equal(1, spoken.ExitCode);
        Assert.Contains("engage migrate", spoken.Error);
    }
}
