using System.Diagnostics;
using System.Text;

namespace Engagement.EndToEnd.Preview;

/// <summary>A test that needs the built preview: Node and its packages missing, it is shown as skipped, and in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PreviewFactAttribute : FactAttribute
{
    public PreviewFactAttribute() => Skip = PreviewBuild.Missing;
}

/// <inheritdoc cref="PreviewFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PreviewTheoryAttribute : TheoryAttribute
{
    public PreviewTheoryAttribute() => Skip = PreviewBuild.Missing;
}

/// <summary>The preview, built as <c>run.sh</c> builds it.</summary>
internal static class PreviewBuild
{
    /// <summary>Where it is.</summary>
    public static string Folder { get; } = Path.Combine(DemoFolder.Root, "artifacts", "preview");

    private static readonly Lazy<(int Code, string Said)> s_build = new(() => Run("bash", DemoFolder.Root, Path.Combine(DemoFolder.Root, "preview", "build.sh")));

    /// <summary>What is missing, or <c>null</c>.</summary>
    public static string? Missing => Environment.GetEnvironmentVariable("CI") is "true" or "1" || s_build.Value.Code == 0 ? null : s_build.Value.Said.Trim();

    /// <summary>Builds it unless it is built.</summary>
    public static void Ensure() => Assert.True(s_build.Value.Code == 0, s_build.Value.Said);

    /// <summary>Runs a program to its end.</summary>
    public static (int Code, string Said) Run(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = new StringBuilder();
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return (process.ExitCode, said.ToString());

        void Hear(object sender, DataReceivedEventArgs line)
        {
            lock (said) said.AppendLine(line.Data);
        }
    }
}
