using System.ComponentModel.DataAnnotations;
using Engagement.Members.Points;

namespace Engagement.Members.Referrals;

/// <summary>What bringing a member is worth. Bound from <c>Referral</c>; refused at start when invalid.</summary>
public sealed class ReferralOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Referral";

    /// <summary>Points for whoever brought a member.</summary>
    /// <value>Default 100, from 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int InviterPoints { get; set; } = 100;

    /// <summary>Points for the new member.</summary>
    /// <value>Default 50, from 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int InvitedPoints { get; set; } = 50;

    /// <summary>For how many new members one member is rewarded in a calendar month.</summary>
    /// <value>Default 10, from 1 to 1,000. Beyond it the new member still gets the points.</value>
    [Range(1, 1000)]
    public int MonthlyCap { get; set; } = 10;

    /// <summary>For how many days the points are valid.</summary>
    /// <value>Default 365, from 1 to 3,650.</value>
    [Range(1, 3650)]
    public int ValidDays { get; set; } = 365;
}

/// <summary>What a birthday brings. Bound from <c>Birthday</c>; refused at start when invalid.</summary>
public sealed class BirthdayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Birthday";

    /// <summary>When the benefit may be taken.</summary>
    /// <value>Default <see cref="BirthdayWindow.Week"/>.</value>
    [EnumDataType(typeof(BirthdayWindow))]
    public BirthdayWindow Window { get; set; } = BirthdayWindow.Week;

    /// <summary>The points of the gift.</summary>
    /// <value>Default 50, from 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int GiftPoints { get; set; } = 50;

    /// <summary>For how many days they are valid.</summary>
    /// <value>Default 365, from 1 to 3,650.</value>
    [Range(1, 3650)]
    public int ValidDays { get; set; } = 365;

    /// <summary>Months for which a birthday that was changed cannot be changed again.</summary>
    /// <value>Default 12, from 0 to 120.</value>
    [Range(0, 120)]
    public int ChangeMonths { get; set; } = 12;
}
