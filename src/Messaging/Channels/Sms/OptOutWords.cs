using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>The replies by which people refuse further SMS. The list is data: <c>opt_out_words.json</c> beside this file.</summary>
public static class OptOutWords
{
    // Longer than any of the words with its dressing: a letter to us is no opt-out, and is not looked through.
    private const int LongestReply = 16;

    private static readonly FrozenSet<string> s_words = Load();

    /// <summary>Whether this whole reply is an opt-out. Width, case, spaces and punctuation around it do not matter; a word inside a sentence does not count.</summary>
    public static bool IsOptOut(string reply)
    {
        if (reply.Length > LongestReply * 4) return false;
        var folded = new StringBuilder(reply.Length);
        foreach (var unit in reply)
        {
            var half = HalfWidth(unit);
            // "Ｒ。", "【退订】", "T D": what stands around and between the letters is typing.
            if (char.IsLetterOrDigit(half)) folded.Append(char.ToUpperInvariant(half));
        }

        return folded.Length <= LongestReply && s_words.Contains(folded.ToString());
    }

    private static FrozenSet<string> Load()
    {
        using var stream = typeof(OptOutWords).Assembly.GetManifestResourceStream("Engagement.Messaging.Channels.Sms.opt_out_words.json")!;
        using var file = JsonDocument.Parse(stream);
        return file.RootElement.GetProperty("words").EnumerateArray().Select(word => word.GetString()!).ToFrozenSet(StringComparer.Ordinal);
    }

    private static char HalfWidth(char unit) => unit is >= '！' and <= '～' ? (char)(unit - '！' + '!') : unit;
}
