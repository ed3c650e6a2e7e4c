using Engagement.Members.Consents;
using Engagement.Members.Products;

namespace Engagement.Members.Imports.Csv;

/// <summary>The four kinds of files. <c>docs/imports.md</c> lists the same columns; a test compares the two.</summary>
internal static class Tables
{
    private static readonly char[] s_separators = [';', '；', '|', '、', '，', ' '];

    public static readonly IReadOnlyList<CsvColumn> StoreColumns =
    [
        new("code", true, "store_code", "门店编码", "门店编号", "门店代码", "编码"), new("name", true, "store_name", "门店名称", "名称", "门店"), new("city", false, "城市", "所在城市"),
    ];

    public static readonly IReadOnlyList<CsvColumn> ProductColumns =
    [
        new("sku", true, "商品编码", "商品编号", "货号", "编码"), new("name", true, "商品名称", "名称", "品名"), new("generic_name", false, "通用名", "通用名称"),
        new("strength", false, "剂量", "单位剂量", "含量"), new("spec", false, "规格", "包装规格"), new("maker", false, "厂家", "生产厂家", "生产企业"),
        new("approval_no", false, "批准文号", "国药准字"), new("class", false, "类别", "商品类别", "药品分类"), new("therapy", false, "治疗类别", "慢病类别"),
        new("sensitive", false, "敏感", "隐私品类"), new("pack_units", false, "每盒数量", "包装数量", "片数"), new("units_per_day", false, "每日用量", "日用量"),
        new("dose_estimated", false, "用量为估计", "估计用量"), new("price", false, "单价", "零售价", "价格"),
    ];

    public static readonly IReadOnlyList<CsvColumn> MemberColumns =
    [
        new("member_no", true, "会员号", "会员编号", "会员卡号", "卡号", "card_no"), new("name", true, "姓名", "会员姓名", "顾客姓名", "客户姓名"),
        new("phone", true, "手机", "手机号", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "mobile", "tel"), new("sex", false, "性别", "gender"),
        new("birthday", false, "生日", "出生日期", "出生年月日", "birth_date"), new("store_code", false, "门店", "门店编码", "门店编号", "所属门店", "开卡门店", "store"),
        new("joined", false, "入会日期", "开卡日期", "注册日期", "join_date"), new("openid", false, "微信openid"), new("source", false, "来源", "来源系统"),
        new("private_mode", false, "隐私模式", "仅微信"), new("consents", false, "同意项目", "授权项目"), new("consent_date", false, "同意日期", "授权日期"),
        new("consent_text", false, "同意文本版本", "协议版本"), new("consent_evidence", false, "同意凭证", "授权凭证"),
    ];

    public static readonly IReadOnlyList<CsvColumn> PurchaseColumns =
    [
        new("store_code", true, "门店", "门店编码", "门店编号", "store"), new("ticket_no", true, "小票号", "单号", "销售单号", "流水号", "订单号"),
        new("business_date", true, "日期", "销售日期", "购药时间", "交易日期", "营业日期", "date"), new("sku", true, "商品编码", "商品编号", "货号"),
        new("quantity", true, "数量", "销售数量", "qty"), new("unit_price", true, "单价", "零售价", "售价"), new("discount", false, "优惠", "优惠金额", "折扣金额"),
        new("net", false, "实收", "实收金额", "金额"), new("till_no", false, "收银台", "款台", "收银机号"), new("line_no", false, "行号", "序号"),
        new("event", false, "事件", "类型", "交易类型"), new("member_no", false, "会员号", "会员编号", "会员卡号", "卡号", "card_no"),
        new("phone", false, "手机", "手机号", "手机号码", "电话", "联系电话", "mobile"), new("days_supply", false, "用药天数", "可用天数"),
        new("batch_no", false, "批号", "生产批号", "lot_no"), new("expiry_date", false, "有效期", "有效期至"), new("trace_codes", false, "追溯码", "药品追溯码"),
        new("prescription_no", false, "处方号", "处方编号"), new("original_ticket_no", false, "原小票号", "原单号"), new("original_line_no", false, "原行号", "原序号"),
        new("source", false, "来源", "来源系统", "source_system"), new("insurance", false, "医保支付", "医保金额", "医保支付金额"),
    ];

    public static readonly CsvTable<StoreRow> Stores = new(StoreColumns, line => new StoreRow(line.Required(0), line.Required(1), line.Text(2), line.Number));

    public static readonly CsvTable<ProductRow> Products = new(ProductColumns, ReadProduct);

    public static CsvTable<MemberRow> Members(string source) => new(MemberColumns, line => ReadMember(line, source));

    public static CsvTable<PurchaseLineRow> Purchases(string source)
    {
        var reader = new PurchaseLines(source);
        return new CsvTable<PurchaseLineRow>(PurchaseColumns, reader.Read);
    }

    private static ProductRow ReadProduct(CsvLine line) => new()
    {
        Line = line.Number,
        Sku = line.Required(0),
        Name = line.Required(1),
        GenericName = line.Text(2),
        Strength = line.Text(3),
        Spec = line.Text(4),
        Maker = line.Text(5),
        ApprovalNo = line.Text(6),
        Class = ReadClass(line, 7),
        Therapy = line.Text(8) is { Length: > 0 } therapy ? therapy : null,
        Sensitive = line.YesOrNo(9),
        PackUnits = line.Whole(10),
        UnitsPerDayMilli = (int?)line.Scaled(11, 3),
        DoseEstimated = line.YesOrNo(12),
        PriceFen = line.Scaled(13, 2) ?? 0,
    };

