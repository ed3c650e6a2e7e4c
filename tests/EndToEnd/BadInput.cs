using System.Net;
using System.Net.Sockets;

namespace Engagement.EndToEnd;

/// <summary>What cannot be done is said in one sentence, with an exit code, and changes nothing.</summary>
public sealed class BadInput
{
    [Fact]
    public async Task A_purchases_file_that_nobody_understands_is_refused_by_its_first_line()
    {
        using var folder = new DemoFolder();
        var file = Path.Combine(folder.Path, "till.csv");
        await File.WriteAllTextAsync(file, "customer;day;sum\n1;2026-01-01;9.90\n");

        var run = await folder.OnceAsync("--purchases", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("customer;day;sum", run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Path, "summary.json")));
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var folder = new DemoFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString();

        var run = await folder.OnceOnAsync(port, "0", "--members", "100");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(port, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--members", "5")]
    [InlineData("--at", "yesterday")]
    [InlineData("--nonsense", "1")]
    public async Task Wrong_use_ends_with_two(string option, string value)
    {
        using var folder = new DemoFolder();

        var run = await folder.OnceAsync(option, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("engage help", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        using var folder = new DemoFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "engagement.db"), new string('x', 4096));

        var run = await folder.OnceAsync("--members", "100");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("engagement.db", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }
}
