using System.ComponentModel.DataAnnotations;
using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>Where settings come from: <c>appsettings.json</c> beside the program, then the environment (<c>Engagement__…</c>), then the data folder's defaults.</summary>
internal static class Settings
{
    /// <summary>The settings of an installation whose data is in <paramref name="dataFolder"/>.</summary>
    /// <param name="dataFolder">The folder of the <c>--data</c> option.</param>
    /// <param name="more">Settings that win over all others, for example the demo's.</param>
    public static IConfigurationRoot Read(string dataFolder, IEnumerable<KeyValuePair<string, string?>>? more = null) => new ConfigurationBuilder()
        .AddInMemoryCollection([
            new("Database:ConnectionString", $"Data Source={Path.Combine(dataFolder, "engagement.db")}"),
            new("Keys:Folder", Path.Combine(dataFolder, "keys")),
            new("Imports:Folder", Path.Combine(dataFolder, "imports")),
            new("Dispatch:FlightFolder", Path.Combine(dataFolder, "flight")),
        ])
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddInMemoryCollection(Prefixed())
        .AddInMemoryCollection(more ?? [])
        .Build();

    /// <summary>Reads and checks the database section.</summary>
    /// <exception cref="StorageException">A value is not usable; the message names the key.</exception>
    public static DatabaseOptions Database(IConfiguration settings)
    {
        var options = new DatabaseOptions();
        try
        {
            settings.GetSection(DatabaseOptions.Section).Bind(options);
        }
        catch (InvalidOperationException failure)
        {
            throw Unusable(failure.Message, failure);
        }

        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
        {
            throw Unusable(string.Join(" ", problems.Select(p => $"{DatabaseOptions.Section}:{p.MemberNames.FirstOrDefault()}: {p.ErrorMessage}")), null);
        }

        return options;
    }

    private static StorageException Unusable(string problem, Exception? cause) =>
        new("settings_invalid", new($"数据库设置不可用：{problem}", $"The database settings cannot be used: {problem}"), cause);

    private static IEnumerable<KeyValuePair<string, string?>> Prefixed()
    {
        const string prefix = "Engagement__";
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry.Key is string name && name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                yield return new(name[prefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)entry.Value);
            }
        }
    }
}
