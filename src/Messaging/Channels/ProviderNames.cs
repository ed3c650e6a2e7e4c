namespace Engagement.Messaging.Channels;

/// <summary>The stable names of providers, as the outbox and the rate budgets keep them.</summary>
internal static class ProviderNames
{
    /// <summary>WeChat, for our mini-program.</summary>
    public const string WeChat = "wechat";

    /// <summary>WeChat, for our official account.</summary>
    public const string WeChatOfficial = "wechat_mp";
}
