using System.Runtime.CompilerServices;

namespace Engagement.Templates.Language;

/// <summary>How a statement ended.</summary>
internal enum Flow : byte { Next, Break, Continue, Return }

internal delegate Value Evaluate(RenderContext context);

internal delegate Flow Execute(RenderContext context);

/// <summary>Everything that one render changes. Kept per thread and reused.</summary>
internal sealed class RenderContext
{
    [ThreadStatic]
    private static RenderContext? t_idle;

    private static readonly RenderRow NoRow = new(new RenderSchema());

    private Value[] _globals = [];
    private int _globalCount;
    private HashSet<string>? _frozen;
    private Dictionary<string, Value>? _named;
    private Value _returned;
    private readonly List<LoopState> _loopStates = [];
    private int _loopDepth;
    private int _calls;
    private int _stepsLeft;
    private TimeSpan _regexTime;
    private Dictionary<string, int>? _cycles;
    private GlobalsView? _globalsView;

    private RenderContext() => Output = new OutputBuffer(this);

    public OutputBuffer Output { get; }

    public TemplateLimits Limits { get; private set; } = TemplateLimits.Default;

    public BuiltInEngine Engine { get; private set; } = null!;

    public CompiledUnit Unit { get; set; } = null!;

    /// <summary>The unit whose names own the slots.</summary>
    public CompiledUnit Root { get; private set; } = null!;

    public RenderRow Row { get; private set; } = NoRow;

    public LocalFrame Frame { get; set; } = LocalFrame.Empty;

    public LoopState? For { get; private set; }

    public LoopState? While { get; set; }

    /// <summary>The parameters of the running parametric function, or null.</summary>
    public FunctionScope? FunctionScope { get; set; }

    /// <summary>The innermost object of a `with`, or null.</summary>
    public WithScope? With { get; set; }

    /// <summary>The block that the next function called may run as `$$`.</summary>
    public WrapBlock? PendingWrap { get; set; }

    public string DateFormat { get; set; } = DateFormatter.DefaultFormat;

    /// <summary>Where the running call or output stands, for errors.</summary>
    public int Site { get; set; }

    public static RenderContext Rent(BuiltInEngine engine, CompiledUnit unit, RenderRow row)
    {
        var context = t_idle ?? new RenderContext();
        t_idle = null;
        context.Engine = engine;
        context.Limits = engine.Limits;
        context._stepsLeft = engine.Limits.MaxSteps;
        context.Unit = context.Root = unit;
        context.Row = row;
        context._globalCount = unit.Names.Count;
        if (context._globals.Length < context._globalCount) context._globals = new Value[context._globalCount];
        context._globals.AsSpan(0, context._globalCount).Fill(Value.Missing);
        context.Frame = unit.Locals.Count == 0 ? LocalFrame.Empty : new LocalFrame(unit.Locals, null);
        return context;
    }

    /// <summary>Gives the context back; it keeps nothing of the row.</summary>
    public void Return()
    {
        _globals.AsSpan(0, _globalCount).Clear();
        (_frozen, _named, _cycles, _globalsView) = (null, null, null, null);
        (FunctionScope, With, PendingWrap, For, While) = (null, null, null, null, null);
        (_returned, _calls, _loopDepth, _regexTime) = (Value.Null, 0, 0, TimeSpan.Zero);
        (Row, Frame, Site, DateFormat) = (NoRow, LocalFrame.Empty, 0, DateFormatter.DefaultFormat);
        Output.Reset();
        t_idle = this;
    }

    /// <summary>The next place in a group of `array.cycle`.</summary>
    public int NextCycle(string group, int length)
    {
        _cycles ??= new(StringComparer.Ordinal);
        var next = _cycles.GetValueOrDefault(group);
        _cycles[group] = next + 1;
        return next % length;
    }

    public TemplateException Fail(Wording wording) => FailAt(Site, wording);

    public TemplateException FailAt(int offset, Wording wording) => new([Unit.Source.Error(offset, wording)]);

    public void Step(int steps = 1)
    {
        if ((_stepsLeft -= steps) < 0) throw Fail(Faults.TooManySteps(Limits.MaxSteps));
    }

