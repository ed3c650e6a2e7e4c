using System.Buffers.Binary;
using System.Text;

namespace Engagement.Sandbox.Ledger;

/// <summary>
/// Every accepted message, in order of acceptance. Entries are packed as UTF-8 into large blocks, because a benchmark
/// keeps a million of them and a million objects would be felt in every garbage collection. Safe for any thread.
/// </summary>
internal sealed class MessageLedger
{
    // status 1, channel 1, parts 1, template 2, signature 2, time 8; then seven texts, each after its length.
    private const int HeaderSize = 15;
    private const int BlockSize = 1 << 20;

    private readonly Lock _gate = new();
    private readonly NameTable _templates = new();
    private readonly NameTable _signNames = new();
    private readonly List<byte[]> _blocks = [];
    private readonly List<(int Block, int Offset)> _positions = [];
    private int _used = BlockSize;
    private long _first = 1;

    /// <summary>The smallest sequence number still held; numbers never start again, not even after a reset.</summary>
    public long First
    {
        get { lock (_gate) return _first; }
    }

    /// <summary>The newest sequence number, one less than <see cref="First"/> when the ledger is empty.</summary>
    public long Last
    {
        get { lock (_gate) return _first + _positions.Count - 1; }
    }

    /// <summary>Adds an entry; its sequence number.</summary>
    public long Append(in LedgerEntry entry)
    {
        string[] texts = [entry.To, entry.Reference, entry.ProviderRef, entry.Text, entry.Page, entry.DataJson, entry.ExtendCode];
        var size = HeaderSize;
        foreach (var text in texts) size += 5 + Encoding.UTF8.GetMaxByteCount(text.Length);
        lock (_gate)
        {
            if (_blocks.Count == 0 || _used + size > _blocks[^1].Length)
            {
                _blocks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(BlockSize, size)));
                _used = 0;
            }
            _positions.Add((_blocks.Count - 1, _used));
            _used += Write(entry, texts, _blocks[^1].AsSpan(_used));
            return _first + _positions.Count - 1;
        }
    }

    /// <summary>The entry, or <c>null</c> when a reset has removed it.</summary>
    public LedgerEntry? Find(long seq)
    {
        lock (_gate) return Holds(seq) ? Read(EntryAt(seq)) : null;
    }

    /// <summary>The first entry after <paramref name="seq"/> of this channel and recipient (<c>null</c> or empty = any).</summary>
    public (long Seq, LedgerEntry Entry)? NextAfter(long seq, Channel? channel, byte[]? to)
    {
        lock (_gate)
        {
            for (seq = Math.Max(seq + 1, _first); Holds(seq); seq++)
            {
                var bytes = EntryAt(seq);
                if (IsOf(bytes, channel, to)) return (seq, Read(bytes));
            }
            return null;
        }
    }

    /// <summary>The newest entry of this channel and recipient.</summary>
    public (long Seq, LedgerEntry Entry)? Newest(Channel channel, string to)
    {
        var wanted = Encoding.UTF8.GetBytes(to);
        lock (_gate)
        {
            for (var seq = _first + _positions.Count - 1; Holds(seq); seq--)
            {
                var bytes = EntryAt(seq);
                if (IsOf(bytes, channel, wanted)) return (seq, Read(bytes));
            }
            return null;
        }
    }

    public void SetStatus(long seq, DeliveryStatus status)
    {
        lock (_gate)
        {
            if (Holds(seq)) EntryAt(seq)[0] = (byte)status;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _first += _positions.Count;
            _positions.Clear();
            _positions.TrimExcess();
            _blocks.Clear();
            _used = BlockSize;
        }
    }

    private bool Holds(long seq) => seq >= _first && seq - _first < _positions.Count;

    private Span<byte> EntryAt(long seq)
    {
        var (block, offset) = _positions[(int)(seq - _first)];
        return _blocks[block].AsSpan(offset);
    }

    private static bool IsOf(ReadOnlySpan<byte> bytes, Channel? channel, byte[]? to)
    {
        if (channel is { } wanted && bytes[1] != (byte)wanted) return false;
        if (to is null or { Length: 0 }) return true;
        var rest = bytes[HeaderSize..];
        return NextText(ref rest).SequenceEqual(to);
    }

    private int Write(in LedgerEntry entry, string[] texts, Span<byte> target)
    {
        target[0] = (byte)entry.Status;
        target[1] = (byte)entry.Channel;
        target[2] = (byte)entry.Parts;
        BinaryPrimitives.WriteUInt16LittleEndian(target[3..], _templates.IndexOf(entry.TemplateId));
        BinaryPrimitives.WriteUInt16LittleEndian(target[5..], _signNames.IndexOf(entry.SignName));
        BinaryPrimitives.WriteInt64LittleEndian(target[7..], entry.AtMs);
        var at = HeaderSize;
        foreach (var text in texts) at += WriteText(text, target[at..]);
        return at;
    }

    // One length byte is enough for nearly every text; 255 announces a four-byte length.
    private static int WriteText(string text, Span<byte> target)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var head = length < 255 ? 1 : 5;
        target[0] = (byte)Math.Min(length, 255);
        if (head == 5) BinaryPrimitives.WriteInt32LittleEndian(target[1..], length);
        return head + Encoding.UTF8.GetBytes(text, target[head..]);
    }

    private static ReadOnlySpan<byte> NextText(ref ReadOnlySpan<byte> rest)
    {
        var (head, length) = rest[0] < 255 ? (1, rest[0]) : (5, BinaryPrimitives.ReadInt32LittleEndian(rest[1..]));
        var text = rest.Slice(head, length);
        rest = rest[(head + length)..];
        return text;
    }

    private LedgerEntry Read(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes[HeaderSize..];
        var to = Encoding.UTF8.GetString(NextText(ref rest));
        var reference = Encoding.UTF8.GetString(NextText(ref rest));
        var providerRef = Encoding.UTF8.GetString(NextText(ref rest));
        return new LedgerEntry(
            (Channel)bytes[1],
            (DeliveryStatus)bytes[0],
            BinaryPrimitives.ReadInt64LittleEndian(bytes[7..]),
            to,
            _templates.NameAt(BinaryPrimitives.ReadUInt16LittleEndian(bytes[3..])),
            reference,
            providerRef,
            _signNames.NameAt(BinaryPrimitives.ReadUInt16LittleEndian(bytes[5..])),
            Text: Encoding.UTF8.GetString(NextText(ref rest)),
            Page: Encoding.UTF8.GetString(NextText(ref rest)),
            DataJson: Encoding.UTF8.GetString(NextText(ref rest)),
            ExtendCode: Encoding.UTF8.GetString(NextText(ref rest)),
            Parts: bytes[2]);
    }

    /// <summary>Names that recur in nearly every entry, kept once. What comes after the 65,535th is kept as no name.</summary>
    private sealed class NameTable
    {
        private readonly List<string> _names = [""];
        private readonly Dictionary<string, ushort> _indexes = new(StringComparer.Ordinal) { [""] = 0 };

        public string NameAt(ushort index) => _names[index];

        public ushort IndexOf(string name)
        {
            if (_indexes.TryGetValue(name, out var index)) return index;
            if (_names.Count > ushort.MaxValue) return 0;
            index = (ushort)_names.Count;
            _names.Add(name);
            _indexes.Add(name, index);
            return index;
        }
    }
}
