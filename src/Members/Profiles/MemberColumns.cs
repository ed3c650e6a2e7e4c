using Engagement.Storage;

namespace Engagement.Members.Profiles;

/// <summary>How the personal columns of a member are encrypted and looked up; whoever reads them needs the same words.</summary>
public static class MemberColumns
{
    /// <summary>The cipher column of <c>member.name_cipher</c>.</summary>
    public static readonly CipherColumn Name = new("member", "name");

    /// <summary>The cipher column of <c>member.phone_cipher</c>.</summary>
    public static readonly CipherColumn Phone = new("member", "phone");

    /// <summary>The blind index of a phone's eleven digits; suppression uses it too.</summary>
    public const string PhoneIndex = "phone";

    /// <summary>The blind index of a phone's last four digits.</summary>
    public const string TailIndex = "tail";

    /// <summary>The blind index of a name's compare form.</summary>
    public const string NameIndex = "name";
}
