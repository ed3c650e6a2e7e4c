using Engagement.Templates.Language;

namespace Engagement.Tests.Templates;

/// <summary>Templates that are well-formed and otherwise senseless: every function meets every kind of argument.</summary>
internal static class Grown
{
    private static readonly string[] Names = ["x", "y", "z", "$a", "member.name", "member.points", "store", "coupons", "this", "$0", "$"];

    private static readonly string[] Literals =
    [
        "null", "true", "0", "1", "-1", "2.5", "1e300", "3.7m", "2f", "9223372036854775807", "99999999999999999999", "''", "'文'", "'a,b'", "'🎂'", "\"%Y %\"",
        "'2026-11-21'", "`(a+)+$`", "'{{ x }}'", "'1 + x'", "[]", "[3, 1, 2]", "{}", "{a: 1}", "1..5", "5..<1", "empty", "date.now", "(timespan.from_hours 3)",
        "0x7F", "'zh-CN'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'", "@string.upcase", "array", "1_000_000_000",
    ];

    private static readonly string[] Functions =
        [.. new[] { "array", "date", "html", "math", "object", "regex", "string", "timespan" }.SelectMany(group =>
            Builtins.TryGet(group, out var value) ? value.Object.Members.Select(member => $"{group}.{member.Key}") : [])];

    private static readonly string[] Binary = ["+", "-", "*", "/", "//", "%", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??", "?!", "..", "..<"];

    private static T Pick<T>(Random random, T[] items) => items[random.Next(items.Length)];

    public static string Statements(Random random, int depth) =>
        string.Join("; ", Enumerable.Range(0, random.Next(1, 5)).Select(_ => Statement(random, depth)));

    private static string Statement(Random random, int depth)
    {
        if (depth <= 0) return Expression(random, 1);
        string Body() => Statements(random, depth - 1);
        string Value() => Expression(random, depth);
        return random.Next(14) switch
        {
            0 => $"if {Value()}; {Body()}; else if {Value()}; {Body()}; else; {Body()}; end",
            1 => $"for {Pick(random, ["x", "y", "$a"])} in ({Value()}) limit: 3; {Body()}; else; {Body()}; end",
            2 => $"while z < 3; z = (z ?? 0) + 1; {Body()}; end",
            3 => $"case {Value()}; when {Value()}, {Value()}; {Body()}; else; {Body()}; end",
            4 => $"capture y; {Body()}; end",
            5 => $"with {{x: 1}}; {Body()}; end",
            6 => $"func f(p, q = 1, r...); {Body()}; ret {Value()}; end; f {Value()} {Value()}",
            7 => $"w = do; $$; $0; end; wrap w {Value()}; {Body()}; end",
            8 => $"import {{y: {Value()}}}",
            9 => $"{Pick(random, ["x", "y", "z", "$a", "x.b", "x[1]", "this.y", "date.format"])} {Pick(random, ["=", "+=", "*=", "-="])} {Value()}",
            10 => $"tablerow y in ({Value()}) cols: 2; {Body()}; end",
            11 => "break",
            _ => Value(),
        };
    }

    private static string Expression(Random random, int depth)
    {
        if (depth <= 0) return random.Next(2) == 0 ? Pick(random, Names) : Pick(random, Literals);
        string Part() => $"({Expression(random, depth - 1)})";
        return random.Next(10) switch
        {
            0 or 1 => $"{Part()} {Pick(random, Binary)} {Part()}",
            2 => $"{Part()} ? {Part()} : {Part()}",
            3 => $"{Pick(random, ["!", "-", "+", "^"])}{Part()}",
            4 => $"[{Part()}, {Part()}]",
            5 => $"$\"a{{{Expression(random, 0)}}}b\"",
            6 => $"{Pick(random, Names)}{Pick(random, [".size", "?.b", "[0]", "[-1]", "['a']", ".empty?", "++"])}",
            _ => $"{Part()} | {Pick(random, Functions)}{string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => " " + Part()))}",
        };
    }
}
