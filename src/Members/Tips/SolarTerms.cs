using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Storage;

namespace Engagement.Members.Tips;

/// <summary>节气: the twenty-four solar terms of each year as data, <c>solar_terms.json</c> beside this file.</summary>
public static class SolarTerms
{
    private static readonly SolarTermFile s_file = Load();

    private static readonly (int Day, string Name)[] s_starts = [.. from year in s_file.Years
                                                                   from term in year.Value.Index()
                                                                   let date = DateOnly.ParseExact($"{year.Key}-{term.Item}", "yyyy-MM-dd", CultureInfo.InvariantCulture)
                                                                   orderby date
                                                                   select (ChinaTime.DayOf(date), s_file.Terms[term.Index])];

    /// <summary>Their names, from 小寒 on.</summary>
    public static IReadOnlyList<string> Names => s_file.Terms;

    /// <summary>The term that a day is in; <c>null</c> outside the years of the table.</summary>
    public static string? On(int day)
    {
        var at = Array.FindLastIndex(s_starts, start => start.Day <= day);
        return at < 0 || (at == s_starts.Length - 1 && day > s_starts[at].Day + 15) ? null : s_starts[at].Name;
    }

    private static SolarTermFile Load()
    {
        using var stream = typeof(SolarTerms).Assembly.GetManifestResourceStream("Engagement.Members.Tips.solar_terms.json")!;
        return JsonSerializer.Deserialize(stream, TipJson.Default.SolarTermFile)!;
    }
}

internal sealed record SolarTermFile(string Source, IReadOnlyList<string> Terms, SortedDictionary<string, IReadOnlyList<string>> Years);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SolarTermFile))]
[JsonSerializable(typeof(TipContent))]
[JsonSerializable(typeof(TipFile))]
internal sealed partial class TipJson : JsonSerializerContext;
