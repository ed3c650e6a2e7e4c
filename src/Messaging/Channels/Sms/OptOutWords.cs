using System.Collections.Frozen;
using System.Text;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>The replies by which people refuse further SMS.</summary>
public static class OptOutWords
{
    // Longer than any of the words with its dressing: a letter to us is no opt-out, and is not looked through.
    private const int LongestReply = 16;

    // R is what our texts offer; the rest is what people know from other senders, and what they simply write.
    private static readonly FrozenSet<string> s_words = new[]
    {
        "R", "T", "TD", "N", "0",
        "退订", "退訂", "拒收", "取消", "取消订阅", "不要", "不需要", "不再接收", "停止", "STOP", "UNSUBSCRIBE",
        "回复R", "回R", "拒收R", "退订R", "退订T", "退订TD", "退订N", "TD退订", "T退订",
    }.ToFrozenSet(StringComparer.Ordinal);

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

    private static char HalfWidth(char unit) => unit is >= '！' and <= '～' ? (char)(unit - '！' + '!') : unit;
}
