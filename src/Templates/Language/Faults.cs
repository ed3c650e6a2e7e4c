namespace Engagement.Templates.Language;

/// <summary>What can go wrong while a template runs, in both languages.</summary>
internal static class Faults
{
    public static Wording ArgumentCount(string function, int given, int expected) => new(
        $"`{function}` was given {given} arguments but needs {expected}.", $"`{function}` 收到 {given} 个参数，需要 {expected} 个。");

    public static Wording UnknownArgument(string function, string name) => new(
        $"`{function}` has no argument named `{name}`.", $"`{function}` 没有名为 `{name}` 的参数。");

    public static Wording MemberOfNull(string path) => new(
        $"`{path}` cannot be read: what stands before the dot is empty. Write `?.` if that may happen.", $"无法读取 `{path}`：点号前面的值为空。如果允许为空，请写 `?.`。");

    public static Wording IndexOfNull(string path) => new(
        $"`{path}` cannot be indexed: it is empty.", $"无法对 `{path}` 取下标：它的值为空。");

    public static readonly Wording NullIndex = new("The index is empty.", "下标的值为空。");

    public static Wording NotAList(string kind) => new($"A {kind} cannot be used as a list.", $"{kind} 类型的值不能当作列表使用。");

    public static Wording NotAnObject(string kind) => new(
        $"An object is needed here, but this is a {kind}.", $"此处需要对象，但实际是 {kind} 类型。");

    public static Wording ReadOnly(string name) => new($"`{name}` is read-only.", $"`{name}` 是只读的，不能赋值。");

    public static Wording FunctionNotFound(string name) => new($"There is no function `{name}`.", $"没有函数 `{name}`。");

    public static Wording NotAFunction(string name, string kind) => new(
        $"`{name}` is no function but a {kind}.", $"`{name}` 不是函数，而是 {kind} 类型的值。");

    public static Wording Operator(string symbol, string left, string right) => new(
        $"The operator `{symbol}` does not work on a {left} and a {right}.", $"运算符 `{symbol}` 不能用于 {left} 和 {right} 类型的值。");

    public static readonly Wording RepeatNeedsInteger = new(
        "A text can only be multiplied by a whole number.", "文本只能与整数相乘。");

    public static readonly Wording DivideByZero = new("Division by zero.", "除数为零。");

    public static readonly Wording NumberTooLarge = new("The number is too large.", "数字过大。");

    public static Wording NotANumber(string shown) => new($"`{shown}` is not a number.", $"`{shown}` 不是数字。");

    public static Wording NotADate(string shown) => new($"`{shown}` is not a date.", $"`{shown}` 不是日期。");

    public static readonly Wording DateOutOfRange = new("The date is outside the calendar.", "日期超出范围。");

    public static Wording OutsideLoop(string statement) => new(
        $"`{statement}` can only stand inside a loop.", $"`{statement}` 只能写在循环中。");

    public static Wording TooManyRounds(int limit) => new(
        $"The loop runs more than {limit} rounds.", $"循环超过 {limit} 次。");

    public static Wording TooManySteps(int limit) => new(
        $"The template takes more than {limit} steps.", $"模板执行超过 {limit} 步。");

    public static Wording TooLong(int limit) => new(
        $"The text grows longer than {limit} characters.", $"文本超过 {limit} 个字符。");

    public static Wording TooManyItems(int limit) => new(
        $"The list grows longer than {limit} items.", $"列表超过 {limit} 项。");

    public static readonly Wording HoldsItself = new(
        "The value is nested too deeply, or holds itself.", "值嵌套过深，或包含自身。");

    public static Wording TooDeep(int limit) => new(
        $"Calls are nested deeper than {limit}.", $"函数调用嵌套超过 {limit} 层。");

    public static readonly Wording RegexTime = new("The regular expression takes too long.", "正则表达式耗时过长。");

    public static Wording Regex(string pattern) => new(
        $"`{pattern}` is not a regular expression.", $"`{pattern}` 不是有效的正则表达式。");

    public static readonly Wording NoJson = new("A function cannot be written as JSON.", "函数不能写成 JSON。");

    public static Wording Json => new("The text is not JSON.", "文本不是有效的 JSON。");

    public static Wording Format(string format) => new($"`{format}` is not a number format.", $"`{format}` 不是有效的数字格式。");

    public static Wording Culture(string name) => new(
        $"The language `{name}` is not known; use zh-CN, en-US, en-GB or fr-FR.", $"不支持语言 `{name}`；可用 zh-CN、en-US、en-GB、fr-FR。");

    public static Wording NoTemplate(string name) => new($"There is no template `{name}` to include.", $"没有可引用的模板 `{name}`。");

    public static Wording NeedsDirectFunction => new("`wrap` needs the name of a function.", "`wrap` 需要函数名。");

    public static readonly Wording BadArgument = new("An argument is outside its range.", "参数超出允许范围。");
}
