namespace Engagement.Members.Profiles;

/// <summary>A member with name and phone decrypted, for one who may see them. Its text form is masked.</summary>
public sealed record MemberProfile
{
    /// <summary>The id.</summary>
    public required MemberId Id { get; init; }

    /// <summary>The code of the source that issued the card.</summary>
    public required string Source { get; init; }

    /// <summary>The card or member number.</summary>
    public required string MemberNo { get; init; }

    /// <summary>The opaque reference that links and QR codes carry.</summary>
    public required string Ref { get; init; }

    /// <summary>The name, when known.</summary>
    public PersonName? Name { get; init; }

    /// <summary>The phone, when known.</summary>
    public PhoneNumber? Phone { get; init; }

    /// <summary>0 unknown, 1 male, 2 female.</summary>
    public int Sex { get; init; }

    /// <summary>The birthday, when known.</summary>
    public Birthday? Birthday { get; init; }

    /// <summary>The home store, when known.</summary>
    public StoreId? StoreId { get; init; }

    /// <summary>The civil day of joining.</summary>
    public int JoinedDay { get; init; }

    /// <summary>Whether the member asked that nothing goes to the phone.</summary>
    public bool PrivateMode { get; init; }

    /// <summary>Whether the member was erased on request.</summary>
    public bool Erased { get; init; }
}
