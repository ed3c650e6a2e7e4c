namespace Engagement.Sandbox.Control;

/// <summary>What a client sees when its request was accepted and the answer is lost.</summary>
internal static class AnswerLoss
{
    // Longer than any client waits.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Whether the answer is lost; when it is, the connection is gone on return, or something unreadable was written.</summary>
    public static async Task<bool> SufferAsync(HttpContext http, DrawnFault fault, TimeProvider clock)
    {
        if (fault.Answer == AnswerFate.Given) return false;
        if (fault.Answer == AnswerFate.Broken)
        {
            await BrokenAnswer.WriteAsync(http, fault.Broken);
            return true;
        }
        if (fault.Answer == AnswerFate.NeverGiven)
        {
            await Task.Delay(Silence, clock, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        http.Abort();
        return true;
    }
}
