namespace Engagement.Templates.Language;

/// <summary>The names that every template knows: the groups of functions, `include`, and `empty`.</summary>
internal static class Builtins
{
    private static readonly Dictionary<string, Value> Names = Collect();

    public static IEnumerable<string> All => Names.Keys;

    public static bool TryGet(string name, out Value value) => Names.TryGetValue(name, out value);

    private static Dictionary<string, Value> Collect()
    {
        var names = new Dictionary<string, Value>(StringComparer.Ordinal)
        {
            ["empty"] = Value.From(new EmptyObject()),
            ["include"] = Value.From(Inclusion.Include),
            ["include_join"] = Value.From(Inclusion.IncludeJoin),
        };
        foreach (var group in (ReadOnlySpan<BuiltinGroup>)
        [
            ArrayFunctions.Group, DateFunctions.Group, HtmlFunctions.Group, MathFunctions.Group, ObjectFunctions.Group,
            RegexFunctions.Group, StringFunctions.Group, TimeSpanFunctions.Group,
        ])
        {
            names.Add(group.Name, Value.From(group));
        }
        return names;
    }
}

/// <summary>A group of built-in functions, such as `string`; templates cannot change it.</summary>
internal sealed class BuiltinGroup : ObjectValue
{
    private readonly Dictionary<string, Value> _members = new(StringComparer.Ordinal);

    public BuiltinGroup(string name) => Name = name;

    public string Name { get; }

    public override int Count => _members.Count;

    public override IEnumerable<KeyValuePair<string, Value>> Members => _members;

    public override bool TryGet(string name, out Value value) => _members.TryGetValue(name, out value);

    /// <summary>Adds a function that makes nothing of nothing: null for its first argument is null again.</summary>
    public BuiltinGroup AddOfText(string name, string parameters, BuiltinBody body) =>
        Add(name, parameters, (context, arguments) => arguments[0].IsNull ? Value.Null : body(context, arguments));

    /// <summary>Adds a function; see <see cref="BuiltinFunction"/> for how its parameters are written.</summary>
    public BuiltinGroup Add(string name, string parameters, BuiltinBody body)
    {
        _members.Add(name, Value.From(new BuiltinFunction($"{Name}.{name}", parameters, body)));
        return this;
    }
}

/// <summary>What `empty` is: equal to anything that has no items, members or characters.</summary>
internal sealed class EmptyObject : ObjectValue
{
    public override int Count => 0;

    public override IEnumerable<KeyValuePair<string, Value>> Members => [];

    public override bool TryGet(string name, out Value value)
    {
        value = Value.Null;
        return false;
    }
}
