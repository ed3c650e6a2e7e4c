using Engagement.Api.Demo;
using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Preview;

/// <summary>Whose phone the preview can be: the five of the demo's story, and somebody who is new.</summary>
internal sealed class PreviewPeople(Database database, MemberStore members, IOptions<WeChatOptions> weChat)
{
    /// <summary>Somebody whom the chain does not know yet.</summary>
    public const string Visitor = "visitor";

    private const string VisitorOpenId = "oPreviewVisitor0000000000000";
    private const string VisitorPhone = "19999990000";

    private const string OpenId = "SELECT openid FROM member_identity WHERE member_id = @member AND account = @account";

    /// <summary>A code of the sandbox as WeChat hands one to the phone, or null when there is no such person.</summary>
    /// <param name="key">A member number of the story, or <see cref="Visitor"/>.</param>
    /// <param name="kind"><c>login</c> or <c>phone</c>.</param>
    /// <param name="ct">Stops the wait.</param>
    public async Task<string?> CodeAsync(string key, string kind, CancellationToken ct)
    {
        if (kind is not ("login" or "phone") || await FindAsync(key, ct) is not var (openId, phone)) return null;
        using var sandbox = new SandboxClient(weChat.Value.BaseUrl);
        return await sandbox.CodeAsync(new SandboxPerson(openId, phone), kind, ct);
    }

    private async Task<(string OpenId, string Phone)?> FindAsync(string key, CancellationToken ct)
    {
        if (key == Visitor) return (VisitorOpenId, VisitorPhone);
        if (await members.FindAsync(key, 1, ct) is not [var member, ..]) return null;
        var account = weChat.Value.AppId;
        var openId = await database.ReadAsync(session => session.SingleOrDefaultAsync<string>(OpenId, new { member = member.Value, account }), ct);
        var profile = (await members.ProfilesAsync([member], ct))[member];
        return openId is null ? null : (openId, profile.Phone?.Digits ?? "");
    }
}
