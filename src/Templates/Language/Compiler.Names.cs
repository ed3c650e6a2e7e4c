using System.Diagnostics.CodeAnalysis;

namespace Engagement.Templates.Language;

internal delegate void Store(RenderContext context, Value value);

internal sealed partial class Compiler
{
    private int SlotOf(string name) => _unit.Names.SlotOf(name);

    /// <summary>Whether the template can give this name no other meaning than its column or built-in.</summary>
    private bool IsFixed(string name) => !_byName && !_facts.Dynamic && !_facts.Assigned.Contains(name);

    private Evaluate CompileName(NameExpression name)
    {
        if (name.IsLocal) return CompileLocal(name.Name);
        var text = name.Name;
        if (text == "this") return static context => Value.From(context.This);
        if (_byName) return context => context.ReadName(text);
        if (IsFixed(text))
        {
            if (_schema.Root.Children.TryGetValue(text, out var node)) return ReadColumn(node);
            if (Builtins.TryGet(text, out var builtin)) return _ => builtin;
            return static _ => Value.Missing;
        }
        var slot = SlotOf(text);
        var outermost = CompileOutermost(text);
        return context =>
        {
            if (context.HasScopes) return context.ReadName(text);
            var value = context.ReadSlot(slot);
            return value.IsMissing ? outermost(context) : value;
        };
    }

    private Evaluate CompileOutermost(string name)
    {
        if (_schema.Root.Children.TryGetValue(name, out var node)) return ReadColumn(node);
        return Builtins.TryGet(name, out var builtin) ? _ => builtin : static _ => Value.Missing;
    }

    private static Evaluate ReadColumn(SchemaNode node)
    {
        var column = node.Column;
        if (column >= 0) return context => context.Row.Get(column);
        return context => Value.From(new RowView(context.Row, node));
    }

    private Evaluate CompileLocal(string name)
    {
        if (name == "$") return static context => context.Frame.Arguments is { } list ? Value.From(list) : Value.Null;
        if (name == "$$") return static _ => Value.Null;
        if (int.TryParse(name.AsSpan(1), out var place))
        {
            return context => context.Frame.Arguments is { } list && place >= 0 && place < list.Count ? list[place] : Value.Null;
        }
        if (_wraps > 0) return context => context.Frame.ReadName(name);
        var slot = _locals.SlotOf(name);
        return context => context.Frame[slot];
    }

    /// <summary>Columns are reached without a look-up: `member.name` is one of them when nothing can change what `member` is.</summary>
    private SchemaNode? FindNode(Expression expression)
    {
        if (expression is MemberExpression member) return FindNode(member.Target)?.Children.GetValueOrDefault(member.Name);
        return expression is NameExpression { IsLocal: false } name && name.Name != "this" && IsFixed(name.Name)
            ? _schema.Root.Children.GetValueOrDefault(name.Name) : null;
    }

    private int? ColumnOf(Expression expression) => FindNode(expression) is { Column: >= 0 and var column } ? column : null;

    private RowMember? TryFindRowMember(Expression expression) =>
        expression is MemberExpression { Target: NameExpression { IsLocal: false } name } member && !_byName && _facts.Assigned.Contains(name.Name)
            ? new RowMember(SlotOf(name.Name), member.Name) : null;

    /// <summary>`coupon.name` where `coupon` is a loop's row: the column is looked up once for each list, not for each row.</summary>
    private sealed class RowMember(int slot, string name)
    {
        private RowColumn? _known;

        /// <summary>Finds the column; false when the name means something else just now.</summary>
        public bool TryFind(RenderContext context, [NotNullWhen(true)] out RenderRow? row, out int column)
        {
            ref readonly var value = ref context.ReadSlot(slot);
            if (!context.HasScopes && value.Kind == ValueKind.Object && value.Object is RowView view)
            {
                var known = _known;
                if (known is null || !ReferenceEquals(known.Parent, view.Node)) known = Learn(view.Node);
                (row, column) = (view.Row, known.Column);
                return column >= 0;
            }
            (row, column) = (null, -1);
            return false;
        }

        // A race writes the one or the other column whole; each read checks that it is the right one.
        private RowColumn Learn(SchemaNode parent) =>
            _known = new RowColumn(parent, parent.Children.TryGetValue(name, out var child) ? child.Column : -1);

        private sealed record RowColumn(SchemaNode Parent, int Column);
    }

    /// <summary>A built-in function that the template names and cannot have changed.</summary>
    private BuiltinFunction? TryFindBuiltin(Expression target)
    {
        switch (target)
        {
            case NameExpression { IsLocal: false } name when IsBuiltinName(name.Name):
                return Builtins.TryGet(name.Name, out var value) && value.Kind == ValueKind.Function ? value.Function as BuiltinFunction : null;
            case MemberExpression { Target: NameExpression { IsLocal: false } group } member when IsBuiltinName(group.Name):
                return Builtins.TryGet(group.Name, out var found) && found.Kind == ValueKind.Object
                    && found.Object.TryGet(member.Name, out var function) && function.Kind == ValueKind.Function
                    ? function.Function as BuiltinFunction : null;
            default:
                return null;
        }
    }

    private bool IsBuiltinName(string name) => IsFixed(name) && !_schema.Root.Children.ContainsKey(name);

    /// <summary>How a value gets into a variable, a member or an index.</summary>
    private Store CompileStore(Expression target)
    {
        switch (target)
        {
            case NestedExpression nested: return CompileStore(nested.Inner);
            case NameExpression { Name: "$" or "$$" or "this" } special:
                return (context, _) => throw context.FailAt(special.Start, Faults.ReadOnly(special.Name));
            case NameExpression { IsLocal: true } local: return CompileStoreLocal(local);
            case NameExpression name: return CompileStoreGlobal(name);
            case MemberExpression { Name: "format", Target: NameExpression { Name: "date" } date } when !_facts.Assigned.Contains(date.Name):
                return (context, value) => context.DateFormat = Formatter.ToText(context, value);
            case MemberExpression member:
                var owner = CompileRaw(member.Target);
                return (context, value) => Members.Set(context, owner(context), member.Name, value, member.NameStart);
            case IndexExpression index:
                var list = CompileRaw(index.Target);
                var place = CompileValue(index.Index);
                return (context, value) => Members.SetIndex(context, list(context), place(context), value, index);
            default:
                return static (_, _) => { };
        }
    }

    private Store CompileStoreLocal(NameExpression name)
    {
        var text = name.Name;
        if (int.TryParse(text.AsSpan(1), out var place) && place >= 0)
        {
            return (context, value) =>
            {
                context.ChargeItems(place);
                context.Frame.Arguments?.Set(place, value);
            };
        }
        if (_wraps > 0) return (context, value) => context.Frame.WriteName(text, value);
        var slot = _locals.SlotOf(text);
        return (context, value) => context.Frame[slot] = value;
    }

    private Store CompileStoreGlobal(NameExpression name)
    {
        var (text, start) = (name.Name, name.Start);
        if (_byName) return (context, value) => context.Assign(text, value, start);
        var slot = SlotOf(text);
        return (context, value) =>
        {
            if (context.HasScopes) context.Assign(text, value, start);
            else context.AssignSlot(slot, text, value, start);
        };
    }
}
