using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Cli;

/// <summary><c>engage pos-keys …</c> over an installation of its own.</summary>
public sealed class PosKeyVerbs : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_is_made_shown_once_listed_and_revoked()
    {
        foreach (var step in (string[][])[["keys", "create"], ["migrate"], ["import", "stores", Repository.Path("samples", "imports", "stores.csv")]]) Assert.Equal(0, (await RunAsync(step)).ExitCode);

        var added = await RunAsync("pos-keys", "add", "tills", "--right", "tickets", "--right", "totals", "--store", "S001", "--until", "2099-12-31");
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        Assert.Matches("^Key tills: pk_[a-z2-9]{8}_[a-z2-9]{32} \\(shown this once\\)$", added.Output.Trim());
        Assert.Equal(1, (await RunAsync("pos-keys", "add", "tills", "--right", "redeem", "--all-stores")).ExitCode);
        Assert.Equal(1, (await RunAsync("pos-keys", "add", "more", "--right", "redeem", "--store", "S404")).ExitCode);
        Assert.Equal(2, (await RunAsync("pos-keys", "add", "more", "--right", "everything", "--all-stores")).ExitCode);
        Assert.Equal(2, (await RunAsync("pos-keys", "add", "more", "--right", "redeem")).ExitCode);
        Assert.Equal(2, (await RunAsync("pos-keys", "add", "more", "--right", "redeem", "--all-stores", "--store", "S001")).ExitCode);

        var list = (await RunAsync("pos-keys", "list")).Output.Trim();
        Assert.Matches("^tills\tpk_[a-z2-9]{8}_…\ttill\ttickets,totals\t1\tlive\t2100-01-01 00:00\t-$", list);
        Assert.Equal(0, (await RunAsync("pos-keys", "revoke", "tills")).ExitCode);
        Assert.Equal(1, (await RunAsync("pos-keys", "revoke", "tills")).ExitCode);
        Assert.Equal(1, (await RunAsync("pos-keys", "revoke", "nobody")).ExitCode);
        Assert.Contains("\trevoked\t", (await RunAsync("pos-keys", "list")).Output, StringComparison.Ordinal);
    }

    private Task<Spoken> RunAsync(params string[] arguments) => EngageProcess.RunAsync([.. arguments, "--data", _folder.Path], chinese: false);
}
