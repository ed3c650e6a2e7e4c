using Engagement.Members.Imports;

namespace Engagement.Api.Demo.Chain;

/// <summary>One invented person: the row of the card system, and what the row does not say.</summary>
internal sealed record Person
{
    /// <summary>The number of the person in its chain, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The row for the import.</summary>
    public required MemberRow Row { get; init; }

    /// <summary>The subscribe messages that the person allowed.</summary>
    public required IReadOnlyList<DemoGrant> Grants { get; init; }

    /// <summary>Whether the person takes medicines for long.</summary>
    public required bool Chronic { get; init; }

    /// <summary>The day of the first purchase; <c>null</c> when the person never bought.</summary>
    public required int? FirstPurchase { get; init; }

    /// <summary>For those who are appointed to be due for a refill today: the last day that their supply covers.</summary>
    public int? CoverageEnd { get; init; }

    /// <summary>The identity in the mini-program, when there is one.</summary>
    public DemoIdentity? Identity => Row.OpenId.Length == 0 ? null : new DemoIdentity(Row.Source, Row.MemberNo, Row.OpenId, Grants);

    /// <summary>Masked.</summary>
    public override string ToString() => $"person {Index}";
}

/// <summary>What the source already knows of a person; the rest is made.</summary>
/// <param name="MemberNo">The number on the card.</param>
/// <param name="Chronic">Whether the person takes medicines for long.</param>
/// <param name="FirstPurchase">The day of the first purchase, or <c>null</c>.</param>
internal readonly record struct Known(string MemberNo, bool Chronic, int? FirstPurchase);
