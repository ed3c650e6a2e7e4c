using Engagement.Messaging.Channels.WeChat.Push;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>One account of ours at WeChat: what it is called, what signs for it, and what signs its pushes.</summary>
/// <remarks>The secrets come from the environment (<c>Engagement__WeChat__AppSecret</c>), never from a file in the repository.</remarks>
public class WeChatAccountOptions
{
    /// <summary>The appid; empty = the account is not set up, and every send by it is refused with <c>not_configured</c>.</summary>
    public string AppId { get; set; } = "";

    /// <summary>Its secret. Never logged.</summary>
    public string AppSecret { get; set; } = "";

    /// <summary>The account's name in webhook addresses (<c>/webhooks/wechat/{account}</c>).</summary>
    /// <value>Default <c>main</c> for the mini-program, <c>official</c> for the official account; lower-case letters, digits and hyphens.</value>
    public string Account { get; set; } = "main";

    /// <summary>The token that signs pushes; empty = every push is refused.</summary>
    public string PushToken { get; set; } = "";

    /// <summary>The 43 characters that decrypt pushes; <c>null</c> = pushes come in plain mode. When it is set, an unencrypted push is refused.</summary>
    public string? EncodingAesKey { get; set; }

    /// <summary>Whether there is an account to send from.</summary>
    internal bool IsConfigured => AppId.Length > 0;

    /// <summary>Names the account; no secret.</summary>
    public override string ToString() => $"{GetType().Name} {{ Account = {Account}, AppId = {AppId} }}";

    /// <summary>What is wrong with the account, each sentence beginning with the key.</summary>
    internal IEnumerable<string> Problems(string section)
    {
        if (AppId.Length == 0 != (AppSecret.Length == 0)) yield return $"{section}:AppId and {section}:AppSecret go together: set both or neither.";
        if (Account.Length is 0 or > 32 || !Account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            yield return $"{section}:Account must be 1 to 32 lower-case letters, digits or hyphens.";
        if (PushToken.Length > 0 && (PushToken.Length is < 3 or > 64 || PushToken.Any(char.IsWhiteSpace)))
            yield return $"{section}:PushToken must be 3 to 64 characters without spaces (WeChat's console takes 32 letters and digits).";
        if (!string.IsNullOrEmpty(EncodingAesKey) && !PushCipher.IsKey(EncodingAesKey))
            yield return $"{section}:EncodingAesKey must be the 43 letters and digits that WeChat's console shows.";
    }
}

/// <summary>Our accounts at WeChat and how they are spoken to: the mini-program here, the official account below it. Bound from <c>WeChat</c>; refused at start when invalid.</summary>
public sealed class WeChatOptions : WeChatAccountOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "WeChat";

    /// <summary>Where the API answers.</summary>
    /// <value>Default <c>https://api.weixin.qq.com</c>. Plain http is accepted for a host inside only (see the start-up check).</value>
    public Uri BaseUrl { get; set; } = new("https://api.weixin.qq.com");

    /// <summary>The official account (service account) that belongs to the mini-program.</summary>
    /// <value>Default: none. Both must be bound to one Open Platform account, or its followers cannot be told to be members (no unionid).</value>
    public WeChatAccountOptions OfficialAccount { get; set; } = new() { Account = "official" };

    /// <summary>Which build of the mini-program cards open.</summary>
    /// <value>Default <see cref="MiniProgramState.Formal"/>.</value>
    public MiniProgramState MiniProgramState { get; set; } = MiniProgramState.Formal;

    /// <summary>How long one request may take, connecting included; afterwards the send is in doubt.</summary>
    /// <value>Default 5 s, from 0.1 s to 60 s.</value>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many connections are open at most, which is also how many sends are on the wire.</summary>
    /// <value>Default 64, from 1 to 1,000.</value>
    public int MaxConnections { get; set; } = 64;

    /// <summary>How far a push's <c>timestamp</c> may be from our clock; beyond, only a push that was kept before is answered as well.</summary>
    /// <value>Default 10 minutes, from 0 (not looked at) to 1 day. WeChat signs each repeat anew and repeats within seconds, so only a replay comes late.</value>
    public TimeSpan PushWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many customer-service messages somebody's own message allows in 48 hours.</summary>
    /// <value>Default 5 (WeChat's page of today; older pages say 20), from 0 to 20.</value>
    public int RepliesPerMessage { get; set; } = 5;

    /// <summary>How many customer-service messages a menu tap, a follow or a scan allows within a minute.</summary>
    /// <value>Default 3, from 0 to 20.</value>
    public int RepliesPerTap { get; set; } = 3;

    /// <summary>Answers to what members write, by the whole word that they write (no matter the case); anything else waits for staff.</summary>
    public Dictionary<string, string> Replies { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Our accounts: the mini-program, and the official account when there is one.</summary>
    internal WeChatAccountOptions Of(WeChatApp app) => app switch
    {
        WeChatApp.MiniProgram => this,
        WeChatApp.OfficialAccount => OfficialAccount,
    };

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ProviderSettings.Address($"{Section}:BaseUrl", BaseUrl) is { } address) yield return address;
        foreach (var problem in Problems(Section).Concat(OfficialAccount.Problems($"{Section}:OfficialAccount"))) yield return problem;
        if (Account == OfficialAccount.Account) yield return $"{Section}:Account and {Section}:OfficialAccount:Account must differ: they are addresses.";
        if (AppId.Length > 0 && AppId == OfficialAccount.AppId) yield return $"{Section}:AppId and {Section}:OfficialAccount:AppId must differ: they are two accounts.";
        if (!Enum.IsDefined(MiniProgramState)) yield return $"{Section}:MiniProgramState must be Formal, Trial or Developer.";
        if (ProviderSettings.Span($"{Section}:SendTimeout", SendTimeout) is { } span) yield return span;
        if (MaxConnections is < 1 or > 1000) yield return $"{Section}:MaxConnections must be from 1 to 1000.";
        if (PushWindow < TimeSpan.Zero || PushWindow > TimeSpan.FromDays(1)) yield return $"{Section}:PushWindow must be from 00:00:00 to 1.00:00:00.";
        if (RepliesPerMessage is < 0 or > 20) yield return $"{Section}:RepliesPerMessage must be from 0 to 20.";
        if (RepliesPerTap is < 0 or > 20) yield return $"{Section}:RepliesPerTap must be from 0 to 20.";
    }
}

/// <summary>Which of our accounts at WeChat.</summary>
public enum WeChatApp
{
    /// <summary>The mini-program.</summary>
    MiniProgram = 1,

    /// <summary>The official account (service account).</summary>
    OfficialAccount = 2,
}
