namespace Engagement.Templates.Language;

/// <summary>One sentence in the two languages of our readers.</summary>
internal readonly record struct Wording(string English, string Chinese);