    public void EnterCall(int site)
    {
        Step();
        if (++_calls > Limits.MaxRecursion || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw FailAt(site, Faults.TooDeep(Limits.MaxRecursion));
    }

    public void LeaveCall() => _calls--;

    /// <summary>Gives a loop its state; states are kept and used again.</summary>
    public LoopState EnterLoop(int length)
    {
        if (_loopDepth == _loopStates.Count) _loopStates.Add(new LoopState());
        var state = _loopStates[_loopDepth++];
        state.Length = length;
        return For = state;
    }

    public void LeaveLoop(LoopState? outer)
    {
        _loopDepth--;
        For = outer;
    }

    public void SetReturnValue(Value value) => _returned = value;

    /// <summary>Writes what the page returned, as the last thing of its output.</summary>
    public void WriteReturnValue()
    {
        if (!_returned.IsNull) Formatter.Write(this, TakeReturnValue());
    }

    public Value TakeReturnValue()
    {
        var value = _returned;
        _returned = Value.Null;
        return value;
    }

    /// <summary>Charges a list or text made on the way against the steps and the limit of its size.</summary>
    public void ChargeItems(long count)
    {
        if (count > Limits.MaxItems) throw Fail(Faults.TooManyItems(Limits.MaxItems));
        Step(1 + (int)(count / 16));
    }

    public string ChargeText(string text)
    {
        ChargeLength(text.Length);
        return text;
    }

    public void ChargeLength(long length)
    {
        if (length > Limits.MaxOutput) throw Fail(Faults.TooLong(Limits.MaxOutput));
        Step((int)(length / 256));
    }

    /// <summary>What is left of the render's time for regular expressions.</summary>
    public TimeSpan RegexTimeLeft => (Limits.RegexTime ?? TimeSpan.FromSeconds(1)) - _regexTime;

    public void ChargeRegex(TimeSpan time) => _regexTime += time;

    public ref readonly Value ReadSlot(int slot) => ref _globals[slot];

    /// <summary>Whether a name may mean something other than its slot.</summary>
    public bool HasScopes => FunctionScope is not null || With is not null;

    public Value ReadName(string name)
    {
        if (FunctionScope is not null && FunctionScope.TryGet(name, out var value)) return value;
        for (var scope = With; scope is not null; scope = scope.Outer)
        {
            if (scope.Object.TryGet(name, out value)) return value;
        }
        if (Root.Names.TryGetSlot(name, out var slot) && !_globals[slot].IsMissing) return _globals[slot];
        if (_named is not null && _named.TryGetValue(name, out value)) return value;
        return ReadOutermost(name);
    }

    /// <summary>The row's names, then the built-in ones.</summary>
    public Value ReadOutermost(string name)
    {
        if (Row.View.TryGet(name, out var value)) return value;
        return Builtins.TryGet(name, out value) ? value : Value.Missing;
    }

    /// <summary>Assigns as the language says: to the function's scope, to the object of the `with`, or globally.</summary>
    public void Assign(string name, Value value, int site)
    {
        if (FunctionScope is not null)
        {
            if (FunctionScope.TryGet(name, out _) || !ExistsOutside(name))
            {
                FunctionScope.TrySet(name, value);
                return;
            }
        }
        if (With is not null)
        {
            if (!With.Object.TrySet(name, value)) throw FailAt(site, Faults.ReadOnly(name));
            return;
        }
        AssignGlobal(name, value, site);
    }

    public void AssignGlobal(string name, Value value, int site)
    {
        if (IsFrozen(name)) throw FailAt(site, Faults.ReadOnly(name));
        if (Root.Names.TryGetSlot(name, out var slot)) _globals[slot] = value;
        else (_named ??= new(StringComparer.Ordinal))[name] = value;
    }

    public void AssignSlot(int slot, string name, Value value, int site)
    {
        if (_frozen is not null && _frozen.Contains(name)) throw FailAt(site, Faults.ReadOnly(name));
        _globals[slot] = value;
    }

    /// <summary>Puts a loop's variable in and out of its slot; scopes do not see it.</summary>
    public void WriteSlot(int slot, in Value value) => _globals[slot] = value;

    public void Freeze(string name)
    {
        if (FunctionScope is not null && FunctionScope.TryGet(name, out _)) FunctionScope.Freeze(name);
        else if (With is not null) With.Object.Freeze(name);
        else (_frozen ??= new(StringComparer.Ordinal)).Add(name);
    }

    public bool IsFrozen(string name) => _frozen is not null && _frozen.Contains(name);

    /// <summary>The object that `this` means.</summary>
    public ObjectValue This => With is not null ? With.Object : _globalsView ??= new GlobalsView(this);

    public IEnumerable<KeyValuePair<string, Value>> Globals()
    {
        foreach (var name in Root.Names.All)
        {
            if (Root.Names.TryGetSlot(name, out var slot) && !_globals[slot].IsMissing) yield return new(name, _globals[slot]);
        }
        foreach (var pair in _named ?? []) yield return pair;
        foreach (var pair in Row.View.Members)
        {
            if (!Root.Names.TryGetSlot(pair.Key, out var slot) || _globals[slot].IsMissing) yield return pair;
        }
    }

    private bool ExistsOutside(string name)
    {
        var scope = FunctionScope;
        FunctionScope = null;
        var exists = !ReadName(name).IsMissing;
        FunctionScope = scope;
        return exists;
    }
}
