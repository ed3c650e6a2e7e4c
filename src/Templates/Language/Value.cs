using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engagement.Templates.Language;

internal enum ValueKind : byte
{
    /// <summary>The value null; what `default(Value)` is.</summary>
    Null,

    /// <summary>A slot that was never set: reads as null, but lets outer scopes be asked.</summary>
    Missing,
    Boolean, Integer, Float, Double, Decimal, BigInteger, Text, Date, TimeSpan, List, Object, Function,
}

/// <summary>Any value of the language, without a box for numbers, dates and truth values.</summary>
internal readonly struct Value
{
    private readonly object? _reference;
    private readonly long _bits;
    private readonly int _extra;

    private Value(ValueKind kind, object? reference, long bits = 0, int extra = 0)
    {
        Kind = kind;
        _reference = reference;
        _bits = bits;
        _extra = extra;
    }

    public static readonly Value Null;
    public static readonly Value Missing = new(ValueKind.Missing, null);
    public static readonly Value True = new(ValueKind.Boolean, null, 1);
    public static readonly Value False = new(ValueKind.Boolean, null);
    public static readonly Value EmptyText = new(ValueKind.Text, "");

    public ValueKind Kind { get; }

    public bool IsNull => Kind <= ValueKind.Missing;

    public bool IsMissing => Kind == ValueKind.Missing;

    public bool IsNumber => Kind is >= ValueKind.Integer and <= ValueKind.BigInteger;

    /// <summary>Everything but null, false and `empty` is true; so are 0, "" and [].</summary>
    public bool IsTrue => Kind == ValueKind.Boolean ? _bits != 0 : Kind > ValueKind.Missing && !IsEmptyObject;

    /// <summary>Whether this is what the name `empty` means, which is less than an object without members.</summary>
    public bool IsEmptyObject => Kind == ValueKind.Object && _reference is EmptyObject;

    public long Integer => _bits;

    public double Double => BitConverter.Int64BitsToDouble(_bits);

    public float Single => (float)Double;

    public BigInteger Big => Kind == ValueKind.BigInteger ? (BigInteger)_reference! : _bits;

    // The kind says what the reference is, so these need no second check.
    public string Text => Unsafe.As<string>(_reference)!;

    public DateTimeOffset Date => new(_bits, TimeSpan.FromMinutes(_extra));

    public TimeSpan Span => TimeSpan.FromTicks(_bits);

    public ListValue List => Unsafe.As<ListValue>(_reference)!;

    public ObjectValue Object => Unsafe.As<ObjectValue>(_reference)!;

    public FunctionValue Function => Unsafe.As<FunctionValue>(_reference)!;

    /// <summary>A decimal's 96 bits lie in the integer and the reference-free rest, so money needs no box.</summary>
    public decimal Decimal
    {
        get
        {
            var high = _reference is HighBits bits ? bits.Value : 0;
            return new decimal((int)_bits, (int)(_bits >> 32), high, _extra < 0, (byte)(_extra & 0xFF));
        }
    }

    public static Value From(bool value) => value ? True : False;

    public static Value From(long value) => new(ValueKind.Integer, null, value);

    public static Value From(double value) => new(ValueKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static Value FromSingle(float value) => new(ValueKind.Float, null, BitConverter.DoubleToInt64Bits(value));

    public static Value From(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var scale = (parts[3] >> 16) & 0xFF;
        return new Value(
            ValueKind.Decimal, parts[2] == 0 ? null : new HighBits(parts[2]),
            (uint)parts[0] | ((long)parts[1] << 32), parts[3] < 0 ? scale | int.MinValue : scale);
    }

    /// <summary>An integer of any size; those that fit into 64 bits become plain integers.</summary>
    public static Value From(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? From((long)value) : new Value(ValueKind.BigInteger, value);

    public static Value From(string? value) => value is null ? Null : new Value(ValueKind.Text, value);

    public static Value From(DateTimeOffset value) =>
        new(ValueKind.Date, null, value.Ticks, (int)(value.Offset.Ticks / TimeSpan.TicksPerMinute));

    public static Value From(TimeSpan value) => new(ValueKind.TimeSpan, null, value.Ticks);

    public static Value From(ListValue value) => new(ValueKind.List, value);

    public static Value From(ObjectValue value) => new(ValueKind.Object, value);

    public static Value From(FunctionValue value) => new(ValueKind.Function, value);

    // More than 64 bits of money digits: rare enough for an object.
    private sealed record HighBits(int Value);
}
