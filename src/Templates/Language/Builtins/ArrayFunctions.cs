using static Engagement.Templates.Language.Conversions;

namespace Engagement.Templates.Language;

internal static class ArrayFunctions
{
    public static readonly BuiltinGroup Group = new BuiltinGroup("array")
        .Add("add", "list value", Add)
        .Add("add_range", "list1 list2", Concat)
        .Add("any", "list function args...", Any)
        .Add("compact", "list", static (c, a) => a[0].IsNull ? Value.Null : Made(c, Items(ToList(c, a[0])).Where(item => !item.IsNull)))
        .Add("concat", "list1 list2", static (c, a) => a[0].IsNull && a[1].IsNull ? Value.Null : Concat(c, a))
        .Add("contains", "list item", Contains)
        .Add("cycle", "list group?", Cycle)
        .Add("each", "list function args...", Each)
        .Add("filter", "list function args...", Filter)
        .Add("first", "list", static (c, a) => ToList(c, a[0]) is { Count: > 0 } list ? list[0] : Value.Null)
        .Add("insert_at", "list index value", InsertAt)
        .Add("join", "list delimiter function?", Join)
        .Add("last", "list", static (c, a) => ToList(c, a[0]) is { Count: > 0 } list ? list[list.Count - 1] : Value.Null)
        .Add("limit", "list count", static (c, a) => Slice(c, a[0], 0, ToLong(c, a[1])))
        .Add("map", "list member", Map)
        .Add("offset", "list index", static (c, a) => Slice(c, a[0], ToLong(c, a[1]), long.MaxValue))
        .Add("remove_at", "list index", RemoveAt)
        .Add("reverse", "list", static (c, a) => Made(c, Items(ToList(c, a[0])).Reverse()))
        .Add("size", "list", static (c, a) => Value.From(ToList(c, a[0]).Count))
        .Add("sort", "list member?", Sort)
        .Add("uniq", "list", Unique);

    private static Value Made(RenderContext context, IEnumerable<Value> items)
    {
        var array = new ArrayValue(items);
        context.ChargeItems(array.Count);
        return Value.From(array);
    }

    private static ArrayValue Copy(RenderContext context, in Value list, int room)
    {
        var source = ToList(context, list);
        context.ChargeItems((long)source.Count + room);
        return new ArrayValue(Items(source));
    }

    private static Value Add(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var array = Copy(context, arguments[0], 1);
        array.Add(arguments[1]);
        return Value.From(array);
    }

    private static Value Concat(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var (first, second) = (ToList(context, arguments[0]), ToList(context, arguments[1]));
        context.ChargeItems((long)first.Count + second.Count);
        return Value.From(new ArrayValue(Items(first).Concat(Items(second))));
    }

    private static Value Slice(RenderContext context, in Value value, long offset, long count)
    {
        if (value.IsNull) return Value.Null;
        var list = ToList(context, value);
        var first = (int)Math.Clamp(offset, 0, list.Count);
        return Made(context, Items(list).Skip(first).Take((int)Math.Clamp(count, 0, list.Count - first)));
    }

    private static Value InsertAt(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var array = Copy(context, arguments[0], 1);
        var index = Math.Max(0, ToLong(context, arguments[1]));
        context.ChargeItems(index);
        if (index > array.Count) array.Set((int)index - 1, Value.Null);
        array.Insert((int)index, arguments[2]);
        return Value.From(array);
    }

    private static Value RemoveAt(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var array = Copy(context, arguments[0], 0);
        var index = ToLong(context, arguments[1]);
        if (index < 0) index += array.Count;
        if (index >= 0 && index < array.Count) array.RemoveAt((int)index);
        return Value.From(array);
    }

    private static Value Contains(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        foreach (var item in Items(ToList(context, arguments[0])))
        {
            context.Step();
            if (Comparisons.AreSame(context, item, arguments[1])) return Value.True;
        }
        return Value.False;
    }

