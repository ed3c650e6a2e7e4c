namespace Engagement.Templates.Language;

/// <summary>Anything that a loop can walk and an index can reach.</summary>
internal abstract class ListValue
{
    public abstract int Count { get; }

    public abstract Value this[int index] { get; }

    /// <summary>Whether `object.typeof` calls it an iterator rather than an array.</summary>
    public virtual bool IsRange => false;

    /// <summary>Named members that hang on the list (`array.x = 1`, the named arguments in `$`).</summary>
    public virtual ObjectValue? Members => null;
}

/// <summary>A list made by a template: grows, can be assigned to, and may carry members.</summary>
internal sealed class ArrayValue : ListValue
{
    private readonly List<Value> _items;
    private MapValue? _members;

    public ArrayValue() => _items = [];

    public ArrayValue(ReadOnlySpan<Value> items)
    {
        _items = new List<Value>(items.Length);
        _items.AddRange(items);
    }

    public ArrayValue(IEnumerable<Value> items) => _items = [.. items];

    public override int Count => _items.Count;

    public override Value this[int index] => _items[index];

    public override ObjectValue? Members => _members;

    public MapValue MembersForWriting => _members ??= new MapValue();

    public void Add(Value value) => _items.Add(value);

    public void Insert(int index, Value value) => _items.Insert(index, value);

    public void RemoveAt(int index) => _items.RemoveAt(index);

    /// <summary>Sets an item; the list is filled up with nulls as far as needed.</summary>
    public void Set(int index, Value value)
    {
        while (_items.Count <= index) _items.Add(Value.Null);
        _items[index] = value;
    }
}

/// <summary>The integers from a first to a last one, up or down, without storing them.</summary>
internal sealed class RangeValue(long first, int count, int step) : ListValue
{
    public override int Count => count;

    public override bool IsRange => true;

    public override Value this[int index] => Value.From(first + ((long)index * step));
}

/// <summary>The characters of a text, each a text of its own.</summary>
internal sealed class CharacterList(string text) : ListValue
{
    public override int Count => text.Length;

    public override Value this[int index] => Value.From(text[index].ToString());
}

/// <summary>Anything with named members.</summary>
internal abstract class ObjectValue
{
    public abstract int Count { get; }

    public abstract IEnumerable<KeyValuePair<string, Value>> Members { get; }

    public abstract bool TryGet(string name, out Value value);

    /// <summary>Sets a member; false when the member, or the object, may not be changed.</summary>
    public virtual bool TrySet(string name, Value value) => false;

    /// <summary>Forbids later changes of a member; false when the object cannot be changed anyway.</summary>
    public virtual bool Freeze(string name) => false;
}

/// <summary>An object made by a template or read from JSON; members keep their order.</summary>
internal sealed class MapValue : ObjectValue
{
    private readonly OrderedDictionary<string, Value> _members = new(StringComparer.Ordinal);
    private HashSet<string>? _frozen;

    public override int Count => _members.Count;

    public override IEnumerable<KeyValuePair<string, Value>> Members => _members;

    public override bool TryGet(string name, out Value value) => _members.TryGetValue(name, out value);

    public override bool TrySet(string name, Value value)
    {
        if (_frozen?.Contains(name) == true) return false;
        _members[name] = value;
        return true;
    }

    public override bool Freeze(string name) => (_frozen ??= []).Add(name) || true;

    public bool IsFrozen(string name) => _frozen?.Contains(name) == true;

    public void Clear() => _members.Clear();
}
