using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Members.Consents;

namespace Engagement.Messaging.Gate;

/// <summary>Which products a message of a kind may name in a text that others can read.</summary>
public enum MayName
{
    /// <summary>No product and no illness.</summary>
    Nothing = 1,

    /// <summary>Goods that are no drugs.</summary>
    NonDrug = 2,

    /// <summary>Anything that needs no prescription, with the marks that advertising law asks for.</summary>
    NonPrescription = 3,

    /// <summary>Illnesses in general and reviewed words, no product.</summary>
    General = 4,

    /// <summary>The recalled product and batch, to its buyer only.</summary>
    TheProduct = 5,
}

/// <summary>What holds for one kind of message (domain 4.10).</summary>
public sealed record KindRule
{
    /// <summary>The kind.</summary>
    public required MessageKind Kind { get; init; }

    /// <summary>Its delivery class.</summary>
    public required DeliveryClass Class { get; init; }

    /// <summary>Purposes that the member must all have agreed to.</summary>
    public required IReadOnlyList<Purpose> Consents { get; init; }

    /// <summary>Purposes of which one is needed; empty when none is.</summary>
    public required IReadOnlyList<Purpose> AnyConsent { get; init; }

    /// <summary>The first minute of the day at which it may go out, China time.</summary>
    public required string From { get; init; }

    /// <summary>The first minute at which it may not any more; <c>24:00</c> for the end of the day.</summary>
    public required string Until { get; init; }

    /// <summary>Whether an SMS must say how to refuse.</summary>
    public required bool OptOut { get; init; }

    /// <summary>What the text may name.</summary>
    public required MayName MayName { get; init; }

    /// <summary>Whether it may lead to a product.</summary>
    public required bool ProductLink { get; init; }

    /// <summary>Whether it is advertising: the commercial caps and refusals hold.</summary>
    public required bool Commercial { get; init; }

    /// <summary>Whether it also lands in the in-app inbox.</summary>
    public required bool Inbox { get; init; }

    /// <summary>The channels it may take, and the further consent that each needs.</summary>
    public required IReadOnlyDictionary<Channel, IReadOnlyList<Purpose>> Channels { get; init; }

    /// <summary>The minutes of the day within which it may go out: the start is inside, the end is not.</summary>
    public (int From, int Until) Minutes => (Minute(From), Minute(Until));

    private static int Minute(string time)
    {
        var parts = time.Split(':');
        return int.Parse(parts[0]) * 60 + int.Parse(parts[1]);
    }
}

/// <summary>The gate table: data, one row a kind. The file is <c>gate.json</c> beside this one.</summary>
public sealed class GateTable
{
    private readonly KindRule[] _rules;

    private GateTable(IReadOnlyList<KindRule> rules)
    {
        _rules = new KindRule[rules.Max(rule => (int)rule.Kind) + 1];
        foreach (var rule in rules) _rules[(int)rule.Kind] = rule;
        Rules = rules;
    }

    /// <summary>All rows.</summary>
    public IReadOnlyList<KindRule> Rules { get; }

    /// <summary>The row of a kind.</summary>
    public KindRule this[MessageKind kind] => _rules[(int)kind];

    /// <summary>The table that this build ships.</summary>
    public static GateTable Shipped { get; } = Load();

    private static GateTable Load()
    {
        using var stream = typeof(GateTable).Assembly.GetManifestResourceStream("Engagement.Messaging.Gate.gate.json")!;
        var table = new GateTable(JsonSerializer.Deserialize(stream, GateJson.Default.GateFile)!.Kinds);
        var missing = Enum.GetValues<MessageKind>().Where(kind => table[kind] is null).ToList();
        return missing.Count == 0 ? table : throw new InvalidOperationException($"gate.json has no row for {string.Join(", ", missing)}.");
    }
}

internal sealed record GateFile(string Source, string Checked, IReadOnlyList<KindRule> Kinds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(GateFile))]
internal sealed partial class GateJson : JsonSerializerContext;
