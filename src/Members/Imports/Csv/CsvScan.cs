using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Engagement.Members.Imports.Csv;

/// <summary>Looks at the bytes of a CSV file: is it text, of which encoding, with which delimiter, and does every quote close?</summary>
/// <remarks>In UTF-8 and in GB18030 the bytes of quote, delimiters and line feed never are part of another character.</remarks>
internal sealed class CsvScan
{
    // A quoted field of this size is a quote that somebody forgot to close.
    private const int LongestField = 1_000_000;
    private const int LongestLine = 8_000_000;

    private static readonly SearchValues<byte> s_marks = SearchValues.Create("\"\n\0"u8);

    private static readonly SearchValues<byte> s_blanks = SearchValues.Create(" \t\r\n,;"u8);

    private readonly byte[] _tail = new byte[3];
    private ImportFileError? _error;
    private long _read;
    private long _lineStart;
    private long _quoteStart;
    private int _quoteLine;
    private int _line = 1;
    private int _tailLength;
    private byte _before = (byte)'\n';
    private bool _quoted;
    private bool _quoteSeen;
    private bool _anyText;

    /// <summary>The line of the first bytes that are not UTF-8, or 0.</summary>
    public int NotUtf8Line { get; private set; }

    public char Delimiter { get; private set; } = ',';

    public long Lines => _before == '\n' ? _line - 1 : _line;

    /// <summary>Takes the next bytes; false when there is no use in reading on.</summary>
    public bool Read(ReadOnlySpan<byte> bytes)
    {
        if (_read == 0) bytes = Begin(bytes);
        if (_error is not null) return false;
        if (!_anyText) _anyText = bytes.ContainsAnyExcept(s_blanks);
        if (NotUtf8Line == 0) CheckUtf8(bytes);
        Walk(bytes);
        _read += bytes.Length;
        return _error is null;
    }

    /// <summary>After the last bytes: what is wrong with the file, or <c>null</c>.</summary>
    public ImportFileError? Finish()
    {
        if (_tailLength > 0 && NotUtf8Line == 0) NotUtf8Line = _line;
        if (_quoted && !_quoteSeen) _error ??= FileErrors.OpenQuote(_quoteLine);
        return _error ?? (_anyText ? null : FileErrors.Empty);
    }

    private ReadOnlySpan<byte> Begin(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xd0, 0xcf, 0x11, 0xe0])) _error = FileErrors.Workbook;
        else if (bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])) _error = FileErrors.Utf16;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf])) bytes = bytes[3..];
        var end = bytes.IndexOf((byte)'\n');
        var first = end < 0 ? bytes : bytes[..end];
        var (commas, tabs, semicolons) = (first.Count((byte)','), first.Count((byte)'\t'), first.Count((byte)';'));
        Delimiter = tabs > commas && tabs >= semicolons ? '\t' : semicolons > commas ? ';' : ',';
        return bytes;
    }

    private void CheckUtf8(ReadOnlySpan<byte> bytes)
    {
        if (_tailLength > 0)
        {
            // The character that the last bytes began, with what it needs from these.
            Span<byte> joint = stackalloc byte[8];
            _tail.AsSpan(0, _tailLength).CopyTo(joint);
            var more = Math.Min(Needed(_tail[0]) - _tailLength, bytes.Length);
            bytes[..more].CopyTo(joint[_tailLength..]);
            if (!Utf8.IsValid(joint[..(_tailLength + more)]))
            {
                NotUtf8Line = _line;
                return;
            }

            bytes = bytes[more..];
        }

        _tailLength = IncompleteTail(bytes);
        bytes[^_tailLength..].CopyTo(_tail);
        bytes = bytes[..^_tailLength];
        if (Utf8.IsValid(bytes)) return;
        var good = 0;
        while (Rune.DecodeFromUtf8(bytes[good..], out _, out var length) == OperationStatus.Done) good += length;
        NotUtf8Line = _line + bytes[..good].Count((byte)'\n');
    }

    private static int Needed(byte lead) => lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            if ((bytes[^back] & 0xc0) != 0x80) return Needed(bytes[^back]) > back ? back : 0;
        }

        return 0;
    }

    private void Walk(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length && _error is null;)
        {
            var step = bytes[at..].IndexOfAny(s_marks);
            if (step < 0) break;
            at += step;
            var before = at > 0 ? bytes[at - 1] : _before;
            // A quote inside a quoted field closes it, unless the next byte is another quote.
            if (_quoteSeen && (step > 0 || bytes[at] != '"')) (_quoted, _quoteSeen) = (false, false);
            Mark(bytes[at], before, _read + at);
            at++;
        }

        if (_quoteSeen && bytes.Length > 0 && bytes[^1] != '"') (_quoted, _quoteSeen) = (false, false);
        if (bytes.Length > 0) _before = bytes[^1];
        var here = _read + bytes.Length;
        if (_quoted && here - _quoteStart > LongestField) _error ??= FileErrors.OpenQuote(_quoteLine);
        if (!_quoted && here - _lineStart > LongestLine) _error ??= FileErrors.LongLine(_line);
    }

    private void Mark(byte mark, byte before, long position)
    {
        switch (mark)
        {
            case (byte)'\n':
                if (_quoted && position - _quoteStart > LongestField) _error = FileErrors.OpenQuote(_quoteLine);
                (_line, _lineStart) = (_line + 1, position + 1);
                break;
            case (byte)'"' when _quoted:
                _quoteSeen = !_quoteSeen;
                break;
            case (byte)'"' when before == '\n' || before == Delimiter:
                (_quoted, _quoteSeen, _quoteLine, _quoteStart) = (true, false, _line, position);
                break;
            case 0:
                _error = FileErrors.Binary(_line);
                break;
        }
    }
}
