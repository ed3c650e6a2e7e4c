namespace Engagement.Tests.Support;

/// <summary>Published data that stands beside the repository, because its licence keeps it out.</summary>
internal static class SharedData
{
    /// <summary>The path of a file there; it exists when the test is a <see cref="SharedDataFactAttribute"/> of that file.</summary>
    public static string Path(string file) => Find(file) ?? throw new FileNotFoundException($"There is no shared/data/{file} beside the repository.");

    /// <summary>The same, or <c>null</c>.</summary>
    public static string? Find(string file)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            var candidate = System.IO.Path.Combine(folder, "shared", "data", file);
            if (File.Exists(candidate)) return candidate;
        }

        return null;
    }
}

/// <summary>A test of a shared file: shown as skipped on a machine without it, failing in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string file)
    {
        if (SharedData.Find(file) is null && Environment.GetEnvironmentVariable("CI") is not ("true" or "1"))
            Skip = $"Not run: there is no shared/data/{file} beside the repository.";
    }
}
