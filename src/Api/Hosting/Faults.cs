using System.Text.Json;
using Engagement.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Engagement.Api.Hosting;

/// <summary>Turns what was thrown under <c>/api</c> into a problem document. What a request did wrong is no error of ours and is not logged.</summary>
internal sealed class Faults(ILogger<Faults> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!httpContext.Request.Path.StartsWithSegments(ApiSurface.Root, StringComparison.Ordinal)) return false;
        var problem = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => Unreadable(json),
            BadHttpRequestException bad => Problems.Of(bad.StatusCode),
            StorageException refusal => new Problem(refusal.Code, StatusCodes.Status503ServiceUnavailable, refusal.Sentence),
            _ => Problems.Unexpected,
        };
        if (problem.Status >= 500) Log.RequestFailed(logger, exception, httpContext.Request.Method, httpContext.GetEndpoint()?.DisplayName ?? "?");
        await problem.Answer().ExecuteAsync(httpContext);
        return true;
    }

    // The path and the position tell where to look; the text itself may be personal and is not repeated.
    private static Problem Unreadable(JsonException json) => Problems.BodyInvalid with
    {
        More = new() { ["at"] = new System.Text.Json.Nodes.JsonObject { ["path"] = json.Path, ["line"] = json.LineNumber + 1, ["byte"] = json.BytePositionInLine } },
    };
}

/// <summary>The log lines of the hosting.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Error, "A request failed on our side: {Method} {Endpoint}")]
    public static partial void RequestFailed(ILogger logger, Exception failure, string method, string endpoint);

    [LoggerMessage(5002, LogLevel.Warning, "Old answers of repeated requests could not be removed")]
    public static partial void SweepFailed(ILogger logger, Exception failure);

    [LoggerMessage(5003, LogLevel.Error, "This process's id number could not be renewed; it is tried again in a minute")]
    public static partial void NumberNotRenewed(ILogger logger, Exception failure);
}
