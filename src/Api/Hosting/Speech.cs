using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>The language in which this process speaks to people: that of the environment (<c>LC_ALL</c>, then <c>LANG</c>).</summary>
internal static class Speech
{
    public static Language Language { get; } =
        (Environment.GetEnvironmentVariable("LC_ALL") is { Length: > 0 } all ? all : Environment.GetEnvironmentVariable("LANG") ?? "")
        .StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? Language.Chinese : Language.English;

    /// <summary>The sentence in the language of the environment.</summary>
    public static string Say(string zh, string en) => new Phrase(zh, en).In(Language);

    /// <inheritdoc cref="Say(string, string)"/>
    public static string Say(this Phrase phrase) => phrase.In(Language);
}
