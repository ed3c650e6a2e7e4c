namespace Engagement.Members.CarePlans;

/// <summary>How a therapy line stands. The numbers are in the table.</summary>
public enum TherapyStanding
{
    /// <summary>It is taken.</summary>
    Active = 1,

    /// <summary>It was stopped.</summary>
    Stopped = 2,

    /// <summary>Nobody knows how much is taken a day.</summary>
    DoseUnknown = 3,
}

/// <summary>A medicine that a member takes for long, as a pharmacist sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Medicine">The product that was taken home last.</param>
/// <param name="FirstFillDay">The day of the first purchase.</param>
/// <param name="LastFillDay">The day of the last.</param>
/// <param name="CoverageEnd">The last day that the supply covers.</param>
/// <param name="State">How it stands.</param>
/// <param name="DoseEstimated">Whether the dose is a default of its class.</param>
public sealed record TherapyCard(long Id, string Medicine, int FirstFillDay, int LastFillDay, int CoverageEnd, TherapyStanding State, bool DoseEstimated);
