using Engagement.Members.Profiles;

namespace Engagement.Members.Imports;

/// <summary>Every reason for which an import refuses a row. The code is the contract; the sentences may be reworded. None repeats a personal value.</summary>
internal static class Reasons
{
    public static readonly Reason Missing = new("missing", new("必填的值为空。", "A required value is empty."));
    public static readonly Reason UnknownStore = new("unknown_store", new("门店编码不存在，请先导入门店。", "No store has this code: import the stores first."));
    public static readonly Reason UnknownProduct = new("unknown_product", new(
        "商品编码不在商品主档里；未分类的商品不能入账，请先导入商品。", "No product has this article number. An unclassified product is not taken: import the products first."));
    public static readonly Reason RepeatedKey = new("repeated_key", new(
        "同一文件里前面已有同一编号的行，内容却不同。", "An earlier row of this file has the same number and other content."));
    public static readonly Reason MemberErased = new("member_erased", new(
        "该会员已行使删除权，不能再次导入。", "This member was erased on request and is not imported again."));

    public static readonly Reason Quantity = new("quantity_invalid", new("数量必须是不为零的整数，最多一百万。", "The quantity is a whole number, not zero, and at most a million."));
    public static readonly Reason NegativeSale = new("negative_quantity", new(
        "销售行的数量不能为负；退货请把事件写成“退货”。", "A sale has no negative quantity; write a return as a refund."));
    public static readonly Reason PositiveRefund = new("positive_quantity", new("退货行的数量必须为负。", "A refund has a negative quantity."));
    public static readonly Reason Price = new("price_negative", new("单价不能为负。", "A price is not negative."));
    public static readonly Reason AmountTooLarge = new("amount_too_large", new("金额超过一千万元。", "The amount is above ten million yuan."));
    public static readonly Reason Discount = new("discount_sign", new("优惠金额的正负与事件不符。", "The sign of the discount does not fit the event."));
    public static readonly Reason Net = new("net_differs", new(
        "实收金额不等于 数量 × 单价 − 优惠。", "What was paid is not quantity × price − discount."));
    public static readonly Reason NetSign = new("net_sign", new("实收金额的正负与事件不符。", "The sign of what was paid does not fit the event."));
    public static readonly Reason Insurance = new("insurance_invalid", new(
        "医保支付金额的正负与事件不符，或多于实收金额。", "What the insurance paid has the wrong sign, or is more than what was paid."));
    public static readonly Reason TooManyCodes = new("trace_codes_exceed_quantity", new("追溯码的个数多于商品数量。", "There are more trace codes than packs."));
    public static readonly Reason TraceCode = new("trace_code_invalid", new("追溯码只能由字母和数字组成，最长 64 位。", "A trace code has letters and digits only, at most 64."));
    public static readonly Reason LineNo = new("line_no_invalid", new("行号必须是 1 到 99999 的整数。", "A line number is from 1 to 99999."));
    public static readonly Reason DaysSupply = new("days_supply_invalid", new("用药天数必须是 1 到 3650 的整数。", "Days' supply is from 1 to 3650."));
    public static readonly Reason FutureDate = new("date_in_future", new("日期在今天之后。", "The date is after today."));
    public static readonly Reason AncientDate = new("date_too_old", new("日期早于 1990 年。", "The date is before 1990."));
    public static readonly Reason TicketDiffers = new("ticket_differs", new(
        "同一张小票的各行，日期、事件或会员不一致。", "The lines of one ticket disagree on day, event or member."));
    public static readonly Reason ChangedContent = new("changed_content", new(
        "这一行以前导入过，内容却不同；没有改动原有数据。", "This line was imported before with other content; what is there was not changed."));
    public static readonly Reason OriginalDiffers = new("original_product_differs", new(
        "退货的商品不是原小票那一行卖出的商品。", "The refunded product is not what the named line sold."));
    public static readonly Reason OriginalAmbiguous = new("original_ambiguous", new(
        "该门店不同收银台有同号的原小票，无法确定是哪一张。", "Several tills of this store have a ticket with that number; which one is meant cannot be told."));

    public static readonly Reason TherapyName = new("therapy_needs_generic_name", new(
        "长期用药必须有通用名。", "A long-term medicine needs its generic name."));
    public static readonly Reason TherapyCode = new("therapy_invalid", new(
        "治疗类别只能由小写字母、数字和下划线组成。", "A therapy class has lower-case letters, digits and underscores only."));
    public static readonly Reason PackUnits = new("pack_units_invalid", new("每盒数量和每日用量必须大于零。", "Units in a pack and units a day are more than zero."));
    public static readonly Reason ConsentDay = new("consent_day_invalid", new("同意日期无效或在今天之后。", "The day of a consent is not valid or after today."));

    public static Reason TooLong(int most) => new("too_long", new($"内容太长，最多 {most} 个字符。", $"The value is too long: at most {most} characters."));

    public static Reason Of(PhoneFault fault) => fault switch
    {
        PhoneFault.None or PhoneFault.Missing => Missing,
        PhoneFault.Length => new("phone_length", new("手机号必须是 11 位。", "A mobile number has 11 digits.")),
        PhoneFault.Prefix => new("phone_prefix", new("手机号必须以 13 到 19 开头。", "A mobile number starts with 13 to 19.")),
        PhoneFault.Landline => new("phone_landline", new("这是固定电话，不能接收短信。", "This is a landline, which takes no messages.")),
        PhoneFault.DataCard => new("phone_data_card", new("这是物联网卡号码，没有人阅读。", "This is the number of a machine's data card; nobody reads it.")),
        PhoneFault.Scientific => new("phone_scientific", new(
            "手机号被表格软件改成了科学计数（如 1.38E+10），后几位已丢失；请把该列设为文本后重新导出。",
            "A spreadsheet turned the number into 1.38E+10 and lost its last digits: format the column as text and export again.")),
        PhoneFault.Characters => new("phone_characters", new("手机号里有不该有的字符。", "There are characters in the number that do not belong there.")),
        PhoneFault.Placeholder => new("phone_placeholder", new("这是占位号码，不是真实手机号。", "This number was typed in to fill the field.")),
    };

    public static Reason Of(BirthdayFault fault) => fault switch
    {
        BirthdayFault.Impossible => new("birthday_impossible", new("日历上没有这一天。", "The calendar has no such day.")),
        BirthdayFault.Future => new("birthday_in_future", new("生日在今天之后。", "The birthday is after today.")),
        BirthdayFault.Format or BirthdayFault.None or BirthdayFault.Missing or BirthdayFault.Placeholder or BirthdayFault.Lunar =>
            new("birthday_format", new("生日不是可识别的日期。", "The birthday is not a date that can be read.")),
    };

    public static readonly Reason Date = new("date_invalid", new("不是有效的日期。", "Not a valid date."));
    public static readonly Reason NameTooLong = new("name_too_long", new("姓名太长（汉字最多 20 个，字母最多 50 个）。", "The name is too long (20 Chinese or 50 Latin characters)."));
}
