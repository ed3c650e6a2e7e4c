using Engagement.Members;
using Engagement.Members.Preferences;
using Engagement.Messaging.Gate;
using Engagement.Storage;

namespace Engagement.Messaging.Inbox;

/// <summary>"No more of these": the kinds of message that a member switched off in the inbox. The gate refuses them on every channel, the inbox included.</summary>
public sealed class KindSwitches(PreferenceStore preferences)
{
    private const string Origin = "inbox";

    /// <summary>The kinds that have a switch. A notice about the account or about safety has none: the member must hear of it.</summary>
    public static IReadOnlyList<MessageKind> Switchable { get; } = [.. Enum.GetValues<MessageKind>().Where(MessageGate.MayMute)];

    /// <summary>Whether a member still wants each kind that has a switch.</summary>
    public static async Task<IReadOnlyDictionary<MessageKind, bool>> ReadAsync(Session session, MemberId member)
    {
        var muted = (await PreferenceStore.MutedAsync(session, member).ConfigureAwait(false)).Kinds;
        return Switchable.ToDictionary(kind => kind, kind => (muted & (1L << (int)kind)) == 0);
    }

    /// <summary>Turns a kind on or off in the caller's write; <c>false</c> when it has no switch. What waits of it ends.</summary>
    public async Task<bool> SetAsync(Tx tx, MemberId member, MessageKind kind, bool on)
    {
        if (!MessageGate.MayMute(kind)) return false;
        await preferences.SwitchKindAsync(tx, member, (int)kind, Code(kind), on, Origin).ConfigureAwait(false);
        return true;
    }

    private static string Code(MessageKind kind) => kind.ToString().ToLowerInvariant();
}
