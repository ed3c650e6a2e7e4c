using System.Diagnostics;

namespace Engagement.Sandbox.Control;

/// <summary>Tells the starter that the sandbox listens, and ends the sandbox with its starter.</summary>
internal static class Lifetime
{
    /// <summary>Writes the base URL to <paramref name="file"/>; a reader sees the whole line or no file.</summary>
    public static void Announce(string url, string? file)
    {
        if (file is not null)
        {
            var half = $"{file}.{Environment.ProcessId}";
            File.WriteAllText(half, url + "\n");
            File.Move(half, file, overwrite: true);
        }
        Console.WriteLine($"Sandbox listening on {url}");
    }

    /// <summary>Completes when the process is gone.</summary>
    public static async Task WaitForExitOfAsync(int pid, CancellationToken ct)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            await process.WaitForExitAsync(ct);
        }
        catch (ArgumentException)
        {
            // It was gone before we looked.
        }
    }
}
