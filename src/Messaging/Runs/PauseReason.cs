using Engagement.Storage;

namespace Engagement.Messaging.Runs;

/// <summary>Why a run waits for a person. The codes are a contract: they stand in <c>run.paused</c> and <c>campaign.state_reason</c>.</summary>
public static class PauseReason
{
    /// <summary>Somebody stopped it.</summary>
    public const string Staff = "staff";

    /// <summary>Its time passed while nothing ran.</summary>
    public const string PastDue = "past_due";

    /// <summary>It was half sent when everything stood still for hours.</summary>
    public const string Outage = "outage";

    /// <summary>The database went back in time: what was sent since is not known in it.</summary>
    public const string Restored = "restored";

    /// <summary>The sentence of a code.</summary>
    public static Phrase Sentence(string code) => code switch
    {
        Staff => new("人工暂停", "paused by staff"),
        PastDue => new("已过计划时间，等待人工确认", "its time has passed; it waits for a person's yes"),
        Outage => new("停机过久，等待人工确认", "everything stood still for long; it waits for a person's yes"),
        Restored => new("数据库从备份恢复，等待人工确认", "the database was restored from a backup; it waits for a person's yes"),
        _ => new(code, code),
    };
}
