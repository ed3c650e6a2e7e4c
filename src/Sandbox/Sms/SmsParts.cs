namespace Engagement.Sandbox.Sms;

/// <summary>How many short messages a domestic text costs.</summary>
internal static class SmsParts
{
    public const int Longest = 500;

    private const int Single = 70;
    private const int Joined = 67;

    /// <summary>The parts of a text, the signature and its brackets included; each UTF-16 unit counts one.</summary>
    public static int Count(string text) => text.Length <= Single ? 1 : (text.Length + Joined - 1) / Joined;
}
