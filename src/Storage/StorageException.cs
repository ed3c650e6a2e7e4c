namespace Engagement.Storage;

/// <summary>Storage cannot be used as it is: locked, read-only, from a newer version, edited, or wrongly configured.</summary>
/// <remarks>The message is one sentence that a person can act on; it is shown as it is, without a stack trace.</remarks>
public sealed class StorageException(string code, Phrase sentence, Exception? cause = null) : Exception(sentence.En, cause)
{
    /// <summary>Stable code, for scripts: <c>database_locked</c>, <c>database_newer</c>, <c>migration_edited</c> …</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong and what to do, in both languages.</summary>
    public Phrase Sentence { get; } = sentence;
}
