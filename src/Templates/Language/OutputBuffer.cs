using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engagement.Templates.Language;

/// <summary>Where a render writes: one growing array from the pool, kept by its context from render to render.</summary>
internal sealed class OutputBuffer(RenderContext context)
{
    // A context that once rendered a giant does not keep its memory.
    private const int KeptLength = 1 << 16;

    private char[] _characters = ArrayPool<char>.Shared.Rent(1024);

    public int Length { get; private set; }

    public ReadOnlySpan<char> Written => _characters.AsSpan(0, Length);

    public bool EndsLine => Length > 0 && _characters[Length - 1] == '\n';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<char> text)
    {
        var start = Length;
        if (text.Length > _characters.Length - start) Grow(text.Length);
        // The line above is the check of the bounds: most of a render is this copy, and it pays for one check only.
        text.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_characters), start), text.Length));
        Length = start + text.Length;
    }

    public void Append(char character)
    {
        if (Length == _characters.Length) Grow(1);
        _characters[Length++] = character;
    }

    public void Append<T>(T value, ReadOnlySpan<char> format = default) where T : ISpanFormattable
    {
        int written;
        while (!value.TryFormat(_characters.AsSpan(Length), out written, format, System.Globalization.CultureInfo.InvariantCulture))
            Grow(_characters.Length - Length + 64);
        Length += written;
    }

    /// <summary>Takes what was written since <paramref name="start"/> back out, as a text.</summary>
    public string TakeFrom(int start)
    {
        var text = new string(_characters, start, Length - start);
        Length = start;
        return text;
    }

    /// <summary>Puts blanks in front of every line that was written since <paramref name="start"/>, but for the first.</summary>
    public void IndentFrom(int start, string indent)
    {
        var written = _characters.AsSpan(start, Length - start);
        var newLine = written.IndexOf('\n');
        if ((newLine < 0 || newLine == written.Length - 1) && !(start > 0 && _characters[start - 1] == '\n')) return;

        var text = TakeFrom(start);
        for (var at = 0; at < text.Length;)
        {
            if (EndsLine) Append(indent);
            var end = text.IndexOf('\n', at) + 1;
            if (end == 0) end = text.Length;
            Append(text.AsSpan(at, end - at));
            at = end;
        }
    }

    public void Reset()
    {
        Length = 0;
        if (_characters.Length <= KeptLength) return;
        ArrayPool<char>.Shared.Return(_characters);
        _characters = ArrayPool<char>.Shared.Rent(1024);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int needed)
    {
        var limit = context.Limits.MaxOutput;
        var least = (long)Length + needed;
        if (least > limit) throw context.Fail(Faults.TooLong(limit));

        var larger = ArrayPool<char>.Shared.Rent((int)Math.Min(Math.Max(_characters.Length * 2L, least), limit));
        Written.CopyTo(larger);
        ArrayPool<char>.Shared.Return(_characters);
        _characters = larger;
    }
}