    private static ProductClass ReadClass(CsvLine line, int column)
    {
        switch (line.Text(column).ToLowerInvariant().Replace('-', '_'))
        {
            case "": return ProductClass.Unknown;
            case "rx" or "处方药" or "prescription": return ProductClass.Prescription;
            case "otc_a" or "甲类非处方药" or "甲类otc" or "甲类": return ProductClass.OtcA;
            case "otc_b" or "乙类非处方药" or "乙类otc" or "乙类": return ProductClass.OtcB;
            case "device" or "医疗器械" or "器械": return ProductClass.Device;
            case "health_food" or "保健食品": return ProductClass.HealthFood;
            case "other" or "其他" or "其它" or "非药品": return ProductClass.Other;
            default:
                line.Refuse(column, CsvReasons.Class);
                return ProductClass.Unknown;
        }
    }

    private static MemberRow ReadMember(CsvLine line, string source) => new()
    {
        Line = line.Number,
        MemberNo = line.Required(0),
        Name = line.Text(1),
        Phone = line.Text(2),
        Sex = line.Text(3),
        Birthday = line.Text(4),
        StoreCode = line.Text(5),
        Joined = line.Text(6),
        OpenId = line.Text(7),
        Source = line.Text(8, source),
        PrivateMode = line.YesOrNo(9),
        Consents = ReadConsents(line, 10),
    };

    // "短信营销=是;健康信息=否" or "marketing_sms;health=no": what is named without an answer is granted. Without a date it proves nothing.
    private static List<ConsentRow> ReadConsents(CsvLine line, int column)
    {
        var words = line.Text(column).Split(s_separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0) return [];
        if (line.Day(column + 1) is not { } day)
        {
            line.Refuse(column + 1, Reasons.Missing);
            return [];
        }

        var consents = new List<ConsentRow>();
        foreach (var word in words)
        {
            var parts = word.Split('=', 2);
            var answer = parts.Length == 1 || parts[1].ToLowerInvariant() is "是" or "yes" or "y" or "1";
            if (PurposeOf(parts[0]) is { } purpose && (answer || parts[1].ToLowerInvariant() is "否" or "no" or "n" or "0"))
            {
                consents.Add(new ConsentRow(purpose, answer, day, line.Text(column + 2), line.Text(column + 3)));
            }
            else
            {
                line.Refuse(column, CsvReasons.Purpose);
            }
        }

        return consents;
    }

    private static Purpose? PurposeOf(string word) => word.ToLowerInvariant() switch
    {
        "membership" or "会员服务" => Purpose.Membership,
        "health" or "健康信息" => Purpose.Health,
        "reminder" or "用药提醒" => Purpose.Reminder,
        "marketing_sms" or "短信营销" => Purpose.MarketingSms,
        "marketing_wechat" or "微信营销" => Purpose.MarketingWeChat,
        "tips" or "健康科普" => Purpose.Tips,
        "personalisation" or "个性化推荐" => Purpose.Personalisation,
        _ => null,
    };

    /// <summary>Reads purchase lines; remembers the last ticket, to number lines where the file does not.</summary>
    private sealed class PurchaseLines(string source)
    {
        private (string, string, string, string) _ticket;
        private int _number;

        public PurchaseLineRow Read(CsvLine line)
        {
            var (store, ticket, till, from) = (line.Required(0), line.Required(1), line.Text(8, "1"), line.Text(20, source));
            var (quantity, price, discount, net) = (line.Whole(4), line.Scaled(5, 2), line.Scaled(6, 2), line.Scaled(7, 2));
            if (quantity is null) line.Refuse(4, Reasons.Missing);
            if (price is null) line.Refuse(5, Reasons.Missing);
            var gross = (quantity ?? 0) * Math.Clamp(price ?? 0, -1_000_000_000_000, 1_000_000_000_000);
            var codes = line.Text(16);
            return new PurchaseLineRow
            {
                Line = line.Number,
                Source = from,
                StoreCode = store,
                TillNo = till,
                TicketNo = ticket,
                LineNo = LineNo(line, (store, ticket, till, from)),
                Event = ReadEvent(line, 10),
                BusinessDay = line.Day(2) ?? Nothing(line, 2),
                MemberNo = line.Text(11),
                Phone = line.Text(12),
                Sku = line.Required(3),
                Quantity = quantity ?? 0,
                UnitPriceFen = price ?? 0,
                // Of discount and net one may be missing: the other tells it.
                DiscountFen = discount ?? (net is null ? 0 : gross - net.Value),
                NetFen = net ?? gross - (discount ?? 0),
                InsuranceFen = line.Scaled(21, 2) ?? 0,
                DaysSupply = line.Whole(13),
                BatchNo = line.Text(14),
                ExpiryDay = line.Day(15),
                TraceCodes = codes.Length == 0 ? [] : codes.Split(s_separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                PrescriptionNo = line.Text(17),
                OriginalTicketNo = line.Text(18),
                OriginalLineNo = line.Whole(19) ?? 0,
            };
        }

        private int LineNo(CsvLine line, (string, string, string, string) ticket)
        {
            _number = ticket == _ticket ? _number + 1 : 1;
            _ticket = ticket;
            return line.Whole(9) ?? _number;
        }

        private static int Nothing(CsvLine line, int column)
        {
            line.Refuse(column, Reasons.Missing);
            return 0;
        }

        private static PurchaseEvent ReadEvent(CsvLine line, int column)
        {
            switch (line.Text(column).ToLowerInvariant())
            {
                case "" or "sale" or "销售": return PurchaseEvent.Sale;
                case "refund" or "退货" or "退款": return PurchaseEvent.Refund;
                default:
                    line.Refuse(column, CsvReasons.Event);
                    return PurchaseEvent.Sale;
            }
        }
    }
}
