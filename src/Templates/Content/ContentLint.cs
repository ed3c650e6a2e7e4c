using System.Text.RegularExpressions;

namespace Engagement.Templates.Content;

/// <summary>Checks a text against advertising law, health privacy and the carriers' rules, by what the message is for.</summary>
/// <remarks>
/// Made once for a set of products and shared: immutable and thread-safe. It reads words, not meaning: an approved text still
/// needs a person.
/// </remarks>
public sealed partial class ContentLint
{
    private const string OptOut = "拒收请回复R";

    private readonly WordList _words;

    /// <summary>Makes a lint that knows, beside the shipped dictionary, the given products.</summary>
    /// <param name="products">The products that texts may name; a name given here goes before the dictionary's.</param>
    public ContentLint(IEnumerable<NamedProduct> products)
    {
        var named = products.ToArray();
        var known = named.Select(product => FoldedText.FoldWord(product.Name)).ToHashSet(StringComparer.Ordinal);
        // A product's name that holds a dictionary word ("芬必得布洛芬缓释胶囊") is that product and not the bare word.
        _words = new WordList(
        [
            .. named.Select(product => new WordList.Entry(CategoryOf(product.Class), product.Name, [], product)),
            .. ContentData.Words
                .Where(entry => !known.Contains(FoldedText.FoldWord(entry.Word)))
                .Select(entry => entry with { Except = [.. entry.Except, .. known.Where(name => IsMedicine(entry.Category) && name.Contains(entry.Word, StringComparison.Ordinal))] }),
        ]);
    }

    /// <summary>A lint that knows the shipped dictionary alone.</summary>
    public static ContentLint Default { get; } = new([]);

    /// <summary>The versions of the data files, for the record of an approval.</summary>
    public static string DataVersion => $"words {ContentData.VersionOf("words.tsv")}; findings {ContentData.VersionOf("findings.tsv")}";

    /// <summary>What is wrong with a text, in the order of its places; empty when nothing is.</summary>
    /// <param name="text">The text as it goes out, without the signature that the provider puts in front.</param>
    /// <param name="kind">What the message is for.</param>
    /// <param name="surface">Where it is read.</param>
    /// <param name="today">The business day, for approvals that expire.</param>
    public IReadOnlyList<ContentFinding> Check(string text, ContentKind kind, ContentSurface surface, DateOnly today) =>
        Check(text, ContentRules.For(kind), surface, today);

    /// <summary>What is wrong with a text under the given rules.</summary>
    /// <param name="text">The text as it goes out, without the signature that the provider puts in front.</param>
    /// <param name="rules">What is asked of it.</param>
    /// <param name="surface">Where it is read.</param>
    /// <param name="today">The business day, for approvals that expire.</param>
    public IReadOnlyList<ContentFinding> Check(string text, ContentRules rules, ContentSurface surface, DateOnly today)
    {
        var check = new Run(text, rules, surface, today);
        var hits = _words.Find(new FoldedText(text));
        foreach (var hit in hits) check.Judge(hit);
        check.JudgeOffers(hits);
        check.JudgeForms();
        check.JudgeWhole();
        return check.Findings;
    }

    private static bool IsMedicine(string category) => category is "rx" or "otc" or "special_drug";

    private static string CategoryOf(ProductClass productClass) => productClass switch
    {
        ProductClass.Prescription => "rx",
        ProductClass.OtcA or ProductClass.OtcB => "otc",
        ProductClass.HealthFood or ProductClass.Device or ProductClass.Ordinary => "goods",
    };

    /// <summary>One check of one text.</summary>
    private sealed class Run(string text, ContentRules rules, ContentSurface surface, DateOnly today)
    {
        private readonly List<ContentFinding> _findings = [];

        private bool OnLockScreen => surface != ContentSurface.InApp;

        public IReadOnlyList<ContentFinding> Findings => [.. _findings.OrderBy(finding => finding.Start)];

        public void Judge(WordList.Hit hit)
        {
            var code = hit.Entry.Category switch
            {
                "special_drug" => rules.MayNameMedicine ? null : "special_drug",
                "rx" => JudgeMedicine(prescription: true),
                "otc" => JudgeMedicine(prescription: false),
                "goods" => rules.IsKnowledge ? "tip_with_product" : null,
                "drug_class" => HiddenOnLockScreen(rules.MayNameMedicine || rules.MayNameCondition, "drug_class"),
                "disease" => rules.IsOffer ? "disease_claim" : HiddenOnLockScreen(rules.MayNameCondition, "disease_word"),
                "test_value" => HiddenOnLockScreen(rules.MayNameCondition, "test_value"),
                "department" => HiddenOnLockScreen(rules.MayNameCondition, "department"),
                "absolute" => rules.IsPublicity ? "absolute_claim" : null,
                "promise" => rules.IsPublicity ? "effect_promise" : null,
                "endorsement" => rules.IsPublicity ? "endorsement" : null,
                "offer" => rules.IsKnowledge ? "tip_with_offer" : null,
                "symbol" => surface == ContentSurface.Sms ? "carrier_symbol" : null,
                _ => null,
            };
            if (code is not null) Report(code, hit.Start, hit.Length);
        }

