using Engagement.Storage;

namespace Engagement.Members.Imports.Csv;

/// <summary>Why a file cannot be read at all. Nothing of it was written.</summary>
/// <param name="Code">Stable code, for scripts.</param>
/// <param name="Sentence">What is wrong and what to do, in both languages; it names line and column where there are any.</param>
/// <param name="Line">The line, from 1; 0 when it is about the whole file.</param>
/// <param name="Column">The column, or empty.</param>
public sealed record ImportFileError(string Code, Phrase Sentence, int Line = 0, string Column = "");

/// <summary>All errors of files.</summary>
internal static class FileErrors
{
    public static readonly ImportFileError Empty = new("file_empty", new("文件是空的。", "The file is empty."));

    public static readonly ImportFileError Workbook = new("file_is_workbook", new(
        "这是 Excel 工作簿，不是 CSV；请在 Excel 里另存为“CSV UTF-8（逗号分隔）”。",
        "This is an Excel workbook, no CSV: save it as \"CSV UTF-8 (comma delimited)\"."));

    public static readonly ImportFileError Utf16 = new("encoding_utf16", new(
        "文件编码是 UTF-16；请另存为 UTF-8 或 GB18030 的 CSV。", "The file is UTF-16: save it as CSV in UTF-8 or GB18030."));

    public static ImportFileError Missing(string path) => new("file_missing", new($"找不到文件 {path}。", $"There is no file {path}."));

    public static ImportFileError Unreadable(string path) => new("file_unreadable", new(
        $"无法读取 {path}，请检查权限，以及是否被其他程序占用。", $"{path} cannot be read: check its permissions and whether another program holds it."));

    public static ImportFileError SameFile(string path) => new("rejects_is_input", new(
        $"拒收文件不能就是导入文件 {path}。", $"The rejects file must not be the imported file {path}."));

    public static ImportFileError Binary(int line) => new("file_is_binary", new(
        $"第 {line} 行有不可能出现在文本里的字节，这不是 CSV 文件。", $"Line {line} holds bytes that no text has: this is no CSV file."), line);

    public static ImportFileError Encoding(int line) => new("encoding_unknown", new(
        $"第 {line} 行既不是 UTF-8 也不是 GB18030 编码；请另存为 UTF-8 后再导入。", $"Line {line} is neither UTF-8 nor GB18030: save the file as UTF-8."), line);

    public static ImportFileError OpenQuote(int line) => new("quote_unclosed", new(
        $"第 {line} 行有一个双引号没有配对；字段里的双引号要写成两个。", $"Line {line} opens a double quote that is never closed; a quote inside a field is written twice."), line);

    public static ImportFileError LongLine(int line) => new("line_too_long", new(
        $"第 {line} 行超过 800 万字节，这不像是 CSV 文件。", $"Line {line} is longer than 8 million bytes: this does not look like CSV."), line);

    public static ImportFileError Header(string expected) => new("header_unknown", new(
        $"第 1 行不是认得的表头；应有的列：{expected}。", $"Line 1 is no header that is known here; expected columns: {expected}."), 1);

    public static ImportFileError ColumnMissing(string column, string synonyms) => new("column_missing", new(
        $"第 1 行的表头缺少必需的列 {column}（也可写作：{synonyms}）。", $"The header in line 1 lacks the required column {column} (also written: {synonyms})."), 1, column);

    public static ImportFileError ColumnTwice(string column) => new("column_twice", new(
        $"第 1 行的表头里，列 {column} 出现了两次。", $"The header in line 1 has the column {column} twice."), 1, column);
}
