namespace Engagement.Api.Demo.Chain;

/// <summary>Names of invented people, and how careless hands write them.</summary>
internal static class Names
{
    private static readonly string[] s_surnames =
    [
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗",
        "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
        "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜",
        "欧阳", "上官", "司马", "诸葛", "逄", "郗", "亓",
    ];

    private static readonly string[] s_women =
    [
        "秀英", "桂兰", "淑珍", "玉梅", "凤英", "丽华", "秀珍", "桂芳", "玉兰", "春梅", "红霞", "建华", "小红", "海燕", "雪梅", "丽娜",
        "晓燕", "婷", "静", "敏", "雪", "倩", "佳怡", "雨桐", "欣怡", "思琪", "梦瑶", "诗涵", "子萱", "若曦", "惠", "琳", "晶", "丹",
        "媛媛", "莹", "颖", "洁", "素云", "月华", "爱珍", "美玲", "彩霞", "文娟", "亚男", "芷若", "语嫣", "一诺", "可欣", "书瑶",
    ];

    private static readonly string[] s_men =
    [
        "建国", "建军", "志强", "国强", "永强", "德明", "福生", "玉林", "文斌", "海涛", "志明", "国庆", "卫东", "新华", "宏伟", "立新",
        "伟", "强", "磊", "军", "勇", "杰", "涛", "鹏", "浩然", "子轩", "宇航", "俊杰", "博文", "天佑", "明哲", "嘉豪", "振华", "学文",
        "金生", "长河", "树林", "庆祥", "松", "凯", "毅", "昊", "峰", "晨", "思远", "一鸣", "泽宇", "梓睿", "皓轩", "㷧",
    ];

    private static readonly string[] s_titles = ["女士", "先生", "阿姨", "大爷"];
    private static readonly string[] s_placeholders = ["顾客", "会员", "", "匿名"];

    /// <summary>A full name; frequent surnames are frequent here too.</summary>
    public static string Full(bool woman, SeededStream random)
    {
        // The square makes the front of the list likelier, as in the country.
        var share = random.NextDouble();
        var surname = s_surnames[(int)(share * share * s_surnames.Length)];
        return surname + random.Pick(woman ? s_women : s_men);
    }

    /// <summary>What stands where a name should.</summary>
    public static string Placeholder(SeededStream random) => random.Pick(s_placeholders);

    /// <summary>The same name with a title, as tills write it.</summary>
    public static string Titled(string name, bool woman, bool old) => name + s_titles[(woman ? 0 : 1) + (old ? 2 : 0)];

    /// <summary>Somebody else in the family: another surname, another given name.</summary>
    public static string Relative(string name, SeededStream random)
    {
        string other;
        do other = Full(random.Chance(0.5), random);
        while (other[0] == name[0]);
        return other;
    }
}
