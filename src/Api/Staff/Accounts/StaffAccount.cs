using Engagement.Api.Staff.Roles;
using Engagement.Members.Staff;

namespace Engagement.Api.Staff.Accounts;

/// <summary>The kinds of places that an account is tied to.</summary>
internal enum PlaceKind
{
    /// <summary>All stores of a city.</summary>
    Region = 1,

    /// <summary>One store.</summary>
    Store = 2,
}

/// <summary>Where a member of staff works.</summary>
/// <param name="Kind">Region or store.</param>
/// <param name="Name">The city, or the store's code.</param>
internal readonly record struct StaffPlace(PlaceKind Kind, string Name);

/// <summary>How far the second factor is set up.</summary>
internal enum TotpState
{
    None = 0,
    Shown = 1,
    On = 2,
}

/// <summary>The account of a member of staff, without its secrets.</summary>
internal sealed record StaffAccount(StaffId Id, string Name, string DisplayName, StaffRole Role)
{
    /// <summary>When a one-time password ends (Unix milliseconds); <c>null</c> when the owner chose the password.</summary>
    public long? PasswordUntil { get; init; }

    public TotpState Totp { get; init; }

    public long LockedUntil { get; init; }

    public bool Disabled { get; init; }

    public long Version { get; init; }

    public long CreatedAt { get; init; }

    public override string ToString() => $"staff {Id} ({Role})";
}
