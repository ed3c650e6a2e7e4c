using Engagement.Api.Hosting;
using Engagement.Messaging.Channels;

namespace Engagement.Api.Member;

/// <summary>The refusals of the member surface that several of its endpoints give.</summary>
internal static class MemberProblems
{
    public static readonly Problem PhoneNeeded = new("phone_needed", 403, new("请先授权手机号，成为会员后再使用。", "Give your phone number first: this is for members."));
    public static readonly Problem CodeRefused = new("wechat_code_refused", 400, new("微信授权码无效或已用过，请重试。", "WeChat's code is not good, or was used before: try again."));
    public static readonly Problem Blocked = new("wechat_refused", 403, new("微信拒绝了这次请求，请稍后在微信中重试。", "WeChat refused this: try again in WeChat later."));
    public static readonly Problem Unavailable = new("wechat_unavailable", 503, new("微信服务暂时不可用，请稍后再试。", "WeChat cannot be reached at the moment: try again in a while."));

    // 40029 no such code, 40163 used before, 40003 the code is another person's, 40013 another app's.
    private static readonly string[] s_codes = ["40029", "40163", "40003", "40013", "41008"];

    /// <summary>What a refusal of WeChat means to the one who asked.</summary>
    public static Problem Of(ErrorClass error, string code) =>
        s_codes.Contains(code) ? CodeRefused
        : error == ErrorClass.PermanentRecipient ? Blocked
        : Unavailable;
}
