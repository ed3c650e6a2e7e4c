using System.Reflection;
using System.Text.RegularExpressions;
using Engagement.Tests.Support;

namespace Engagement.Tests.Architecture;

/// <summary>Rules that no analyser checks: which project may know which, and what no line of src/ may say.</summary>
public sealed partial class HouseRules
{
    private static readonly string s_src = Repository.Path("src");

    [Theory]
    [InlineData("Templates")]
    [InlineData("Storage")]
    [InlineData("Members", "Storage")]
    [InlineData("Messaging", "Members", "Templates", "Storage")]
    [InlineData("Insights", "Members", "Messaging", "Storage")]
    [InlineData("Sandbox")]
    public void A_project_knows_only_those_below_it(string project, params string[] below)
    {
        var known = References(project).Where(name => name.StartsWith("Engagement.", StringComparison.Ordinal));

        Assert.Empty(known.Except(below.Select(name => "Engagement." + name)));
    }

    [Theory]
    [InlineData("Templates")]
    [InlineData("Storage")]
    [InlineData("Members")]
    [InlineData("Messaging")]
    [InlineData("Insights")]
    public void Only_the_two_programs_know_the_web_server(string project)
    {
        Assert.DoesNotContain(References(project), name => name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_has_its_place_in_the_directions_above()
    {
        Assert.Equal(["Api", "Insights", "Members", "Messaging", "Sandbox", "Storage", "Templates"],
            Directory.GetDirectories(s_src).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b", "var now = DateTime.UtcNow;", "take a TimeProvider")]
    [InlineData(@"\bThread\.Sleep\b", "Thread.Sleep(5);", "await Task.Delay with the clock and the token")]
    [InlineData(@"\bGuid\.NewGuid\b", "var id = Guid.NewGuid();", "IdGenerator makes ids, RandomNumberGenerator secrets", "src/Sandbox/")]
    [InlineData(@"\bcatch\b[^{};]*(?<!\bis )\{\s*\}", "catch (Exception) when (late)\n{\n}", "nothing is swallowed")]
    [InlineData(@"#pragma\s+warning\s+disable", "#pragma warning disable CA1000", "mend what it says")]
    [InlineData(@"\.\./shared", "\"../shared/data\"", "a clone has no such folder")]
    [InlineData(@"\basync\s+void\b", "async void Run()", "nobody hears its exception")]
    [InlineData(@"\b(TODO|FIXME|HACK|XXX)\b", "// TODO later", "do it, or open an issue")]
    public void No_source_file_says(string pattern, string example, string instead, string except = "none")
    {
        Assert.Matches(pattern, example);

        Assert.Empty(from file in Sources("*.cs")
                     from line in Hits(file, pattern)
                     where !line.StartsWith(except, StringComparison.Ordinal)
                     select $"{line}: {instead}");
    }

    [Theory]
    [InlineData(@"\bRETURNING\b", "DELETE FROM a RETURNING id")]
    [InlineData(@"\bIF NOT EXISTS\b", "CREATE TABLE IF NOT EXISTS a")]
    [InlineData(@"\bON (CONFLICT|DUPLICATE KEY)\b", "ON CONFLICT (id) DO NOTHING")]
    [InlineData(@"\b(INSERT|UPDATE) (OR|IGNORE)\b|\bREPLACE INTO\b", "INSERT OR REPLACE INTO a")]
    [InlineData(@"\bSKIP LOCKED\b", "FOR UPDATE SKIP LOCKED")]
    [InlineData(@"\bAUTO_?INCREMENT\b", "id INT AUTO_INCREMENT")]
    [InlineData(@"(?s)\bCREATE (UNIQUE )?INDEX\b[^;]*\bWHERE\b", "CREATE INDEX a_b ON a (b) WHERE c = 1")]
    public void Sql_is_for_both_databases_and_Dialect_alone_knows_where_they_differ(string pattern, string example)
    {
        Assert.Matches(pattern, example);

        Assert.Empty(from file in Sources("*.cs").Concat(Sources("*.sql"))
                     where !file.EndsWith("Storage/Dialect.cs", StringComparison.Ordinal)
                     from line in Hits(file, pattern)
                     select line);
    }

    [Fact]
    public void No_project_file_switches_warnings_off()
    {
        Assert.Empty(Sources("*.csproj").Where(file => File.ReadAllText(file).Contains("NoWarn", StringComparison.Ordinal)).Select(Name));
    }

    [Fact]
    public void Folders_are_called_after_features_not_after_kinds_of_class()
    {
        Assert.Empty(Directory.EnumerateDirectories(s_src, "*", SearchOption.AllDirectories).Where(folder => Drawer().IsMatch(Path.GetFileName(folder))).Select(Name));
        Assert.Empty(Sources("*.cs").Where(file => Drawer().IsMatch(Path.GetFileNameWithoutExtension(file))).Select(Name));
    }

    [Fact]
    public void A_file_is_read_in_one_go()
    {
        Assert.Empty(from file in Sources("*.cs")
                     let lines = File.ReadLines(file).Count()
                     where lines > 400
                     select $"{Name(file)} has {lines} lines: look for the second noun");
    }

    [Fact]
    public void Every_project_folder_says_what_lives_there()
    {
        Assert.Empty(Directory.GetDirectories(s_src).Where(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any() && !File.Exists(Path.Combine(folder, "README.md"))).Select(Name));
    }

    [Fact]
    public void A_migration_is_numbered_once_and_split_into_whole_statements()
    {
        var files = Sources("*.sql").Where(file => file.Contains("/Migrations/", StringComparison.Ordinal)).ToList();

        Assert.All(files, file => Assert.Matches(@"^\d{4}_[a-z0-9_]+\.sql$", Path.GetFileName(file)));
        Assert.Empty(files.GroupBy(file => Path.GetFileName(file)[..4]).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Equal(files.Count, TestDatabase.Schema.Count);
        // A semicolon in a comment or a literal would tear a statement in two.
        Assert.All(Statements(), statement => Assert.Matches("^(CREATE TABLE|CREATE INDEX|CREATE UNIQUE INDEX|CREATE TRIGGER|ALTER TABLE|DROP|INSERT|UPDATE|DELETE) ", statement));
    }

    [Fact]
    public void Keys_are_never_text()
    {
        foreach (var table in Statements().Select(statement => Table().Match(statement)).Where(match => match.Success))
        {
            var texts = TextColumn().Matches(table.Groups["columns"].Value).Select(match => match.Groups[1].Value).ToHashSet();
            Assert.DoesNotContain(TextColumn().Matches(table.Groups["columns"].Value), match => match.Value.Contains("KEY") || match.Value.Contains("UNIQUE"));
            var keys = InlineKey().Matches(table.Groups["columns"].Value).Concat(
                Statements().Select(statement => Index().Match(statement)).Where(index => index.Groups["table"].Value == table.Groups["name"].Value));
            Assert.Empty(keys.SelectMany(key => key.Groups["keys"].Value.Split(',', StringSplitOptions.TrimEntries)).Intersect(texts));
        }
    }

    // MariaDB of today accepts some of these, MySQL 8 and 9 do not.
    [Fact]
    public void No_column_is_called_like_a_word_of_MySql()
    {
        string[] reserved =
        [
            "cube", "cume_dist", "dense_rank", "empty", "first_value", "function", "grouping", "groups", "intersect", "json_table", "lag",
            "last_value", "lateral", "lead", "manual", "nth_value", "ntile", "of", "over", "parallel", "percent_rank", "qualify", "rank",
            "recursive", "row", "row_number", "rows", "sensitive", "system", "tablesample", "window",
        ];

        var columns = Statements().SelectMany(statement => Table().Match(statement).Groups["columns"].Value.Split('\n', StringSplitOptions.TrimEntries))
            .Select(line => line.Split(' ')[0]);

        Assert.Empty(columns.Intersect(reserved));
    }

    private static IEnumerable<string> References(string project) =>
        Assembly.Load("Engagement." + project).GetReferencedAssemblies().Select(reference => reference.Name!);

    private static IEnumerable<string> Statements() => TestDatabase.Schema.SelectMany(migration => migration.Statements);

    private static IEnumerable<string> Sources(string pattern) =>
        Directory.EnumerateFiles(s_src, pattern, SearchOption.AllDirectories).Select(file => file.Replace('\\', '/'));

    private static string Name(string path) => Path.GetRelativePath(Repository.Root, path);

    private static IEnumerable<string> Hits(string file, string pattern)
    {
        var text = File.ReadAllText(file);
        return from Match match in Regex.Matches(text, pattern)
               let line = text.AsSpan(0, match.Index).Count('\n') + 1
               select $"{Name(file)}:{line} {match.Value}";
    }

    [GeneratedRegex("^(Services|Repositories|Common|Shared|Misc|.*(Helpers?|Utils?|Utilities|Managers?))$")]
    private static partial Regex Drawer();

    [GeneratedRegex(@"^CREATE TABLE (?<name>\w+)\s*\((?<columns>.*)\)$", RegexOptions.Singleline)]
    private static partial Regex Table();

    [GeneratedRegex(@"(?m)^\s*(\w+)\s+(?:TEXT|BLOB|LONGTEXT|MEDIUMTEXT|LONGBLOB)\b.*$")]
    private static partial Regex TextColumn();

    [GeneratedRegex(@"(?:PRIMARY KEY|UNIQUE(?: KEY)?|KEY|INDEX)(?:\s+\w+)?\s*\((?<keys>[^)]*)\)")]
    private static partial Regex InlineKey();

    [GeneratedRegex(@"^CREATE (?:UNIQUE )?INDEX \w+\s+ON (?<table>\w+)\s*\((?<keys>[^)]*)\)")]
    private static partial Regex Index();
}
