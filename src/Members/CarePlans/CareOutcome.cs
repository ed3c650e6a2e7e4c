using Engagement.Members.Consents;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>What came of a change to a care plan.</summary>
public enum CareOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>There is no such line, enrolment or member.</summary>
    NotFound,

    /// <summary>There is no health consent, so nothing of the kind is kept.</summary>
    NoHealthConsent,

    /// <summary>How many days cannot be told from what was bought before: the member has to say.</summary>
    DaysNeeded,

    /// <summary>Days out of range.</summary>
    DaysInvalid,

    /// <summary>A dose that nobody takes.</summary>
    DoseInvalid,

    /// <summary>A name, condition or allergy that is empty or too long.</summary>
    TextInvalid,

    /// <summary>A date or time that is not a dose of the plan, or out of range.</summary>
    TimeInvalid,

    /// <summary>Values out of what can be measured, or not those of this kind.</summary>
    ValueInvalid,

    /// <summary>The medicine is in the plan already.</summary>
    Exists,

    /// <summary>As much as one member may keep.</summary>
    TooMany,

    /// <summary>The code has run out, or was decided on.</summary>
    Over,

    /// <summary>Under fourteen, a guardian must agree first.</summary>
    GuardianNeeded,
}

/// <summary>The door before everything here: the consent to the use of health data.</summary>
internal static class HealthDoor
{
    private const string Given = "SELECT COUNT(*) FROM consent WHERE member_id = @member AND purpose = @purpose AND granted = 1";

    private const string LockMember = "SELECT id FROM member WHERE id = @member AND erased_at IS NULL";

    /// <summary>Whether the member has agreed to it.</summary>
    public static async Task<bool> IsOpenAsync(Session session, MemberId member) =>
        await session.ScalarAsync<long>(Given, new { member = member.Value, purpose = (int)Purpose.Health }).ConfigureAwait(false) > 0;

    /// <summary>Locks the member's row, so that two phones of one member take turns, and says why nothing may be written; else <see cref="CareOutcome.Done"/>.</summary>
    public static async Task<CareOutcome> EnterAsync(Tx tx, MemberId member)
    {
        if (await tx.ScalarAsync<long?>($"{LockMember} {tx.Dialect.ForUpdate}", new { member = member.Value }).ConfigureAwait(false) is null) return CareOutcome.NotFound;
        return await IsOpenAsync(tx, member).ConfigureAwait(false) ? CareOutcome.Done : CareOutcome.NoHealthConsent;
    }
}
