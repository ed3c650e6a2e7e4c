using System.Text;
using CsvHelper;
using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Imports.Csv;

/// <summary>A column of a kind of file.</summary>
/// <param name="Name">The name in documents and refusals.</param>
/// <param name="Required">Whether a file without it is refused.</param>
/// <param name="Synonyms">Other headings for it.</param>
internal sealed record CsvColumn(string Name, bool Required, params string[] Synonyms);

/// <summary>The line that a reader stands on: typed values by column, and the first thing that is wrong with them.</summary>
internal sealed class CsvLine(CsvReader reader, IReadOnlyList<CsvColumn> columns, int[] positions)
{
    private const int LongestField = 32_000;

    public int Number { get; private set; }

    /// <summary>The first fault since <see cref="Begin"/>.</summary>
    public (string Column, Reason Reason)? Fault { get; private set; }

    public void Begin() => (Number, Fault) = ((int)reader.LineNumber, null);

    public bool Has(int column) => positions[column] >= 0;

    /// <summary>The value without surrounding blanks; empty when the file has no such column.</summary>
    public string Text(int column)
    {
        if (positions[column] is var position && position < 0) return "";
        if (reader.GetSpan(position).Length > LongestField)
        {
            Refuse(column, Reasons.TooLong(LongestField));
            return "";
        }

        var text = reader.GetString(position);
        return text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])) ? text.Trim() : text;
    }

    /// <summary>The value or, where it is empty, something else.</summary>
    public string Text(int column, string otherwise) => Text(column) is { Length: > 0 } text ? text : otherwise;

    /// <summary>A value that the row cannot do without.</summary>
    public string Required(int column)
    {
        var text = Text(column);
        if (text.Length == 0) Refuse(column, Reasons.Missing);
        return text;
    }

    public int? Whole(int column)
    {
        if (int.TryParse(Bytes(column), out var value)) return value;
        var text = Text(column);
        if (text.Length == 0) return null;
        if (int.TryParse(PlainText.Fold(text), out value)) return value;
        Refuse(column, IsScientific(text) ? CsvReasons.Scientific : CsvReasons.Whole);
        return null;
    }

    /// <summary>A decimal in thousandths or hundredths; more places than these are refused, not rounded.</summary>
    public long? Scaled(int column, int places)
    {
        if (Decimals.TryScaled(Bytes(column), places, out var value)) return value;
        var text = Text(column);
        if (text.Length == 0) return null;
        if (Decimals.TryScaled(Encoding.UTF8.GetBytes(PlainText.Fold(text).TrimStart('¥')), places, out value)) return value;
        Refuse(column, IsScientific(text) ? CsvReasons.Scientific : CsvReasons.Decimal(places));
        return null;
    }

    public int? Day(int column)
    {
        if (CivilDate.TryIso(Bytes(column), out var date)) return ChinaTime.DayOf(date);
        var text = Text(column);
        if (text.Length == 0) return null;
        if (CivilDate.TryParse(text, out date)) return ChinaTime.DayOf(date);
        Refuse(column, Reasons.Date);
        return null;
    }

    private ReadOnlySpan<byte> Bytes(int column) => positions[column] < 0 ? [] : reader.GetSpan(positions[column]);

    public bool YesOrNo(int column)
    {
        switch (Text(column).ToLowerInvariant())
        {
            case "" or "0" or "否" or "n" or "no" or "false": return false;
            case "1" or "是" or "y" or "yes" or "true": return true;
            default:
                Refuse(column, CsvReasons.YesOrNo);
                return false;
        }
    }

    public void Refuse(int column, Reason reason) => Fault ??= (columns[column].Name, reason);

    private static bool IsScientific(string text) => text.Contains('E', StringComparison.OrdinalIgnoreCase) && text.Any(char.IsAsciiDigit);
}

/// <summary>Reasons that only files have.</summary>
internal static class CsvReasons
{
    public static readonly Reason Whole = new("number_invalid", new("不是整数。", "Not a whole number."));
    public static readonly Reason YesOrNo = new("yes_no_invalid", new("只能填“是”或“否”。", "Only yes or no."));
    public static readonly Reason Event = new("event_unknown", new("事件只能是“销售”或“退货”。", "The event is sale or refund."));
    public static readonly Reason Class = new("class_invalid", new(
        "商品类别只能是 处方药、甲类非处方药、乙类非处方药、医疗器械、保健食品、其他。", "The class is rx, otc_a, otc_b, device, health_food or other."));
    public static readonly Reason Purpose = new("consent_unknown", new("不认识的同意项目。", "A purpose of consent that is not known here."));
    public static readonly Reason FieldCount = new("field_count", new(
        "这一行的列数与表头不同；多半是逗号或双引号没有写对。", "The line has another number of fields than the header: probably a comma or a quote is wrong."));
    public static readonly Reason Scientific = new("number_scientific", new(
        "数字被表格软件改成了科学计数（如 1.38E+10），后几位已丢失；请把该列设为文本后重新导出。",
        "A spreadsheet turned the number into 1.38E+10 and lost digits: format the column as text and export again."));

    public static Reason Decimal(int places) => new("decimal_invalid", new($"不是数字，或小数超过 {places} 位。", $"Not a number, or more than {places} decimal places."));
}

/// <summary>Reads decimals with a fixed scale into whole numbers; nothing is ever rounded.</summary>
internal static class Decimals
{
    public static bool TryScaled(ReadOnlySpan<byte> text, int places, out long value)
    {
        value = 0;
        var negative = text.Length > 0 && text[0] == '-';
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? [] : text[(point + 1)..].TrimEnd((byte)'0');
        if (whole.Length is 0 or > 15 || fraction.Length > places
            || whole.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || fraction.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        foreach (var digit in whole) value = value * 10 + (digit - '0');
        for (var i = 0; i < places; i++) value = value * 10 + (i < fraction.Length ? fraction[i] - '0' : 0);
        if (negative) value = -value;
        return true;
    }
}
