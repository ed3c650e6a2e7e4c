using Engagement.Members;

namespace Engagement.Messaging.Outbox;

/// <summary>The outbox is cut by member: one owner per shard means one message in flight per person.</summary>
public static class Shards
{
    /// <summary>How many there are. Fixed: rows carry the number.</summary>
    public const int Count = 64;

    /// <summary>The shard of a member. Ids are time-ordered, so their low bits are mixed first.</summary>
    public static int Of(MemberId member)
    {
        var mixed = (ulong)member.Value * 0x9E3779B97F4A7C15UL;
        return (int)(mixed >> 58);
    }
}
