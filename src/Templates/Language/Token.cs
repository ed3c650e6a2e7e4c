namespace Engagement.Templates.Language;

internal enum TokenKind : byte
{
    EndOfFile, Text, CodeEnter, CodeExit, NewLine, Semicolon,
    Identifier, LocalIdentifier, Number, String, Verbatim,
    InterpolationBegin, InterpolationText, InterpolationOpen, InterpolationClose, InterpolationEnd,
    Plus, Minus, Asterisk, Slash, DoubleSlash, Percent, Caret, PlusPlus, MinusMinus,
    PlusAssign, MinusAssign, AsteriskAssign, SlashAssign, DoubleSlashAssign, PercentAssign, Assign,
    Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Exclamation, And, Or, Pipe,
    Question, DoubleQuestion, QuestionExclamation, QuestionDot, Dot, DoubleDot, DoubleDotLess, TripleDot,
    ShiftLeft, ShiftRight, At, Comma, Colon,
    OpenParen, CloseParen, OpenBracket, CloseBracket, OpenBrace, CloseBrace,
    Invalid,
}

/// <summary>A piece of the source, from <paramref name="Start"/> (included) to <paramref name="End"/> (excluded).</summary>
/// <remarks>A text token's bounds already have the blanks removed that a neighbouring code mark strips.</remarks>
internal readonly record struct Token(TokenKind Kind, int Start, int End);
