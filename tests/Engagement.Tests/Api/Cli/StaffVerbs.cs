using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Cli;

/// <summary><c>engage staff …</c> over an installation of its own.</summary>
public sealed class StaffVerbs : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_administrator_is_made_and_managed_from_the_command_line()
    {
        foreach (var step in (string[][])[["keys", "create"], ["migrate"]]) Assert.Equal(0, (await RunAsync(step)).ExitCode);

        var added = await RunAsync("staff", "add", "liu.fang", "--role", "it_admin", "--display", "刘芳");
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        Assert.Matches("one-time password ([a-z0-9]{4}-){3}[a-z0-9]{4} ", added.Output);
        var twice = await RunAsync("staff", "add", "Liu.Fang", "--role", "auditor");
        Assert.Equal((1, ""), (twice.ExitCode, twice.Output));
        Assert.Equal(1, (await RunAsync("staff", "add", "wang.min", "--role", "cashier")).ExitCode);
        Assert.Equal(1, (await RunAsync("staff", "add", "wang.min", "--role", "cashier", "--store", "S404")).ExitCode);
        Assert.Equal(2, (await RunAsync("staff", "add", "wang.min", "--role", "boss")).ExitCode);
        Assert.Equal(1, (await RunAsync("staff", "disable", "nobody")).ExitCode);

        Assert.Equal(0, (await RunAsync("staff", "disable", "liu.fang")).ExitCode);
        Assert.Equal("liu.fang\tit_admin\t\tdisabled\t刘芳", (await RunAsync("staff", "list")).Output.Trim());
        Assert.Equal(0, (await RunAsync("staff", "enable", "liu.fang")).ExitCode);
        Assert.Equal(0, (await RunAsync("staff", "role", "liu.fang", "--role", "marketer")).ExitCode);
        var reset = await RunAsync("staff", "reset", "liu.fang", "--second-factor");
        Assert.Matches("one-time password", reset.Output);
        Assert.Equal("liu.fang\tmarketer\t\tawaits first sign-in\t刘芳", (await RunAsync("staff", "list")).Output.Trim());

        var whole = await RunAsync("staff", "audit", "verify");
        Assert.Equal((0, "The audit log is whole, 5 row(s). Note its end down elsewhere:"), (whole.ExitCode, whole.Output.Split('\n')[0].Trim()));
        Assert.Equal(0, (await RunAsync("staff", "audit", "verify", "--noted", whole.Output.Trim().Split('\n')[1])).ExitCode);
        Assert.Equal(1, (await RunAsync("staff", "audit", "verify", "--noted", $"5:{new string('0', 64)}")).ExitCode);
        Assert.Equal(2, (await RunAsync("staff", "audit", "verify", "--noted", "5")).ExitCode);
    }

    [Fact]
    public async Task The_table_of_rights_is_shown()
    {
        var shown = await RunAsync("staff", "roles");

        Assert.Equal(0, shown.ExitCode);
        Assert.Matches(@"(?m)^audit_read +(- +){7}all +-$", shown.Output);
    }

    private Task<Spoken> RunAsync(params string[] arguments) => EngageProcess.RunAsync([.. arguments, "--data", _folder.Path], chinese: false);
}
