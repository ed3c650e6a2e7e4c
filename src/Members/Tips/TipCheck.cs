using System.Text.RegularExpressions;
using Engagement.Storage;

namespace Engagement.Members.Tips;

/// <summary>What the law on words says of an article; the dictionary lives with the templates.</summary>
public interface ITipWords
{
    /// <summary>What stands against the text, for people.</summary>
    IReadOnlyList<Phrase> Findings(string text, DateOnly today);
}

/// <summary>The automatic check before a pharmacist reads an article: knowledge stays free of anything that sells (domain 4.4 R-AD-7, 8).</summary>
public static partial class TipCheck
{
    private const int LongestText = 8000;

    private const int ShortestName = 3;
    private const string Products = "SELECT name FROM product";
    private const string Stores = "SELECT name FROM store";

    /// <summary>The names that must not stand in an article: products and stores.</summary>
    internal static async Task<IReadOnlyList<string>> NamesAsync(Session session) =>
    [
        // A name of one or two characters stands in words that mean something else.
        .. (await session.QueryAsync<string>(Products).ConfigureAwait(false)).Where(name => name.Length >= ShortestName),
        .. await session.QueryAsync<string>(Stores).ConfigureAwait(false),
    ];

    /// <summary>Whatever stands against an article.</summary>
    /// <param name="content">The article.</param>
    /// <param name="names">Names of products and stores.</param>
    /// <param name="words">The dictionary.</param>
    /// <param name="today">The business day.</param>
    public static IReadOnlyList<Phrase> Findings(TipContent content, IEnumerable<string> names, ITipWords words, DateOnly today)
    {
        var text = content.Text();
        List<Phrase> found = [.. Form(content), .. Selling(text), .. words.Findings(text, today)];
        found.AddRange(names.Where(name => name.Length > 0 && text.Contains(name, StringComparison.Ordinal)).Distinct().Select(name => new Phrase($"出现商品或门店名称：{name}", $"names a product or store: {name}")));
        return found;
    }

    /// <summary>What in a text would lead a reader to a shop: links, numbers to call, prices, coupons.</summary>
    public static IEnumerable<Phrase> Selling(string text)
    {
        if (Link().Match(text) is { Success: true } link) yield return new($"含有链接或页面地址：{link.Value}", $"holds a link: {link.Value}");
        if (Phone().Match(text) is { Success: true } phone) yield return new($"含有电话号码：{phone.Value}", $"holds a phone number: {phone.Value}");
        if (Price().Match(text) is { Success: true } price) yield return new($"含有价格：{price.Value}", $"holds a price: {price.Value}");
        if (Offer().Match(text) is { Success: true } offer) yield return new($"含有促销或门店引导：{offer.Value}", $"leads to an offer or a store: {offer.Value}");
    }

    private static IEnumerable<Phrase> Form(TipContent content)
    {
        if (content.Title.Trim().Length is < 4 or > 40) yield return new("标题须为 4 到 40 个字", "a title has 4 to 40 characters");
        if (content.Summary.Trim().Length is < 4 or > 120) yield return new("摘要须为 4 到 120 个字", "a summary has 4 to 120 characters");
        if (content.Paragraphs.Count is < 1 or > 40 || content.Paragraphs.Any(string.IsNullOrWhiteSpace) || content.Text().Length > LongestText) yield return new("正文须为 1 到 40 段、共不超过 8000 字", "a text has 1 to 40 paragraphs and 8,000 characters at most");
        if (content.Source.Trim().Length is < 4 or > 120) yield return new("须注明来源（官方机构、指南或说明书）", "the source is missing: an official body, a guideline or a leaflet");
        if (!Code().IsMatch(content.Topic)) yield return new("主题须为小写字母代码", "a topic is a code of lower-case letters");
        if (content.Text().Any(letter => char.IsControl(letter) && letter != '\n') || content.Text().Contains('<', StringComparison.Ordinal)) yield return new("只能是纯文字", "plain text only");
        foreach (var tag in content.Tags.Except(HealthTags.All)) yield return new($"没有这个健康标签：{tag}", $"no such health tag: {tag}");
        foreach (var term in content.Terms.Except(SolarTerms.Names)) yield return new($"没有这个节气：{term}", $"no such solar term: {term}");
        if (content.AgeFrom is < 0 or > 120 || content.AgeUntil is < 0 or > 120 || content.AgeFrom > content.AgeUntil) yield return new("年龄范围有误", "the ages are out of range");
    }

    [GeneratedRegex(@"(?i)https?:|www\.|[a-z0-9-]+\.(com|cn|net|shop)\b|weixin:|pages/|#小程序|二维码|扫码")]
    private static partial Regex Link();

    // The numbers that everybody may call in need are no advertising.
    [GeneratedRegex(@"(?<![0-9])(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|400-?\d{3}-?\d{4})(?![0-9])")]
    private static partial Regex Phone();

    [GeneratedRegex(@"[¥￥]\s*\d|\d+(\.\d+)?\s*元")]
    private static partial Regex Price();

    [GeneratedRegex("优惠|折扣|满减|积分|领券|立减|特价|买[一二三0-9]+送|到店|门店|本店|进店|下单|选购|热卖|咨询热线")]
    private static partial Regex Offer();

    [GeneratedRegex("^[a-z][a-z_]{1,31}$")]
    private static partial Regex Code();
}
