using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Engagement.Members;

namespace Engagement.Messaging.Campaigns;

/// <summary>Who gets nothing, so that a campaign's effect can be measured against them.</summary>
/// <remarks>
/// The first 8 bytes of SHA-256(salt + member id) as a number; held out when number mod 10000 is below the share in
/// hundredths of a percent (domain 3.6). The same member falls the same way each time, and no list has to be kept.
/// </remarks>
public static class Holdout
{
    /// <summary>Whether the member is held out of the campaign with this salt.</summary>
    /// <param name="salt">The campaign's salt.</param>
    /// <param name="member">The member.</param>
    /// <param name="basisPoints">The share held out, in hundredths of a percent: 1000 is 10 %.</param>
    public static bool Contains(string salt, MemberId member, int basisPoints)
    {
        if (basisPoints <= 0) return false;
        Span<byte> input = stackalloc byte[Encoding.UTF8.GetMaxByteCount(salt.Length) + 20];
        var length = Encoding.UTF8.GetBytes(salt, input);
        member.Value.TryFormat(input[length..], out var digits, provider: CultureInfo.InvariantCulture);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(length + digits)], hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) % 10_000 < (ulong)basisPoints;
    }
}
