using Engagement.Messaging.Channels.WeChat.Push;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>One mini-program account and how it is spoken to. Bound from <c>WeChat</c>; refused at start when invalid.</summary>
/// <remarks>The secrets come from the environment (<c>Engagement__WeChat__AppSecret</c>), never from a file in the repository.</remarks>
public sealed class WeChatOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "WeChat";

    /// <summary>Where the API answers.</summary>
    /// <value>Default <c>https://api.weixin.qq.com</c>. Plain http is accepted for a host inside only (see the start-up check).</value>
    public Uri BaseUrl { get; set; } = new("https://api.weixin.qq.com");

    /// <summary>The mini-program's appid; empty = WeChat is not set up, and every send is refused with <c>not_configured</c>.</summary>
    public string AppId { get; set; } = "";

    /// <summary>The mini-program's secret. Never logged.</summary>
    public string AppSecret { get; set; } = "";

    /// <summary>The account's name in webhook addresses (<c>/webhooks/wechat/{account}</c>).</summary>
    /// <value>Default <c>main</c>; lower-case letters, digits and hyphens.</value>
    public string Account { get; set; } = "main";

    /// <summary>The token that signs pushes; empty = every push is refused.</summary>
    public string PushToken { get; set; } = "";

    /// <summary>The 43 characters that decrypt pushes; <c>null</c> = pushes come in plain mode. When it is set, an unencrypted push is refused.</summary>
    public string? EncodingAesKey { get; set; }

    /// <summary>Which build of the mini-program cards open.</summary>
    /// <value>Default <see cref="MiniProgramState.Formal"/>.</value>
    public MiniProgramState MiniProgramState { get; set; } = MiniProgramState.Formal;

    /// <summary>How long one request may take, connecting included; afterwards the send is in doubt.</summary>
    /// <value>Default 5 s, from 0.1 s to 60 s.</value>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many connections are open at most, which is also how many sends are on the wire.</summary>
    /// <value>Default 64, from 1 to 1,000.</value>
    public int MaxConnections { get; set; } = 64;

    /// <summary>Whether there is an account to send from.</summary>
    internal bool IsConfigured => AppId.Length > 0;

    /// <summary>Names the account; no secret.</summary>
    public override string ToString() => $"WeChatOptions {{ Account = {Account}, AppId = {AppId}, BaseUrl = {BaseUrl} }}";

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ProviderSettings.Address($"{Section}:BaseUrl", BaseUrl) is { } address) yield return address;
        if (AppId.Length == 0 != (AppSecret.Length == 0)) yield return $"{Section}:AppId and {Section}:AppSecret go together: set both or neither.";
        if (Account.Length is 0 or > 32 || !Account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            yield return $"{Section}:Account must be 1 to 32 lower-case letters, digits or hyphens.";
        if (PushToken.Length > 0 && (PushToken.Length is < 3 or > 64 || PushToken.Any(char.IsWhiteSpace)))
            yield return $"{Section}:PushToken must be 3 to 64 characters without spaces (WeChat's console takes 32 letters and digits).";
        if (!string.IsNullOrEmpty(EncodingAesKey) && !PushCipher.IsKey(EncodingAesKey))
            yield return $"{Section}:EncodingAesKey must be the 43 letters and digits that WeChat's console shows.";
        if (!Enum.IsDefined(MiniProgramState)) yield return $"{Section}:MiniProgramState must be Formal, Trial or Developer.";
        if (ProviderSettings.Span($"{Section}:SendTimeout", SendTimeout) is { } span) yield return span;
        if (MaxConnections is < 1 or > 1000) yield return $"{Section}:MaxConnections must be from 1 to 1000.";
    }
}
