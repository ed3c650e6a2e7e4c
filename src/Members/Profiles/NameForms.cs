using System.Collections.Frozen;
using System.Text;

namespace Engagement.Members.Profiles;

/// <summary>What is known about Chinese names: compound surnames, titles, placeholders, traditional characters.</summary>
internal static class NameForms
{
    private static readonly string[] s_titles =
    [
        "先生", "女士", "小姐", "阿姨", "大爷", "大妈", "大叔", "叔叔", "奶奶", "爷爷", "师傅", "老师", "医生", "经理", "总",
    ];

    private static readonly FrozenSet<string> s_placeholders = new[]
    {
        "顾客", "会员", "匿名", "测试", "无", "某", "散客", "某某", "无名", "无名氏", "未知", "不详", "新会员", "普通会员", "客户", "test", "null", "none", "na", "n/a",
        "先生", "女士", "小姐", "阿姨", "大爷",
    }.ToFrozenSet();

    // Names that stand for "somebody" in examples; they are placeholders only beside an invented phone.
    private static readonly FrozenSet<string> s_examples = new[] { "张三", "李四", "王五", "赵六" }.ToFrozenSet();

    private static readonly FrozenSet<string> s_compoundSurnames = new[]
    {
        "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "宇文", "长孙", "独孤", "南宫", "端木", "轩辕", "百里", "呼延",
        "闻人", "澹台", "公冶", "太史", "申屠", "仲孙", "钟离", "鲜于", "闾丘", "司空", "万俟", "赫连", "西门", "东郭", "公羊", "拓跋", "完颜", "纳兰", "欧陽", "司馬", "諸葛", "東方",
    }.ToFrozenSet();

    // Traditional and simplified in turn, the characters that occur in names. Not a converter: it only has to make two spellings of one name equal.
    private const string Pairs =
        "陳陈張张劉刘黃黄楊杨趙赵吳吴鄭郑馮冯鄧邓許许蕭萧葉叶蔣蒋盧卢蘇苏賈贾鍾钟譚谭陸陆韋韦鄒邹閻阎龍龙萬万錢钱湯汤嚴严賴赖龐庞顧顾龔龚蘭兰華华國国軍军偉伟麗丽紅红東东風风雲云鳳凤貴贵榮荣靜静潔洁瓊琼蓮莲愛爱寶宝寧宁強强勝胜傑杰衛卫業业學学義义禮礼" +
        "慶庆聖圣豐丰進进遠远運运達达連连選选鐵铁銀银銘铭鋒锋鋼钢錦锦鎮镇長长門门陽阳陰阴雙双難难順顺須须領领顏颜飛飞馬马駿骏驊骅魯鲁鵬鹏黨党齊齐龜龟亞亚來来倫伦倉仓儀仪億亿優优兒儿兩两冊册凱凯剛刚創创動动勞劳勳勋區区協协單单卻却參参啟启嘯啸嚮向園园" +
        "圓圆團团堅坚報报壯壮壽寿夢梦奮奋婭娅嬌娇孫孙宮宫實实審审寬宽將将專专尋寻對对導导屬属島岛崗岗嶺岭嶽岳師师帥帅帶带幫帮庫库應应廣广廠厂彥彦從从徵征憐怜戰战戲戏揚扬換换擇择據据攝摄時时曉晓曄晔暉晖書书會会條条楓枫極极樂乐樓楼樹树橋桥機机檢检權权" +
        "歐欧歡欢歲岁歷历氣气漢汉澤泽潤润濤涛濱滨瀾澜煒炜煥焕燁烨燈灯爾尔牽牵獻献瑋玮瑤瑶瑪玛璽玺環环瓏珑甯宁畢毕異异發发監监盤盘確确禎祯穎颖積积穩稳竇窦筆笔節节範范紀纪約约純纯紋纹紹绍終终組组絲丝綠绿維维綱纲綺绮緒绪練练縣县總总織织繼继續续羅罗習习" +
        "聞闻聰聪聯联職职興兴舉举艷艳藝艺藍蓝藥药蘊蕴處处號号裝装裡里見见規规視视親亲覺觉觀观計计訓训記记設设詠咏詩诗誠诚語语誼谊調调諾诺謙谦謝谢證证識识護护讓让豔艳財财貞贞貝贝賀贺資资賓宾賢贤質质躍跃車车軒轩載载輝辉輪轮輔辅農农邁迈郵邮鄉乡醫医釗钊" +
        "鈞钧鈴铃鉅钜鉑铂鎂镁閔闵閣阁闊阔關关闆板隊队陞升際际雋隽電电霽霁韓韩韻韵頌颂頓顿頡颉題题願愿類类駐驻騏骐騰腾驕骄驗验鮑鲍鴻鸿鶴鹤鷹鹰麥麦";

    private static readonly FrozenDictionary<char, char> s_simplified = SimplifiedFrom(Pairs);

    public static bool IsPlaceholder(string clean) => s_placeholders.Contains(clean.ToLowerInvariant());

    public static bool IsExample(string clean) => s_examples.Contains(clean);

    public static string Surname(string value)
    {
        if (!PlainText.IsHan(value[0]))
        {
            var last = value.AsSpan().LastIndexOf(' ');
            return value[(last + 1)..];
        }

        var dot = value.IndexOf('·');
        if (dot > 0) return value[..dot];   // 买买提·艾力: no surname in the Chinese sense; the first part is what people are called by
        var pair = value.Length > 1 && (char.IsHighSurrogate(value[0]) || s_compoundSurnames.Contains(value[..2]));
        return value[..(pair ? 2 : 1)];
    }

    public static string Compare(string value)
    {
        var end = value.Length;
        foreach (var title in s_titles)
        {
            if (value.Length <= title.Length || !value.EndsWith(title, StringComparison.Ordinal)) continue;
            end = value.Length - title.Length;
            break;
        }

        var result = new StringBuilder(end);
        foreach (var character in value.AsSpan(0, end))
        {
            if (character is ' ' or '·' or '.' or '-') continue;
            result.Append(s_simplified.TryGetValue(character, out var simple) ? simple : char.ToLowerInvariant(character));
        }

        return result.ToString();
    }

    private static FrozenDictionary<char, char> SimplifiedFrom(string pairs)
    {
        var map = new Dictionary<char, char>();
        for (var i = 0; i < pairs.Length; i += 2) map.TryAdd(pairs[i], pairs[i + 1]);
        return map.ToFrozenDictionary();
    }
}
