using System.Globalization;
using System.Text.RegularExpressions;
using Engagement.Templates.Language;

namespace Engagement.Templates;

/// <summary>How one case of a conformance folder went.</summary>
/// <param name="Name">The case's path below the folder.</param>
/// <param name="Passed">Whether the engine answered as expected.</param>
/// <param name="Difference">What was expected and what came, when it did not pass; else empty.</param>
public sealed record ConformanceResult(string Name, bool Passed, string Difference);

/// <summary>Runs a folder of template cases (`NAME.txt` with its expected `NAME.out.txt`) through the engine.</summary>
/// <remarks>
/// A file `KINDS.tsv` in the folder says of each case whether it must give the expected text (`output`) or fail with an error at
/// the place that the expected file names (`parse-error`, `runtime-error`); the wording of an error is free. Without that file
/// every case must give its text.
/// </remarks>
public static partial class ConformanceRun
{
    /// <summary>Runs the cases one by one, in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">The clock behind `date.now`.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IEnumerable<ConformanceResult> Run(string folder, TimeProvider clock)
    {
        var kinds = ReadKinds(Path.Combine(folder, "KINDS.tsv"));
        var engine = new BuiltInEngine(TemplateLimits.Default, clock);
        var cases = Directory.EnumerateFiles(folder, "*.txt", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".out.txt", StringComparison.Ordinal) && File.Exists(ExpectedFile(file)))
            .Order(StringComparer.Ordinal);
        foreach (var file in cases)
        {
            var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            var difference = Compare(engine, kinds.GetValueOrDefault(name, "output"), ReadText(file), ReadText(ExpectedFile(file)));
            yield return new ConformanceResult(name, difference.Length == 0, difference);
        }
    }

    private static string ExpectedFile(string file) => file[..^".txt".Length] + ".out.txt";

    // A mark of the byte order is no part of the text.
    private static string ReadText(string file) => File.ReadAllText(file).TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);

    private static Dictionary<string, string> ReadKinds(string file) => !File.Exists(file)
        ? []
        : File.ReadLines(file).Select(line => line.Split('\t')).Where(cells => cells.Length == 2).ToDictionary(cells => cells[0], cells => cells[1]);

    private static string Compare(BuiltInEngine engine, string kind, string source, string expected)
    {
        string actual;
        try
        {
            var row = MakeModel();
            actual = engine.Compile("text", source, row.Schema).Render(row);
        }
        catch (TemplateException failure)
        {
            if (kind == "output") return $"expected the text:\n{expected}\nbut it failed:\n{failure.Message}";
            var (line, column) = ExpectedPlace(expected);
            return failure.Errors.Any(error => error.Line == line && error.Column == column)
                ? "" : $"expected an error at ({line},{column}):\n{expected}\nbut it failed elsewhere:\n{failure.Message}";
        }
        if (kind != "output") return $"expected the error:\n{expected}\nbut it gave the text:\n{actual}";
        return actual == expected ? "" : $"expected the text:\n{expected}\nbut it gave:\n{actual}";
    }

    private static (int Line, int Column) ExpectedPlace(string expected)
    {
        var match = ErrorPlace().Match(expected);
        return match.Success
            ? (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            : (0, 0);
    }

    [GeneratedRegex(@"\((\d+),(\d+)\) : error")]
    private static partial Regex ErrorPlace();

    // The model that Scriban's own cases are written for.
    private static RenderRow MakeModel()
    {
        var row = new RenderRow(new RenderSchema("page.title", "user.name", "product", "products"));
        row.Set(0, "This is a title");
        row.Set(1, "John");
        row.Set(2, MakeProduct("Orange", "fruit"));
        row.Set(3, Value.From(new ArrayValue([
            MakeProduct("Orange", "fruit"), MakeProduct("Banana", "fruit"), MakeProduct("Apple", "fruit"), MakeProduct("Computer", "electronics"),
            MakeProduct("Mobile Phone", "electronics"), MakeProduct("Table", "furniture"), MakeProduct("Sofa", "furniture")])));
        return row;
    }

    private static Value MakeProduct(string title, string type)
    {
        var product = new MapValue();
        product.TrySet("title", Value.From(title));
        product.TrySet("type", Value.From(type));
        return Value.From(product);
    }
}
