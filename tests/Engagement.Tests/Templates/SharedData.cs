using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace Engagement.Tests.Templates;

/// <summary>Data that stands beside the repository because its licence, or its size, keeps it out.</summary>
internal static class SharedData
{
    /// <summary>The folder's path; null, with a message, when it is not there. In CI its absence is a failure.</summary>
    public static string? Find(string name, ITestOutputHelper output, [CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "shared", "data", name);
            if (Directory.Exists(candidate)) return candidate;
        }
        var message = $"Not run: there is no folder shared/data/{name} beside the repository.";
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(message);
        output.WriteLine(message);
        return null;
    }
}
