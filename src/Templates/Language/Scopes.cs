namespace Engagement.Templates.Language;

/// <summary>The names of one template that have a slot, in the order of the slots.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    public int Count => _slots.Count;

    public IEnumerable<string> All => _slots.Keys;

    public bool TryGetSlot(string name, out int slot) => _slots.TryGetValue(name, out slot);

    public int SlotOf(string name)
    {
        if (!_slots.TryGetValue(name, out var slot)) _slots.Add(name, slot = _slots.Count);
        return slot;
    }
}

/// <summary>The local names (`$x`) of one page or function body.</summary>
internal sealed class LocalNames
{
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    public int Count => _slots.Count;

    public bool TryGetSlot(string name, out int slot) => _slots.TryGetValue(name, out slot);

    public int SlotOf(string name)
    {
        if (!_slots.TryGetValue(name, out var slot)) _slots.Add(name, slot = _slots.Count);
        return slot;
    }
}

/// <summary>The local values of one call, and its arguments (`$`).</summary>
internal sealed class LocalFrame
{
    public static readonly LocalFrame Empty = new(new LocalNames(), null);

    private readonly LocalNames _names;
    private readonly Value[] _slots;
    private Dictionary<string, Value>? _named;

    public LocalFrame(LocalNames names, ArrayValue? arguments)
    {
        _names = names;
        _slots = names.Count == 0 ? [] : new Value[names.Count];
        Arguments = arguments;
    }

    public ArrayValue? Arguments { get; }

    /// <summary>What `$$` runs, or null.</summary>
    public WrapBlock? Wrap { get; init; }

    public Value this[int slot]
    {
        get => _slots[slot];
        set => _slots[slot] = value;
    }

    /// <summary>By name, for the block of a `wrap`: it sees the locals of the function that runs it, then those around it.</summary>
    public Value ReadName(string name)
    {
        if (_names.TryGetSlot(name, out var slot) && !_slots[slot].IsNull) return _slots[slot];
        if (_named is not null && _named.TryGetValue(name, out var value)) return value;
        return Wrap is { } wrap ? wrap.Around.ReadName(name) : Value.Null;
    }

    public void WriteName(string name, Value value)
    {
        if (_names.TryGetSlot(name, out var slot)) _slots[slot] = value;
        else (_named ??= new(StringComparer.Ordinal))[name] = value;
    }
}

/// <summary>The parameters of a running function, and what it assigned; `do ... end` sees those of the function around it.</summary>
internal sealed class FunctionScope(FunctionScope? outer)
{
    private readonly MapValue _names = new();

    public bool TryGet(string name, out Value value) => _names.TryGet(name, out value) || (outer is not null && outer.TryGet(name, out value));

    public void Add(string parameter, Value value) => _names.TrySet(parameter, value);

    /// <summary>Sets a name where it is known, else here; false when it is read-only.</summary>
    public bool TrySet(string name, Value value) =>
        outer is not null && !_names.TryGet(name, out _) && outer.TryGet(name, out _) ? outer.TrySet(name, value) : _names.TrySet(name, value);

    public void Freeze(string name) => _names.Freeze(name);
}

/// <summary>The block of a `wrap` statement on its way to the function that runs it.</summary>
internal sealed record WrapBlock(Execute Body, LocalFrame Around, CompiledUnit Unit);

internal sealed record WithScope(ObjectValue Object, WithScope? Outer);

/// <summary>What `for.index` and its kin read.</summary>
internal sealed class LoopState
{
    public int Index;
    public int Length;
    public bool Changed;
    public int Column;

    public Value Read(string member) => member switch
    {
        "index" => Value.From(Index),
        "rindex" => Value.From(Length - Index - 1),
        "first" => Value.From(Index == 0),
        "last" => Value.From(Index == Length - 1),
        "even" => Value.From((Index & 1) == 0),
        "odd" => Value.From((Index & 1) == 1),
        "length" => Value.From(Length),
        "changed" => Value.From(Changed),
        "col" => Value.From(Column),
        _ => Value.Null,
    };
}

/// <summary>The global names of a running render, seen as an object (`this`).</summary>
internal sealed class GlobalsView(RenderContext context) : ObjectValue
{
    public override int Count => context.Globals().Count();

    public override IEnumerable<KeyValuePair<string, Value>> Members => context.Globals();

    public override bool TryGet(string name, out Value value)
    {
        value = context.ReadName(name);
        return !value.IsMissing;
    }

    public override bool TrySet(string name, Value value)
    {
        if (context.IsFrozen(name)) return false;
        context.AssignGlobal(name, value, context.Site);
        return true;
    }
}

/// <summary>A template after compilation, or a text that a template evaluates.</summary>
internal sealed record CompiledUnit(SourceText Source, NameTable Names, LocalNames Locals)
{
    public Execute Body { get; set; } = static _ => Flow.Next;

    /// <summary>The value of a text that is one expression, which is what evaluating it gives; null for any other.</summary>
    public Evaluate? Single { get; set; }
}
