using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Bench;

/// <summary>One measured quantity over several rounds.</summary>
public sealed record Figure(string Name, string Unit, double Median, double Min, double Max)
{
    /// <summary>The figure of these rounds.</summary>
    public static Figure Of(string name, string unit, IEnumerable<double> rounds)
    {
        var sorted = rounds.Order().ToList();
        var middle = sorted.Count / 2;
        return new Figure(name, unit, sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}

/// <summary>Two figures compared with what we promise.</summary>
public sealed record Ratio(string Name, double Value, double Bar, bool Holds)
{
    public static Ratio AtLeast(string name, double value, double bar) => new($"{name} ≥", value, bar, value >= bar);

    public static Ratio AtMost(string name, double value, double bar) => new($"{name} ≤", value, bar, value <= bar);
}

/// <summary>What a benchmark measured. Machines differ, so the ratios count, not the figures.</summary>
public sealed record BenchReport(string Name, IReadOnlyList<Figure> Figures, IReadOnlyList<Ratio> Ratios)
{
    /// <summary>What it was measured on.</summary>
    public string Machine { get; init; } = $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}";

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; } = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(8));

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Name} · {Machine} · {At:yyyy-MM-dd HH:mm}");
        var width = Figures.Select(f => f.Name.Length).Concat(Ratios.Select(r => r.Name.Length)).DefaultIfEmpty(0).Max();
        output.WriteLine($"  {"".PadRight(width)}  {"median",12}  {"min",12}  {"max",12}");
        foreach (var f in Figures) output.WriteLine($"  {f.Name.PadRight(width)}  {Number(f.Median),12}  {Number(f.Min),12}  {Number(f.Max),12}  {f.Unit}");
        foreach (var r in Ratios) output.WriteLine($"  {r.Name.PadRight(width)}  {Number(r.Value),12}  {"bar " + Number(r.Bar),12}  {(r.Holds ? "holds" : "MISSED")}");
    }

    /// <summary>Writes <c>NAME.json</c> into the folder of results.</summary>
    public async Task SaveAsync(string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        await using var file = File.Create(Path.Combine(folder, $"{Name}.json"));
        await JsonSerializer.SerializeAsync(file, this, BenchJson.Readable.BenchReport, ct);
        file.WriteByte((byte)'\n');
    }

    private static string Number(double value) => Math.Abs(value) >= 1000 ? value.ToString("N0") : value.ToString("0.###");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext
{
    public static readonly BenchJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
