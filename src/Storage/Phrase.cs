namespace Engagement.Storage;

/// <summary>One sentence in the two languages that people read here.</summary>
/// <param name="Zh">The sentence in Chinese.</param>
/// <param name="En">The sentence in English.</param>
public readonly record struct Phrase(string Zh, string En)
{
    /// <summary>The sentence in the asked language.</summary>
    public string In(Language language) => language == Language.Chinese ? Zh : En;

    /// <inheritdoc/>
    public override string ToString() => En;
}

/// <summary>The languages in which the system speaks to people.</summary>
public enum Language
{
    /// <summary>简体中文.</summary>
    Chinese = 1,

    /// <summary>English.</summary>
    English = 2,
}
