using System.Text.Json.Serialization;
using Engagement.Members.Products;

namespace Engagement.Messaging.Audiences;

/// <summary>Who is meant: a tree whose leaves ask about facts and whose nodes combine sets of members.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(AllOf), "all")]
[JsonDerivedType(typeof(AnyOf), "any")]
[JsonDerivedType(typeof(Not), "not")]
[JsonDerivedType(typeof(BoughtWithin), "boughtWithin")]
[JsonDerivedType(typeof(BoughtClassWithin), "boughtClassWithin")]
[JsonDerivedType(typeof(VisitsAtLeast), "visitsAtLeast")]
[JsonDerivedType(typeof(SpentAtLeast), "spentAtLeast")]
[JsonDerivedType(typeof(AgeBetween), "ageBetween")]
[JsonDerivedType(typeof(InStores), "inStores")]
public abstract record AudienceRule;

/// <summary>Members whom every rule means; all members when there is none.</summary>
public sealed record AllOf(IReadOnlyList<AudienceRule> Rules) : AudienceRule;

/// <summary>Members whom at least one rule means; nobody when there is none.</summary>
public sealed record AnyOf(IReadOnlyList<AudienceRule> Rules) : AudienceRule;

/// <summary>Members whom the rule does not mean.</summary>
public sealed record Not(AudienceRule Rule) : AudienceRule;

/// <summary>Bought anything in the last days, today included.</summary>
public sealed record BoughtWithin(int Days) : AudienceRule;

/// <summary>Bought goods of these classes in the last days. Classes of medicines are refused: purchases of medicines are
/// health data and make no marketing audience (个人信息保护法 28, domain R-RX-12).</summary>
public sealed record BoughtClassWithin(IReadOnlyList<ProductClass> Classes, int Days) : AudienceRule;

/// <summary>Bought on at least so many days.</summary>
public sealed record VisitsAtLeast(int Visits) : AudienceRule;

/// <summary>Spent at least so much in all.</summary>
public sealed record SpentAtLeast(long Fen) : AudienceRule;

/// <summary>Of an age between the two, both included; members without a year of birth are not meant.</summary>
public sealed record AgeBetween(int From, int To) : AudienceRule;

/// <summary>Whose home store is one of these, by code.</summary>
public sealed record InStores(IReadOnlyList<string> Codes) : AudienceRule;
