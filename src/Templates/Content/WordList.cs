using System.Buffers;

namespace Engagement.Templates.Content;

/// <summary>The words of the lint with their categories, found in a text in one pass.</summary>
internal sealed class WordList
{
    private readonly Dictionary<char, Entry[]> _byFirst;
    private readonly SearchValues<string> _search;

    public WordList(IEnumerable<Entry> entries)
    {
        var all = entries.Select(entry => entry with { Word = FoldedText.FoldWord(entry.Word) }).Where(entry => entry.Word.Length > 0).ToArray();
        _byFirst = all.GroupBy(entry => entry.Word[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(entry => entry.Word.Length).ToArray());
        _search = SearchValues.Create([.. all.Select(entry => entry.Word).Distinct()], StringComparison.Ordinal);
    }

    /// <param name="Category">The first column of the data file.</param>
    /// <param name="Word">The word.</param>
    /// <param name="Except">Phrases around the word in which it is not meant.</param>
    /// <param name="Product">The product of that name, when the caller gave one.</param>
    internal sealed record Entry(string Category, string Word, string[] Except, NamedProduct? Product = null);

    /// <param name="Entry">The word found.</param>
    /// <param name="Start">Where it begins in the original text.</param>
    /// <param name="Length">How much of the original text it takes.</param>
    internal readonly record struct Hit(Entry Entry, int Start, int Length);

    /// <summary>All words of the text; of those of one category that begin at one place, the longest.</summary>
    public List<Hit> Find(FoldedText text)
    {
        var hits = new List<Hit>();
        var folded = text.Folded.AsSpan();
        for (var at = 0; at < folded.Length; at++)
        {
            var next = folded[at..].IndexOfAny(_search);
            if (next < 0) break;
            at += next;
            foreach (var entry in _byFirst[folded[at]])
            {
                if (!folded[at..].StartsWith(entry.Word, StringComparison.Ordinal) || IsExcepted(folded, at, entry)) continue;
                var (start, length) = text.Original(at, entry.Word.Length);
                var covered = hits.Any(hit => hit.Entry.Category == entry.Category && start >= hit.Start && start + length <= hit.Start + hit.Length);
                if (!covered) hits.Add(new Hit(entry, start, length));
            }
        }
        return hits;
    }

    private static bool IsExcepted(ReadOnlySpan<char> text, int at, Entry entry)
    {
        foreach (var phrase in entry.Except)
        {
            var offset = phrase.IndexOf(entry.Word, StringComparison.Ordinal);
            if (offset >= 0 && at >= offset && text[(at - offset)..].StartsWith(phrase, StringComparison.Ordinal)) return true;
        }
        return false;
    }
}

/// <summary>A text as the lint reads it: half-width, small letters, without blanks that only break words up.</summary>
internal sealed class FoldedText
{
    private readonly int[]? _places;

    public FoldedText(string text)
    {
        Source = text;
        var needed = false;
        foreach (var character in text) needed |= Fold(character) != character || IsFiller(character);
        if (!needed)
        {
            Folded = text;
            return;
        }
        var folded = new char[text.Length];
        _places = new int[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsFiller(text[i])) continue;
            _places[count] = i;
            folded[count++] = Fold(text[i]);
        }
        Folded = new string(folded, 0, count);
    }

    public string Source { get; }

    public string Folded { get; }

    public (int Start, int Length) Original(int at, int length)
    {
        if (_places is null) return (at, length);
        var start = _places[at];
        return (start, _places[at + length - 1] - start + 1);
    }

    public static string FoldWord(string word) => new FoldedText(word).Folded;

    // Blanks and dots between characters are how a word is hidden from a filter.
    private static bool IsFiller(char character) =>
        char.IsWhiteSpace(character) || character is '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or '·' or '•' or '*' or '_';

    private static char Fold(char character) => character switch
    {
        >= '\uFF01' and <= '\uFF5E' and not '￥' => char.ToLowerInvariant((char)(character - 0xFEE0)),
        _ => char.ToLowerInvariant(character),
    };
}
