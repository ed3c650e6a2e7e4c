namespace Engagement.Members.Profiles;

/// <summary>A member as the table has it, while an import decides what to change. Names and phones stay encrypted.</summary>
internal sealed class MemberRecord
{
    public required long Id { get; init; }

    public required string Source { get; init; }

    public required string MemberNo { get; init; }

    public byte[]? NameCipher { get; set; }

    public string? NameIndex { get; set; }

    public byte[]? PhoneCipher { get; set; }

    public string? PhoneIndex { get; set; }

    public string? TailIndex { get; set; }

    public int Sex { get; set; }

    public int? BirthYear { get; set; }

    public int? BirthMonthDay { get; set; }

    public long? StoreId { get; set; }

    public int JoinedDay { get; set; }

    public bool PrivateMode { get; set; }

    public bool Erased { get; init; }

    /// <summary>Which source each value came from, by field.</summary>
    public Dictionary<string, string> FieldSources { get; init; } = [];

    public string ContentHash { get; set; } = "";

    /// <summary>Not in the table yet.</summary>
    public bool IsNew { get; init; }

    /// <summary>A value was changed: versions rise.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Only the content hash was changed: nobody else needs to know.</summary>
    public bool IsTouched { get; set; }
}
