using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// A chain's data as rows for the importers. The sequences are made while they are read and may be read again;
/// none of them is ever held whole, so a million members need no more memory than a thousand.
/// </summary>
internal sealed record ChainData
{
    /// <summary>The source code that members and lines carry (the story's five people carry <see cref="Story.Source"/>).</summary>
    public required string Source { get; init; }

    /// <summary>The people in <see cref="Members"/>, the story's five included, duplicate rows not.</summary>
    public required int People { get; init; }

    /// <summary>The stores.</summary>
    public required IReadOnlyList<StoreRow> Stores { get; init; }

    /// <summary>The product master.</summary>
    public required IReadOnlyList<ProductRow> Products { get; init; }

    /// <summary>The members, with duplicates as a real card system has them.</summary>
    public required IEnumerable<MemberRow> Members { get; init; }

    /// <summary>The lines of all tickets; lines of a ticket stand together, tickets of a member too, oldest first.</summary>
    public required IEnumerable<PurchaseLineRow> Lines { get; init; }

    /// <summary>Who has which openid, and what they subscribed to.</summary>
    public required IEnumerable<DemoIdentity> Identities { get; init; }

    /// <summary>What was made and is not from a real source, one sentence each, for the summary.</summary>
    public required IReadOnlyList<Phrase> Made { get; init; }

    /// <summary>Rows of a real export that could not be used; empty for a chain that was made.</summary>
    public IReadOnlyList<Rejection> Rejected { get; init; } = [];
}

/// <summary>A member's identity in the mini-program.</summary>
/// <param name="Source">The source of the member number.</param>
/// <param name="MemberNo">The member number there.</param>
/// <param name="OpenId">The openid.</param>
/// <param name="Grants">What the member accepted; empty when they never tapped "allow".</param>
internal sealed record DemoIdentity(string Source, string MemberNo, string OpenId, IReadOnlyList<DemoGrant> Grants)
{
    /// <summary>Masked: an openid leads to a person.</summary>
    public override string ToString() => $"identity of {MemberNo}";
}

/// <summary>Subscribe messages that a member allowed: one tap, one message.</summary>
/// <param name="TemplateKey"><c>birthday</c>, <c>refill</c> or <c>promotion</c>.</param>
/// <param name="Count">How many are left.</param>
internal readonly record struct DemoGrant(string TemplateKey, int Count);