    private static Value Unique(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        if (arguments[0].IsNull) return Value.Null;
        var result = new ArrayValue();
        foreach (var item in Items(ToList(context, arguments[0])))
        {
            context.Step(1 + (result.Count / 4));
            if (!Items(result).Any(known => Comparisons.AreSame(context, known, item))) result.Add(item);
        }
        return Value.From(result);
    }

    private static Value Cycle(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var list = ToList(context, arguments[0]);
        if (list.Count == 0) return Value.Null;
        // Without a name, equal lists are one group.
        var group = arguments[1].IsNull ? Formatter.ToText(context, Value.From(list)) : "=" + Formatter.ToText(context, arguments[1]);
        return list[context.NextCycle(group, list.Count)];
    }

    private static Value Join(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var list = ToList(context, arguments[0]);
        var delimiter = Formatter.ToText(context, arguments[1]);
        var function = arguments[2].IsNull ? null : FunctionOf(context, arguments[2]);
        var (start, site) = (context.Output.Length, context.Site);
        for (var i = 0; i < list.Count; i++)
        {
            context.Step();
            if (i > 0) context.Output.Append(delimiter);
            var item = list[i];
            if (function is not null)
            {
                item = function.Invoke(context, [Value.From(Formatter.ToText(context, item))], null, site);
                context.Site = site;
            }
            Formatter.Write(context, item);
        }
        return Value.From(context.Output.TakeFrom(start));
    }

    private static Value Map(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var member = Formatter.ToText(context, arguments[1]);
        var result = new ArrayValue();
        var list = ToListOrSingle(context, arguments[0]);
        context.ChargeItems(list.Count);
        foreach (var item in Items(list))
        {
            if (Members.TryGetPlain(item, member, out var value)) result.Add(value);
        }
        return Value.From(result);
    }

    // What is no list is a list of one where members are asked for.
    private static ListValue ToListOrSingle(RenderContext context, in Value value) =>
        value.IsNull || value.Kind is ValueKind.List or ValueKind.Object or ValueKind.Text ? ToList(context, value) : new ArrayValue([value]);

    private static Value Sort(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var list = ToListOrSingle(context, arguments[0]);
        context.ChargeItems(list.Count);
        var member = arguments[1].IsNull ? "" : Formatter.ToText(context, arguments[1]);
        var order = Comparer<Value>.Create((left, right) => Order(context, left, right));
        return Value.From(new ArrayValue(Items(list).OrderBy(item => member.Length == 0 ? item : Members.GetPlain(item, member), order)));
    }

    private static int Order(RenderContext context, in Value left, in Value right)
    {
        context.Step();
        return Comparisons.Order(left, right);
    }

    private static FunctionValue FunctionOf(RenderContext context, in Value value) =>
        value.Kind == ValueKind.Function ? value.Function : throw context.Fail(Faults.NotAFunction(Formatter.ToText(context, value), Formatter.KindOf(value)));

    private static Value Each(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        if (arguments[0].IsNull) return Value.Null;
        var result = new ArrayValue();
        Walk(context, arguments, (_, answer) =>
        {
            result.Add(answer);
            return true;
        });
        return Value.From(result);
    }

    private static Value Filter(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        if (arguments[0].IsNull) return Value.Null;
        var result = new ArrayValue();
        Walk(context, arguments, (item, answer) =>
        {
            if (answer.IsTrue) result.Add(item);
            return true;
        });
        return Value.From(result);
    }

    private static Value Any(RenderContext context, ReadOnlySpan<Value> arguments)
    {
        var found = false;
        Walk(context, arguments, (_, answer) => !(found = answer.IsTrue));
        return Value.From(found);
    }

    private static void Walk(RenderContext context, ReadOnlySpan<Value> arguments, Func<Value, Value, bool> goOn)
    {
        var function = FunctionOf(context, arguments[1]);
        var site = context.Site;
        var values = new Value[arguments.Length - 1];
        arguments[2..].CopyTo(values.AsSpan(1));
        foreach (var item in Items(ToList(context, arguments[0])))
        {
            values[0] = item;
            var answer = function.Invoke(context, values, null, site);
            context.Site = site;
            if (!goOn(item, answer)) return;
        }
    }
}
