using System.Text.Json;
using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Tips;

/// <summary>What an article says, and for whom and when it is meant.</summary>
/// <param name="Title">The title; neutral, since it may be read over a shoulder.</param>
/// <param name="Summary">One or two sentences.</param>
/// <param name="Paragraphs">The text.</param>
/// <param name="Topic">What it is about: a code such as <c>blood_pressure</c>.</param>
/// <param name="Source">The official body, guideline or leaflet that it rests on.</param>
public sealed record TipContent(string Title, string Summary, IReadOnlyList<string> Paragraphs, string Topic, string Source)
{
    /// <summary>Conditions that it is for: codes of <see cref="HealthTags"/>. They choose it only for who agreed to the use of health data.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Solar terms in which it is shown; empty for all year.</summary>
    public IReadOnlyList<string> Terms { get; init; } = [];

    /// <summary>Cities for which it is meant; empty for all.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>The youngest age that it is for.</summary>
    public int? AgeFrom { get; init; }

    /// <summary>The oldest.</summary>
    public int? AgeUntil { get; init; }

    /// <summary>Whether it is about the safe use of medicines: a second pharmacist reviews it.</summary>
    public bool MedicineSafety { get; init; }

    /// <summary>Everything that a reader sees, as one text.</summary>
    public string Text() => string.Join('\n', [Title, Summary, .. Paragraphs, Source]);

    internal string ToJson() => JsonSerializer.Serialize(this, TipJson.Default.TipContent);

    internal static TipContent FromJson(string json) => JsonSerializer.Deserialize(json, TipJson.Default.TipContent)!;
}

/// <summary>An article as a file: how samples and other chains' articles come in.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Content">What it says.</param>
public sealed record TipFile(string Code, TipContent Content)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="JsonException">It is not one; the message names the place.</exception>
    public static TipFile Parse(string json) => JsonSerializer.Deserialize(json, TipJson.Default.TipFile) ?? throw new JsonException("The file is empty.");
}

/// <summary>The conditions that articles are tagged with, and what points to them in a record.</summary>
public static class HealthTags
{
    private static readonly (string Tag, Phrase Name, string[] Words, string[] Therapies)[] s_tags =
    [
        ("hypertension", new("血压", "blood pressure"), ["高血压", "血压"], ["hypertension"]),
        ("diabetes", new("血糖", "blood sugar"), ["糖尿病", "血糖"], ["diabetes"]),
        ("lipids", new("血脂", "blood lipids"), ["高血脂", "血脂", "胆固醇"], ["statin", "lipids"]),
        ("heart", new("心脑血管", "heart and vessels"), ["冠心病", "心脏", "卒中", "脑梗"], ["antiplatelet", "heart", "anticoagulant"]),
        ("airways", new("呼吸道", "airways"), ["哮喘", "慢阻肺", "气管炎"], ["airways", "asthma", "copd"]),
        ("thyroid", new("甲状腺", "thyroid"), ["甲状腺", "甲减", "甲亢"], ["thyroid"]),
        ("gout", new("尿酸", "uric acid"), ["痛风", "尿酸"], ["gout"]),
        ("allergy", new("过敏", "allergy"), ["过敏"], ["allergy"]),
    ];

    /// <summary>The codes.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_tags.Select(tag => tag.Tag)];

    /// <summary>What a tag is called.</summary>
    public static Phrase Name(string tag) => Array.Find(s_tags, one => one.Tag == tag) is { Tag: not null } found ? found.Name : new(tag, tag);

    /// <summary>The tags of a record.</summary>
    internal static HashSet<string> Of(IEnumerable<string> conditions, IEnumerable<string> therapies)
    {
        var (said, taken) = (conditions.ToList(), therapies.ToHashSet());
        return [.. s_tags.Where(tag => tag.Therapies.Any(taken.Contains) || tag.Words.Any(word => said.Exists(text => text.Contains(word, StringComparison.Ordinal)))).Select(tag => tag.Tag)];
    }
}

/// <summary>Where a version of an article stands.</summary>
public enum TipState
{
    /// <summary>Waits for review.</summary>
    Draft = 1,

    /// <summary>Waits for the second pharmacist.</summary>
    ReviewedOnce = 2,

    /// <summary>Members see it while it is valid.</summary>
    Published = 3,

    /// <summary>A reviewer refused it.</summary>
    Refused = 4,

    /// <summary>Withdrawn, or replaced by a newer version.</summary>
    Withdrawn = 5,
}

/// <summary>A version of an article.</summary>
/// <param name="Id">The article.</param>
/// <param name="Code">Its stable name.</param>
/// <param name="Version">The version.</param>
/// <param name="Content">What it says.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="ValidFrom">The first day.</param>
/// <param name="ValidUntil">The last day; at most a year on, then it is reviewed anew.</param>
public sealed record TipVersion(long Id, string Code, int Version, TipContent Content, TipState State, StaffId Author, int ValidFrom, int ValidUntil)
{
    /// <summary>The pharmacist who let it out, with name and licence.</summary>
    public string? Reviewer { get; init; }

    /// <summary>The number of the licence.</summary>
    public string? LicenceNo { get; init; }

    /// <summary>The day of the review.</summary>
    public int? ReviewedDay { get; init; }
}

/// <summary>What came of a change to an article.</summary>
public enum TipOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>There is no such article or version.</summary>
    NotFound,

    /// <summary>The text may not be shown so; the findings say why.</summary>
    Refused,

    /// <summary>Another version came before, or it is not waiting for a review.</summary>
    Stale,

    /// <summary>Nobody reviews what they wrote, and nobody twice.</summary>
    OwnTip,

    /// <summary>The reviewer has no valid licence as a pharmacist.</summary>
    NoLicence,

    /// <summary>Another article has the code.</summary>
    CodeTaken,
}
