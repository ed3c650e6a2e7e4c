namespace Engagement.Tests.Support;

/// <summary>Where the repository stands on this machine.</summary>
public static class Repository
{
    /// <summary>The folder of Engagement.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A path below the root.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find(string folder) =>
        File.Exists(System.IO.Path.Combine(folder, "Engagement.sln")) ? folder
        : Directory.GetParent(folder) is { } parent ? Find(parent.FullName)
        : throw new InvalidOperationException($"No Engagement.sln above {AppContext.BaseDirectory}.");
}
