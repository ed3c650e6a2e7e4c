using Engagement.Templates;

namespace Engagement.Messaging.Content;

/// <summary>Which engine renders the templates. Bound from <c>Templates</c>; refused at start when this build does not have it.</summary>
public sealed class TemplateOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Templates";

    /// <summary>The engine.</summary>
    /// <value>Default <see cref="TemplateEngineKind.BuiltIn"/>; <see cref="TemplateEngineKind.Scriban"/> needs a build with FullRegistry=true.</value>
    public TemplateEngineKind Engine { get; set; }

    internal const string NotHere = "Templates:Engine names an engine that this build does not have: build with FullRegistry=true or choose BuiltIn.";
}
