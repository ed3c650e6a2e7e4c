using System.Security.Cryptography;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>The text check: the verdict is in the answer, not in the error code.</summary>
internal sealed class ContentCheckCalls(People people, SandboxClock clock)
{
    private const int LongestContent = 2_500;

    private static readonly TimeSpan Active = TimeSpan.FromHours(2);

    public void Map(IEndpointRouteBuilder app, WeChatGate gate) => gate.Map(app, "POST", "/wxa/msg_sec_check", AccountKind.MiniProgram, Check);

    private WeChatReply Check(WeChatCall call)
    {
        var content = call.Text("content");
        if (content.Length == 0) return WeChatError.EmptyBody;
        if (content.Length > LongestContent) return WeChatError.TooLong;
        if (call.Number("version", 1) != 2) return Listed(call, content) ? new WeChatError(87014, "risky content") : WeChatReply.Ok;
        if (call.Number("scene", 0) is < 1 or > 4) return WeChatError.InvalidScene;
        if (!people.Knows(call.Text("openid"), AccountKind.MiniProgram)) return WeChatError.InvalidOpenId;
        if (people.With(call.Text("openid"), AccountKind.MiniProgram, person => person.LastVisit) is not { } visit || clock.GetUtcNow() - visit > Active)
            return WeChatError.Inactive;

        var (suggest, label) = Listed(call, content) ? ("risky", 10001) : content.Contains("待审", StringComparison.Ordinal) ? ("review", 21000) : ("pass", 100);
        return WeChatReply.Of(new
        {
            errcode = 0,
            errmsg = "ok",
            result = new { suggest, label },
            detail = new[] { new { strategy = "content_model", errcode = 0, suggest, label, prob = 90 } },
            trace_id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
        });
    }

    private static bool Listed(WeChatCall call, string content) =>
        call.Setup.ForbiddenWords.Any(word => content.Contains(word, StringComparison.Ordinal));
}
