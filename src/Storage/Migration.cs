using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Engagement.Storage;

/// <summary>One numbered step of the schema, an embedded file <c>NNNN_name.sql</c>. Applied once, never edited afterwards.</summary>
/// <param name="Number">Its place in the one series over all projects.</param>
/// <param name="Name">What it brings.</param>
/// <param name="Statements">The statements, in order.</param>
/// <param name="Checksum">SHA-256 of the file with line feeds only, in hex.</param>
public sealed partial record Migration(int Number, string Name, IReadOnlyList<string> Statements, string Checksum)
{
    /// <summary>The steps embedded in <paramref name="assemblies"/>, by number.</summary>
    /// <exception cref="InvalidOperationException">Two files carry one number, or a file name is not of the form.</exception>
    public static IReadOnlyList<Migration> In(params Assembly[] assemblies)
    {
        var found = assemblies.SelectMany(assembly => assembly.GetManifestResourceNames()
            .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource => Read(assembly, resource))).OrderBy(m => m.Number).ToList();
        var twice = found.GroupBy(m => m.Number).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? found : throw new InvalidOperationException($"Two migrations carry the number {twice.Key}.");
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        var match = FileName().Match(resource);
        if (!match.Success) throw new InvalidOperationException($"The migration {resource} is not named NNNN_name.sql.");
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return Parse(int.Parse(match.Groups[1].ValueSpan), match.Groups[2].Value, reader.ReadToEnd());
    }

    internal static Migration Parse(int number, string name, string sql)
    {
        var text = sql.ReplaceLineEndings("\n");
        var statements = string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith("--", StringComparison.Ordinal)))
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new Migration(number, name, statements, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    [GeneratedRegex(@"\.(\d{4})_(\w+)\.sql$")]
    private static partial Regex FileName();
}
