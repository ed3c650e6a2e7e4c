namespace Engagement.Templates.Language;

internal sealed partial class Compiler
{
    private sealed record LoopOptions(Evaluate? Offset, Evaluate? Limit, bool Reversed, Evaluate? Columns);

    private LoopOptions CompileOptions(ForStatement statement)
    {
        Evaluate? Option(string name) =>
            statement.Options.LastOrDefault(option => option.Name == name) is { } option ? CompileValue(option.Value) : null;

        return new LoopOptions(Option("offset"), Option("limit"), statement.Options.Any(option => option.Name == "reversed"), Option("cols"));
    }

    private Execute CompileFor(ForStatement statement)
    {
        var items = CompileValue(statement.Items);
        var options = CompileOptions(statement);
        var variable = CompileLoopVariable(statement.Variable);
        _loops++;
        var body = CompileBlock(statement.Body);
        _loops--;
        var otherwise = statement.Else is null ? null : CompileBlock(statement.Else);
        var (table, itemsStart, indent) = (statement.Table, statement.Items.Start, statement.Indent ?? "");
        var asksChanged = _facts.AsksChanged || _facts.Dynamic;
        return context =>
        {
            var value = items(context);
            // Nothing is no empty list: not even `else` runs.
            if (value.IsNull) return Flow.Next;
            context.Site = itemsStart;
            var list = Conversions.ToList(context, value);
            var (length, (first, count)) = (list.Count, Window(context, options, list.Count));
            if (count == 0)
            {
                if (table) OpenRow(context, 1, indent).Append(RowEnd);
                return otherwise is null ? Flow.Next : otherwise(context);
            }
            if (count > context.Limits.MaxLoop) throw context.FailAt(itemsStart, Faults.TooManyRounds(context.Limits.MaxLoop));

            var columns = table && options.Columns is not null ? Conversions.ToInt(context, options.Columns(context)) : 1;
            var outer = context.For;
            var state = context.EnterLoop(count);
            var saved = variable.Read(context);
            var flow = Flow.Next;
            for (var i = 0; i < count; i++)
            {
                context.Step();
                var place = options.Reversed ? length - 1 - i : first + i;
                // A list can be shortened by its own loop.
                if (place >= list.Count) break;
                var item = list[place];
                state.Index = i;
                if (asksChanged) state.Changed = i == 0 || !Comparisons.AreSame(context, variable.Read(context), item);
                variable.Write(context, item);
                flow = table ? TableCell(context, state, Math.Max(1, columns), indent, body) : body(context);
                if (flow is Flow.Break or Flow.Return) break;
            }
            variable.Write(context, saved);
            context.LeaveLoop(outer);
            return flow == Flow.Return ? Flow.Return : Flow.Next;
        };
    }

    private static (int First, int Count) Window(RenderContext context, LoopOptions options, int length)
    {
        var first = options.Offset is null ? 0 : Math.Clamp(Conversions.ToLong(context, options.Offset(context)), 0, length);
        var count = length - first;
        // As the language has it, a limit of 0 is none.
        if (options.Limit is not null && Conversions.ToLong(context, options.Limit(context)) is > 0 and var limit) count = Math.Min(limit, count);
        return ((int)first, (int)count);
    }

    private const string RowEnd = "</tr>\n";

    private static OutputBuffer OpenRow(RenderContext context, int row, string indent)
    {
        var output = context.Output;
        if (output.EndsLine) output.Append(indent);
        output.Append("<tr class=\"row");
        output.Append(row);
        output.Append("\">");
        return output;
    }

    private static Flow TableCell(RenderContext context, LoopState state, int columns, string indent, Execute body)
    {
        var output = context.Output;
        state.Column = state.Index % columns;
        if (state.Column == 0) OpenRow(context, (state.Index / columns) + 1, indent);
        output.Append("<td class=\"col");
        output.Append(state.Column + 1);
        output.Append("\">");
        var flow = body(context);
        output.Append("</td>");
        if (state.Column == columns - 1 || state.Index == state.Length - 1 || flow is Flow.Break or Flow.Return) output.Append(RowEnd);
        return flow;
    }

    private Execute CompileWhile(WhileStatement statement)
    {
        var condition = CompileValue(statement.Condition);
        _loops++;
        var body = CompileBlock(statement.Body);
        _loops--;
        var start = statement.Start;
        return context =>
        {
            var outer = context.While;
            var state = context.While = new LoopState();
            var flow = Flow.Next;
            // The condition still sees the round before.
            for (var round = 0; condition(context).IsTrue; round++)
            {
                context.Site = start;
                context.Step();
                state.Index = round;
                if (round >= context.Limits.MaxLoop) throw context.FailAt(start, Faults.TooManyRounds(context.Limits.MaxLoop));
                flow = body(context);
                context.While = state;
                if (flow is Flow.Break or Flow.Return) break;
            }
            context.While = outer;
            return flow == Flow.Return ? Flow.Return : Flow.Next;
        };
    }

    /// <summary>Where a loop keeps its item: a slot, or for `$x`, members and texts without slots a pair of closures.</summary>
    private sealed class LoopVariable(int slot, string name, Evaluate? read, Store? store)
    {
        public Value Read(RenderContext context) => read is null ? context.ReadSlot(slot) : read(context);

        public void Write(RenderContext context, in Value value)
        {
            if (store is not null) store(context, value);
            // A parameter of the same name would hide the slot.
            else if (context.FunctionScope is { } scope && scope.TryGet(name, out _)) scope.TrySet(name, value);
            else context.WriteSlot(slot, value);
        }
    }

    private LoopVariable CompileLoopVariable(Expression target) =>
        target is NameExpression { IsLocal: false } name && !_byName
            ? new LoopVariable(SlotOf(name.Name), name.Name, null, null)
            : new LoopVariable(-1, "", CompileRaw(target), CompileStore(target));
}
