namespace Engagement.Templates.Content;

/// <summary>How many messages a mainland carrier bills for one text.</summary>
public static class SmsSegments
{
    /// <summary>Characters that fit into a text of one part.</summary>
    public const int SinglePart = 70;

    /// <summary>Characters that fit into each part of a longer text; the rest carries the parts' order.</summary>
    public const int PartOfMany = 67;

    /// <summary>The longest text that Aliyun, Tencent and Huawei take.</summary>
    public const int Longest = 500;

    /// <summary>The parts as billed in China, where every character counts as one, be it a letter, a digit or Chinese.</summary>
    /// <param name="wholeText">The text as it goes out: signature with its brackets, variables filled in, opt-out words.</param>
    /// <returns>0 for an empty text, 1 up to 70 characters, else one for each 67 begun. An emoji counts two, as UCS-2 carries it.</returns>
    public static int Count(ReadOnlySpan<char> wholeText) => wholeText.Length switch
    {
        0 => 0,
        <= SinglePart => 1,
        var length => (length + PartOfMany - 1) / PartOfMany,
    };
}
