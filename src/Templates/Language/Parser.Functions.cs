namespace Engagement.Templates.Language;

internal sealed partial class Parser
{
    private FunctionStatement? ParseFunction()
    {
        var start = Current.Start;
        Next();
        if (Current.Kind is not (TokenKind.Identifier or TokenKind.LocalIdentifier))
        {
            Error(Current.Start, $"`func` needs a name, but found `{Shown(Current)}`.", $"`func` 需要函数名，却遇到 `{Shown(Current)}`。");
            SkipStatement();
            return null;
        }
        var name = ParseName();
        Assign(name.Name);
        var parameters = Current.Kind == TokenKind.OpenParen ? ParseParameters() : null;
        EndStatement();
        var body = ParseFunctionBody();
        ExpectEnd(start, "func");
        return new FunctionStatement(start, PreviousEnd, name, new FunctionSyntax(name.Name, parameters, body));
    }

    // What a function writes is indented as its caller is.
    private Block ParseFunctionBody()
    {
        var indent = _indent;
        _indent = null;
        var body = ParseBlock(Closers.End);
        _indent = indent;
        return body;
    }

    private List<Parameter> ParseParameters()
    {
        var parameters = new List<Parameter>();
        Next();
        while (Current.Kind is TokenKind.Identifier or TokenKind.LocalIdentifier)
        {
            var place = Current.Start;
            var name = TextOf(Current).ToString();
            Assign(name);
            Next();
            Expression? preset = null;
            var variable = Current.Kind == TokenKind.TripleDot;
            if (variable)
            {
                Next();
            }
            else if (Current.Kind == TokenKind.Assign)
            {
                Next();
                preset = ParseOperand(0, calls: false, Mode.Plain) ?? Nothing;
            }
            CheckParameterOrder(parameters, place, preset is not null, variable);
            parameters.Add(new Parameter(name, preset, variable));
            if (Current.Kind != TokenKind.Comma) break;
            Next();
        }
        Expect(TokenKind.CloseParen, ")");
        return parameters;
    }

    private void CheckParameterOrder(List<Parameter> before, int place, bool optional, bool variable)
    {
        if (before.Count == 0) return;
        if (before[^1].Variable && (optional || variable))
        {
            Error(place, "No parameter may follow a variable one (`...`).", "可变参数（`...`）之后不能再有参数。");
        }
        else if (!optional && !variable && (before[^1].Default is not null || before[^1].Variable))
        {
            Error(place, "A normal parameter may not follow an optional one.", "普通参数不能写在可选参数之后。");
        }
    }

    private FunctionStatement? InlineFunction(AssignExpression assignment)
    {
        var call = (CallExpression)assignment.Target;
        var parameters = new List<Parameter>();
        foreach (var argument in call.Arguments)
        {
            if (argument is not NameExpression parameter) continue;
            Assign(parameter.Name);
            parameters.Add(new Parameter(parameter.Name, null, Variable: false));
        }
        if (call.Target is not NameExpression name || call.Named.Count > 0 || parameters.Count != call.Arguments.Count)
        {
            Error(call.Start, "A function needs a name and plain parameter names.", "函数需要名称，参数只能是名称。");
            return null;
        }
        Assign(name.Name);
        Statement body = new ReturnStatement(assignment.Value.Start, assignment.Value.End, assignment.Value);
        var block = new Block(body.Start, body.End, [body]);
        return new FunctionStatement(assignment.Start, assignment.End, name, new FunctionSyntax(name.Name, parameters, block));
    }

    private FunctionExpression ParseAnonymousFunction()
    {
        var start = Current.Start;
        var newLines = _newLinesAllowed;
        var stops = _stops;
        (_newLinesAllowed, _stops) = (0, Stops.None);
        Next();
        var parameters = Current.Kind == TokenKind.OpenParen ? ParseParameters() : null;
        EndStatement();
        var body = ParseFunctionBody();
        _newLinesAllowed = newLines;
        _stops = stops;
        ExpectEnd(start, "do");
        return new FunctionExpression(start, PreviousEnd, new FunctionSyntax(null, parameters, body));
    }
}
