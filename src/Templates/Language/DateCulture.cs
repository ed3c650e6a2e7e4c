namespace Engagement.Templates.Language;

/// <summary>The words and orders of a language's dates. Our own small table: the process runs without culture data.</summary>
internal sealed record DateCulture(
    string[] Days, string[] ShortDays, string[] Months, string[] ShortMonths, string Morning, string Afternoon,
    string DatePattern, string TimePattern, bool DayFirst, string GroupSeparator = ",", string DecimalSeparator = ".")
{
    private static readonly string[] EnglishDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    private static readonly string[] EnglishShortDays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] EnglishMonths =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    private static readonly string[] EnglishShortMonths =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    public static readonly DateCulture Invariant = new(
        EnglishDays, EnglishShortDays, EnglishMonths, EnglishShortMonths, "AM", "PM", "%m/%d/%Y", "%H:%M:%S", DayFirst: false);

    private static readonly DateCulture American = Invariant with { DatePattern = "%-m/%-d/%Y", TimePattern = "%-I:%M:%S %p" };

    private static readonly DateCulture British = Invariant with { DatePattern = "%d/%m/%Y", DayFirst = true, Morning = "am", Afternoon = "pm" };

    private static readonly DateCulture Chinese = new(
        ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
        ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
        ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
        ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
        "上午", "下午", "%Y/%-m/%-d", "%H:%M:%S", DayFirst: false);

    private static readonly DateCulture French = new(
        ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
        ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
        ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
        ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
        "AM", "PM", "%d/%m/%Y", "%H:%M:%S", DayFirst: true, GroupSeparator: "\u202F", DecimalSeparator: ",");

    /// <summary>Finds a language by its name; null when it is not in the table.</summary>
    public static DateCulture? Find(string name) => name.ToUpperInvariant() switch
    {
        "" => Invariant,
        "EN" or "EN-US" => American,
        "EN-GB" => British,
        "ZH" or "ZH-CN" or "ZH-HANS" or "ZH-HANS-CN" => Chinese,
        "FR" or "FR-FR" => French,
        _ => null,
    };
}
