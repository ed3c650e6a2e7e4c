using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Engagement.Storage.Audit;

/// <summary>How a row is hashed. Written down here so that anybody can compute it again, with any tool.</summary>
/// <remarks>
/// SHA-256 over the 32 bytes of the hash before it, then each field as <c>LENGTH:TEXT\n</c> (length in UTF-8 bytes, <c>-\n</c> for NULL) in the order
/// seq, at, actor_id, actor, role, store_id, action, member_id, subject, purpose, outcome, detail; numbers in decimal.
/// The first row follows 32 zero bytes.
/// </remarks>
internal static class AuditChain
{
    /// <summary>The hash of a row that follows <paramref name="previous"/>.</summary>
    public static string Hash(string previous, long seq, long at, AuditEntry entry)
    {
        var content = new StringBuilder();
        Add(content, seq);
        Add(content, at);
        Add(content, entry.Actor.Id);
        Add(content, entry.Actor.Name);
        Add(content, entry.Actor.Role);
        Add(content, entry.Actor.StoreId);
        Add(content, entry.Action);
        Add(content, entry.MemberId);
        Add(content, entry.Subject);
        Add(content, entry.Purpose);
        Add(content, entry.Outcome);
        Add(content, entry.Detail);
        return Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(previous), .. Encoding.UTF8.GetBytes(content.ToString())]));
    }

    private static void Add(StringBuilder content, long? number) => Add(content, number?.ToString(CultureInfo.InvariantCulture));

    private static void Add(StringBuilder content, string? text)
    {
        if (text is null) content.Append("-\n");
        else content.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(text)}:{text}\n");
    }
}

/// <summary>What a look at the whole chain found.</summary>
/// <param name="Rows">How many rows were looked at.</param>
/// <param name="Head">The end of the chain as the database says it is.</param>
/// <param name="BrokenAt">The first row that does not follow from those before it; <c>null</c> when all do.</param>
/// <param name="Problem">What is wrong there; <c>null</c> when nothing is.</param>
public sealed record AuditVerdict(long Rows, AuditHead Head, long? BrokenAt, Phrase? Problem);
