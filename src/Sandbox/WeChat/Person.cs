using System.Security.Cryptography;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>What the control surface says about a person; an openid that is left out is one that the person has not got.</summary>
internal sealed record PersonSetup
{
    public string? Openid { get; init; }

    public string? OfficialOpenid { get; init; }

    public string? Unionid { get; init; }

    public string? Phone { get; init; }

    /// <summary>Whether the person follows the official account.</summary>
    public bool Follows { get; init; }

    /// <summary>Blocks the official account: accepted, and the finish event says <c>failed:user block</c>.</summary>
    public bool Blocks { get; init; }

    /// <summary>Takes no customer-service messages (48002).</summary>
    public bool RefusesMessages { get; init; }

    /// <summary>Signing in is blocked (40226).</summary>
    public bool HighRisk { get; init; }
}

/// <summary>A user of WeChat, as far as the two apps see one. Guarded by <see cref="People"/>.</summary>
internal sealed class Person
{
    public required PersonSetup Setup { get; set; }

    /// <summary>24 characters of base64, renewed by each sign-in.</summary>
    public string SessionKey { get; set; } = "";

    /// <summary>When the mini-program was opened last.</summary>
    public DateTimeOffset? LastVisit { get; set; }

    public bool Follows { get; set; }

    public DateTimeOffset FollowedAt { get; set; }

    public string Scene { get; set; } = "ADD_SCENE_SEARCH";

    /// <summary>The scene of the QR code by which the person came.</summary>
    public string QrScene { get; set; } = "";

    public string Remark { get; set; } = "";

    /// <summary>What allows customer-service messages, per app.</summary>
    public ContactWindows MiniProgramContact { get; } = new();

    public ContactWindows OfficialContact { get; } = new();

    public ContactWindows Contact(AccountKind kind) => kind == AccountKind.OfficialAccount ? OfficialContact : MiniProgramContact;

    public static string NewSessionKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
}

/// <summary>The windows in which an app may write to a person: a message opens a long one, a tap a short one.</summary>
internal sealed class ContactWindows
{
    private Window _byMessage;
    private Window _byContact;

    public void OpenByMessage(DateTimeOffset now, CustomerServiceSetup rule) => _byMessage = new(now.AddHours(rule.MessageHours), rule.MessageSends);

    public void OpenByContact(DateTimeOffset now, CustomerServiceSetup rule) => _byContact = new(now.AddSeconds(rule.ContactSeconds), rule.ContactSends);

    /// <summary>Uses one send, of the short window first; otherwise 45015 (none open) or 45047 (all used up).</summary>
    public WeChatError? Take(DateTimeOffset now)
    {
        if (_byContact.Takes(now)) _byContact.Left--;
        else if (_byMessage.Takes(now)) _byMessage.Left--;
        else return now < _byContact.Until || now < _byMessage.Until ? WeChatError.WindowUsedUp : WeChatError.OutsideWindow;
        return null;
    }

    private record struct Window(DateTimeOffset Until, int Left)
    {
        public readonly bool Takes(DateTimeOffset now) => now < Until && Left > 0;
    }
}