        private string? JudgeMedicine(bool prescription)
        {
            if (rules.MayNameMedicine) return null;
            if (rules.IsKnowledge) return "tip_with_product";
            if (prescription && rules.IsPublicity) return "rx_promotion";
            return rules.IsOffer ? null : HiddenOnLockScreen(mayName: false, "drug_named");
        }

        private string? HiddenOnLockScreen(bool mayName, string code) => OnLockScreen && !mayName ? code : null;

        /// <summary>What an advertisement owes to the products that it names.</summary>
        public void JudgeOffers(List<WordList.Hit> hits)
        {
            if (!rules.IsOffer) return;
            var gift = hits.Any(hit => hit.Entry.Category == "gift");
            foreach (var hit in hits.Where(hit => hit.Entry.Category is "otc" or "goods" or "rx"))
            {
                // Only a product master can say that a medicine is of class B.
                var productClass = hit.Entry.Product?.Class
                    ?? (hit.Entry.Category == "rx" ? ProductClass.Prescription : ProductClass.OtcA);
                if (gift && productClass is ProductClass.Prescription or ProductClass.OtcA) Report("medicine_as_gift", hit.Start, hit.Length);
                if (productClass is ProductClass.Prescription or ProductClass.Ordinary) continue;
                JudgeApproval(hit);
                var (notice, code) = productClass switch
                {
                    ProductClass.HealthFood => ("本品不能代替药物", "missing_health_food_notice"),
                    ProductClass.Device => ("请仔细阅读产品说明书或者在医务人员的指导下购买和使用", "missing_device_notice"),
                    _ => ("请按药品说明书或者在药师指导下购买和使用", "missing_otc_advice"),
                };
                if (!text.Contains(notice, StringComparison.Ordinal)) Report(code, hit.Start, hit.Length);
            }
        }

        private void JudgeApproval(WordList.Hit hit)
        {
            var number = hit.Entry.Product?.ApprovalNumber;
            if (string.IsNullOrEmpty(number) || !text.Contains(number, StringComparison.Ordinal)) Report("missing_approval_number", hit.Start, hit.Length);
            else if (!(hit.Entry.Product?.ApprovedUntil >= today)) Report("expired_approval", hit.Start, hit.Length);
        }

        /// <summary>What is known by its form and not by its words: quantities, links, phone numbers, brackets.</summary>
        public void JudgeForms()
        {
            if (OnLockScreen && !rules.MayNameMedicine && !rules.IsOffer)
            {
                foreach (Match match in Quantity().Matches(text)) Report("quantity_named", match.Index, match.Length);
            }
            foreach (Match match in Link().Matches(text))
            {
                if (rules.IsKnowledge) Report("tip_with_offer", match.Index, match.Length);
                else if (OnLockScreen && match.ValueSpan.ContainsAny('?', '=')) Report("link_with_parameters", match.Index, match.Length);
            }
            if (rules.IsKnowledge)
            {
                foreach (Match match in Contact().Matches(text)) Report("tip_with_offer", match.Index, match.Length);
            }
            if (surface != ContentSurface.Sms) return;
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] is '【' or '】') Report("carrier_symbol", i, 1);
            }
        }

        /// <summary>What the whole text must have.</summary>
        public void JudgeWhole()
        {
            if (rules.IsOffer && !text.Contains("广告", StringComparison.Ordinal)) Miss("missing_ad_mark");
            if (rules.NeedsOptOut && surface == ContentSurface.Sms && !text.AsSpan().TrimEnd("。. ").EndsWith(OptOut, StringComparison.Ordinal))
                Miss("missing_opt_out");
        }

        private void Miss(string code) => Report(code, text.Length, 0);

        private void Report(string code, int start, int length)
        {
            var words = text.Substring(start, length);
            var (article, chinese, english) = ContentData.Findings[code];
            _findings.Add(new ContentFinding(
                code, words, start, length, article,
                chinese.Replace("{0}", words, StringComparison.Ordinal), english.Replace("{0}", words, StringComparison.Ordinal)));
        }
    }

    [GeneratedRegex(@"[0-9０-９一二两三四五六七八九十半]+\s*(mg|毫克|微克|片|粒|盒|瓶|支(?!付)|袋|丸|贴)|每[日天次][一二两三四五六七八九十0-9]+[次片粒]|一日[一二两三四0-9]+次|[饭睡]前服|[饭睡]后服|剩余?[0-9]+天的?药",
        RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Quantity();

    [GeneratedRegex(@"(https?://|www\.)[^\s，。；、！]+|\b[a-z0-9-]+\.(com|cn|net|top|vip)(/[^\s，。；、！]*)?", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<!\d)(1[3-9]\d{9}|400-?\d{3}-?\d{4}|0\d{2,3}-\d{7,8})(?!\d)|[0-9.]+\s*元", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Contact();
}
