using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Webhooks;

/// <summary>Every refusal of a WeChat push. The code is the contract; the title is for whoever looks into the provider's console.</summary>
internal static class PushProblems
{
    public static ProblemHttpResult UnknownAccount() => Problem(StatusCodes.Status404NotFound, "unknown_account", "We have no such account.");

    /// <summary>The write did not end in time; WeChat pushes again, and nothing is kept twice.</summary>
    public static ProblemHttpResult NotKept() => Problem(StatusCodes.Status503ServiceUnavailable, "not_kept", "The push could not be kept in time.");

    /// <summary>A push that was not let in, by the code of <see cref="Messaging.Channels.WeChat.Push.OpenedPush"/>, or <c>stale</c>.</summary>
    public static ProblemHttpResult Refused(string problem) => problem switch
    {
        "too_large" => Problem(StatusCodes.Status413PayloadTooLarge, problem, "The push is too large."),
        "bad_signature" => Problem(StatusCodes.Status403Forbidden, problem, "The signature is not right."),
        "not_encrypted" => Problem(StatusCodes.Status403Forbidden, problem, "This account takes encrypted pushes only."),
        "bad_cipher" => Problem(StatusCodes.Status403Forbidden, problem, "The push cannot be decrypted."),
        "other_account" => Problem(StatusCodes.Status403Forbidden, problem, "The push was made for another account."),
        "stale" => Problem(StatusCodes.Status403Forbidden, problem, "The push was signed too long ago, or in the future."),
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, "No push is refused so."),
    };

    private static ProblemHttpResult Problem(int status, string code, string title) => TypedResults.Problem(
        title: title, statusCode: status, type: $"urn:engagement:problem:webhook.{code}", extensions: new Dictionary<string, object?> { ["code"] = $"webhook.{code}" });
}
