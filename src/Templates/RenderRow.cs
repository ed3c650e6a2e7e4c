using Engagement.Templates.Language;

namespace Engagement.Templates;

/// <summary>The values of one row of a schema; filled, rendered, and filled again for the next row.</summary>
/// <remarks>A column that was not set reads as null. Not thread-safe: one thread fills and renders a row at a time.</remarks>
public sealed class RenderRow
{
    private readonly Value[] _values;

    /// <summary>Makes an empty row.</summary>
    /// <param name="schema">The columns of the row.</param>
    public RenderRow(RenderSchema schema)
    {
        Schema = schema;
        _values = new Value[schema.Paths.Count];
    }

    /// <summary>The columns of the row.</summary>
    public RenderSchema Schema { get; }

    /// <summary>Sets a column to a text, or to null.</summary>
    public void Set(int column, string? value) => _values[column] = Value.From(value);

    /// <summary>Sets a column to an integer.</summary>
    public void Set(int column, long value) => _values[column] = Value.From(value);

    /// <summary>Sets a column to a floating-point number.</summary>
    public void Set(int column, double value) => _values[column] = Value.From(value);

    /// <summary>Sets a column to a decimal number, such as an amount of money.</summary>
    public void Set(int column, decimal value) => _values[column] = Value.From(value);

    /// <summary>Sets a column to true or false.</summary>
    public void Set(int column, bool value) => _values[column] = Value.From(value);

    /// <summary>Sets a column to a time; templates read its date and hour in China (+08:00).</summary>
    public void Set(int column, DateTimeOffset value) => _values[column] = Value.From(value.ToOffset(ChinaTime.Offset));

    /// <summary>Sets a column to a list of rows; the list is read when the row is rendered, not copied.</summary>
    public void Set(int column, RenderList value) => _values[column] = Value.From(value.AsList);

    /// <summary>Sets a column to a list of texts, which is copied.</summary>
    public void Set(int column, IEnumerable<string> values) =>
        _values[column] = Value.From(new ArrayValue(values.Select(Value.From)));

    /// <summary>Forgets all values.</summary>
    public void Clear() => Array.Clear(_values);

    /// <summary>The value of a column as a .NET object, for engines other than our own: null, string, bool, a number, a date, or a list of rows.</summary>
    public object? this[int column] => Formatter.Box(_values[column]);

    internal ref readonly Value Get(int column) => ref _values[column];

    internal void Set(int column, Value value) => _values[column] = value;

    internal ObjectValue View => field ??= new RowView(this, Schema.Root);
}

/// <summary>A list of rows for a loop, such as a member's coupons; reused from message to message.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class RenderList
{
    private readonly RenderSchema _schema;
    private readonly List<RenderRow> _rows = [];

    /// <summary>Makes an empty list.</summary>
    /// <param name="schema">The columns of its rows: `name` is read as `coupon.name` in `for coupon in coupons`.</param>
    public RenderList(RenderSchema schema)
    {
        _schema = schema;
        AsList = new Adapter(this);
    }

    /// <summary>How many rows the list has.</summary>
    public int Count { get; private set; }

    /// <summary>The row at a place, counted from 0.</summary>
    public RenderRow this[int index] =>
        index < Count ? _rows[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Adds a row, empty, to be filled by the caller.</summary>
    public RenderRow Add()
    {
        if (Count == _rows.Count) _rows.Add(new RenderRow(_schema));
        var row = _rows[Count++];
        row.Clear();
        return row;
    }

    /// <summary>Removes all rows; their memory is kept for the next ones.</summary>
    public void Clear() => Count = 0;

    internal ListValue AsList { get; }

    internal sealed class Adapter(RenderList list) : ListValue
    {
        public RenderList Rows => list;

        public override int Count => list.Count;

        public override Value this[int index] => Value.From(list._rows[index].View);
    }
}

/// <summary>A row, or the part of it below a name, seen as an object that cannot be changed.</summary>
internal sealed class RowView(RenderRow row, SchemaNode node) : ObjectValue
{
    public RenderRow Row => row;

    public SchemaNode Node => node;

    public override int Count => node.Children.Count;

    public override IEnumerable<KeyValuePair<string, Value>> Members =>
        node.Children.Select(child => new KeyValuePair<string, Value>(child.Key, ValueOf(row, child.Value)));

    public override bool TryGet(string name, out Value value)
    {
        if (node.Children.TryGetValue(name, out var child))
        {
            value = ValueOf(row, child);
            return true;
        }
        value = Value.Null;
        return false;
    }

    public static Value ValueOf(RenderRow row, SchemaNode node) =>
        node.Column >= 0 ? row.Get(node.Column) : Value.From(new RowView(row, node));
}

/// <summary>China has one time zone and no summer time.</summary>
internal static class ChinaTime
{
    public static readonly TimeSpan Offset = TimeSpan.FromHours(8);
}
