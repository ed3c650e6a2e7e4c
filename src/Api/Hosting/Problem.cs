using System.Text.Json.Nodes;
using Engagement.Storage;
using Microsoft.AspNetCore.Mvc;

namespace Engagement.Api.Hosting;

/// <summary>A refusal of this API: a value that desks return and endpoints answer with. The code is the contract, the title is for people.</summary>
/// <param name="Code">Stable; clients branch on it.</param>
/// <param name="Status">The status code.</param>
/// <param name="Title">One sentence in both languages; it repeats nothing that the caller sent.</param>
internal sealed record Problem(string Code, int Status, Phrase Title)
{
    /// <summary>What else the answer carries beside code and title, by name.</summary>
    public JsonObject? More { get; init; }

    /// <summary>The answer to give; it picks its language from the request.</summary>
    public ProblemAnswer Answer() => new(this);
}

/// <summary>A problem document (RFC 9457), in the language that the caller prefers.</summary>
internal sealed class ProblemAnswer(Problem problem) : IResult, IStatusCodeHttpResult
{
    /// <summary>What is answered.</summary>
    public Problem Problem => problem;

    public int? StatusCode => problem.Status;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var document = new ProblemDetails
        {
            Type = $"urn:engagement:problem:{problem.Code}", Title = problem.Title.In(Languages.Of(httpContext.Request)), Status = problem.Status,
        };
        document.Extensions["code"] = problem.Code;
        foreach (var (name, value) in problem.More ?? []) document.Extensions[name] = value;
        httpContext.Response.StatusCode = problem.Status;
        return httpContext.Response.WriteAsJsonAsync(document, options: null, "application/problem+json", httpContext.RequestAborted);
    }
}

/// <summary>The language of an answer.</summary>
internal static class Languages
{
    /// <summary>English when the caller ranks it above Chinese; else Chinese.</summary>
    public static Language Of(HttpRequest request)
    {
        var ranked = request.GetTypedHeaders().AcceptLanguage
            .Select((wanted, place) => (Tag: wanted.Value.Value ?? "", Quality: wanted.Quality ?? 1, place))
            .Where(wanted => wanted.Quality > 0).OrderByDescending(wanted => wanted.Quality).ThenBy(wanted => wanted.place)
            .Select(wanted => wanted.Tag).FirstOrDefault(tag => Speaks(tag, "zh") || Speaks(tag, "en"));
        return ranked is not null && Speaks(ranked, "en") ? Language.English : Language.Chinese;
    }

    private static bool Speaks(string tag, string language) =>
        tag.StartsWith(language, StringComparison.OrdinalIgnoreCase) && (tag.Length == language.Length || tag[language.Length] == '-');
}
