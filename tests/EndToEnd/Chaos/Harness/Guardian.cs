using System.Diagnostics;

namespace Engagement.EndToEnd.Chaos;

/// <summary>Ends what this process started, however this process ends.</summary>
/// <remarks>A small shell holds the other end of a pipe and knows who lives; when the pipe closes, it kills them.</remarks>
internal sealed class Guardian : IDisposable
{
    private const string Watch = """
        exec >/dev/null 2>&1
        while read -r line; do pids=$line; done
        for pid in $pids; do kill -9 "$pid"; done
        """;

    private readonly Process _shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Watch, "guardian"]) { RedirectStandardInput = true })!;
    private readonly HashSet<int> _living = [];

    /// <summary>Starts a process that must not outlive this one.</summary>
    public Process Start(ProcessStartInfo start)
    {
        lock (_living)
        {
            var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
            _living.Add(process.Id);
            Tell();
            return process;
        }
    }

    /// <summary>It has ended: its number may become somebody else's.</summary>
    public void Forget(Process process)
    {
        lock (_living)
        {
            if (_living.Remove(process.Id)) Tell();
        }
    }

    /// <summary>Sends a signal by its name.</summary>
    public static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }

    private void Tell()
    {
        _shell.StandardInput.WriteLine(string.Join(' ', _living));
        _shell.StandardInput.Flush();
    }
}
