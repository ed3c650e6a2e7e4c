using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Storage;

namespace Engagement.Members.Consents;

/// <summary>A version of the privacy guide, as it is shown before anything is asked.</summary>
/// <param name="Version">Its version; what was shown is kept with what was agreed to.</param>
/// <param name="Title">Its title.</param>
/// <param name="Paragraphs">Its text.</param>
public sealed record PrivacyGuide(string Version, Phrase Title, IReadOnlyList<Phrase> Paragraphs);

/// <summary>A version of the text of one consent.</summary>
/// <param name="Purpose">Its purpose, as a code.</param>
/// <param name="Version">Its version.</param>
/// <param name="Material">Whether purpose, way or kinds of data changed with it: then earlier consents are asked for again.</param>
/// <param name="Title">Its title.</param>
/// <param name="Text">What the member agrees to.</param>
public sealed record ConsentText(string Purpose, string Version, bool Material, Phrase Title, Phrase Text);

/// <summary>What members are shown and asked: every version that was ever in use, the newest last. The file is <c>texts.json</c>; a version is never changed.</summary>
public static partial class ConsentTexts
{
    private static readonly TextFile s_file = Load();

    /// <summary>The guide of today.</summary>
    public static PrivacyGuide Guide => s_file.Guides[^1];

    /// <summary>The text of today for a purpose.</summary>
    public static ConsentText Of(Purpose purpose) => s_file.Consents.Last(text => text.Purpose == PurposeNames.Code(purpose));

    /// <summary>Whether a version that somebody agreed to must be asked for again. A version of another origin (a till's form) is not ours to judge.</summary>
    public static bool MustRenew(Purpose purpose, string version)
    {
        var versions = s_file.Consents.Where(text => text.Purpose == PurposeNames.Code(purpose)).ToList();
        var agreed = versions.FindIndex(text => text.Version == version);
        return agreed >= 0 && versions.Skip(agreed + 1).Any(text => text.Material);
    }

    private static TextFile Load()
    {
        using var stream = typeof(ConsentTexts).Assembly.GetManifestResourceStream("Engagement.Members.Consents.texts.json")!;
        var file = JsonSerializer.Deserialize(stream, TextJson.Default.TextFile)!;
        var missing = Enum.GetValues<Purpose>().Where(purpose => file.Consents.All(text => text.Purpose != PurposeNames.Code(purpose))).ToList();
        return missing.Count == 0 ? file : throw new InvalidOperationException($"texts.json has no text for {string.Join(", ", missing)}.");
    }

    private sealed record TextFile(IReadOnlyList<PrivacyGuide> Guides, IReadOnlyList<ConsentText> Consents);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true)]
    [JsonSerializable(typeof(TextFile))]
    private sealed partial class TextJson : JsonSerializerContext;
}
