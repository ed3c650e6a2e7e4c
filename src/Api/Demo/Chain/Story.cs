using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// The five people to look at. They exist by construction, whatever the seed, the size or the source of the rest: their
/// supply, birthday, consents and grants are counted from the demo's day.
/// </summary>
internal sealed class Story
{
    /// <summary>The source code of the five and their tickets; it keeps them apart from a real export's.</summary>
    public const string Source = "demo";

    /// <summary>How many they are.</summary>
    public const int Size = 5;

    /// <summary>王秀兰, 62: two medicines that run out within days, one reminder today.</summary>
    public const string WangXiulan = "D0001";

    /// <summary>李强: birthday today.</summary>
    public const string LiQiang = "D0002";

    /// <summary>陈敏: one medicine due, no grant, so SMS.</summary>
    public const string ChenMin = "D0003";

    /// <summary>赵磊: one medicine due, health consent withdrawn.</summary>
    public const string ZhaoLei = "D0004";

    /// <summary>周芳: in the promotion's audience, to be held out.</summary>
    public const string ZhouFang = "D0005";

    private const int WithdrawnDaysAgo = 5;
    private const int Fills = 12;

    private readonly ChainOptions _options;
    private readonly ProductList _products;
    private readonly Phones _phones;
    private readonly string _store;
    private readonly int _joined;

    public Story(ChainOptions options, ProductList products, Phones phones, string store)
    {
        (_options, _products, _phones, _store) = (options, products, phones, store);
        _joined = options.Today - 420;
        People = [Wang(), Li(), Chen(), Zhao(), Zhou()];
    }

    /// <summary>The five with their tickets.</summary>
    public IReadOnlyList<(Person Person, IReadOnlyList<Ticket> Tickets)> People { get; }

    private (Person, IReadOnlyList<Ticket>) Wang() => (
        Make(0, WangXiulan, "王秀兰", "女", Born(62, daysAgo: 100), openId: true,
            [new("birthday", 1), new("refill", 3), new("promotion", 1)],
            [Purpose.Health, Purpose.Reminder, Purpose.MarketingWeChat, Purpose.Tips]),
        [.. Supply(("氨氯地平", "5mg", 7), ("二甲双胍", "0.5g", 10)).Concat(Bought(("安澜上臂式电子血压计", 33), ("康禾燕麦片", 4))).OrderBy(ticket => ticket.Day)]);

    private (Person, IReadOnlyList<Ticket>) Li() => (
        Make(1, LiQiang, "李强", "男", Born(41, daysAgo: 0), openId: true,
            [new("birthday", 1), new("promotion", 1)], [Purpose.MarketingWeChat]),
        Bought(("维生素C咀嚼片", 40), ("青荷蛋白质粉", 26), ("维生素C咀嚼片", 12)));

    private (Person, IReadOnlyList<Ticket>) Chen() => (
        Make(2, ChenMin, "陈敏", "女", Born(55, daysAgo: 200), openId: true, [],
            [Purpose.Health, Purpose.Reminder, Purpose.MarketingWeChat, Purpose.MarketingSms]),
        [.. Supply(("阿托伐他汀", "20mg", 3)).Concat(Bought(("安澜血糖仪套装", 35), ("本源药盒", 9))).OrderBy(ticket => ticket.Day)]);

    private (Person, IReadOnlyList<Ticket>) Zhao()
    {
        var person = Make(3, ZhaoLei, "赵磊", "男", Born(58, daysAgo: 150), openId: true,
            [new("refill", 2), new("promotion", 1)], [Purpose.Health, Purpose.Reminder, Purpose.MarketingWeChat]);
        var withdrawn = new ConsentRow(Purpose.Health, false, _options.Today - WithdrawnDaysAgo, PersonMaker.ConsentText, "mini-program");
        return (person with { Row = person.Row with { Consents = [.. person.Row.Consents, withdrawn] } }, [.. Supply(("缬沙坦", "80mg", 7)).Concat(Bought(("安澜上臂式电子血压计", 21))).OrderBy(ticket => ticket.Day)]);
    }

    private (Person, IReadOnlyList<Ticket>) Zhou() => (
        Make(4, ZhouFang, "周芳", "女", Born(36, daysAgo: 250), openId: true,
            [new("birthday", 1), new("promotion", 2)], [Purpose.MarketingWeChat, Purpose.MarketingSms]),
        Bought(("维生素C咀嚼片", 75), ("康禾胶原蛋白粉", 45), ("悦生辅酶Q10胶囊", 30), ("维生素C咀嚼片", 20), ("本源氨糖软骨素片", 14)));

    private Person Make(int index, string memberNo, string name, string sex, DateOnly born, bool openId,
        IReadOnlyList<DemoGrant> grants, IReadOnlyList<Purpose> purposes) => new()
        {
            Index = index,
            Chronic = purposes.Contains(Purpose.Health),
            FirstPurchase = null,
            Grants = grants,
            Row = new MemberRow
            {
                Source = Source,
                MemberNo = memberNo,
                Name = name,
                Phone = _phones.Number(index),
                Sex = sex,
                Birthday = born.ToString("yyyy-MM-dd"),
                StoreCode = _store,
                Joined = ChinaTime.Date(_joined).ToString("yyyy-MM-dd"),
                OpenId = openId ? PersonMaker.OpenId(new SeededStream(_options.Seed, Draw.Story, index)) : "",
                Consents = [.. purposes.Prepend(Purpose.Membership).Select(p => new ConsentRow(p, true, _joined, PersonMaker.ConsentText, $"form {memberNo}"))],
            },
        };

    /// <summary>The day of birth of somebody of that age whose last birthday was so many days ago.</summary>
    private DateOnly Born(int age, int daysAgo)
    {
        var birthday = ChinaTime.Date(_options.Today - daysAgo);
        var year = birthday.Year - age;
        return birthday is { Month: 2, Day: 29 } ? new DateOnly(year - year % 4, 2, 29) : new DateOnly(year, birthday.Month, birthday.Day);
    }

    /// <summary>Single packs of each medicine, bought so that the supply ends so many days from today.</summary>
    private List<Ticket> Supply(params (string Generic, string Strength, int EndsIn)[] medicines) =>
    [
        .. medicines
            .Select(m => (Product: _products.Find(m.Generic, m.Strength), m.EndsIn))
            .SelectMany(m => Regimen.FillDays(m.Product, _options.Today + m.EndsIn, Fills, _joined).Select(day => (Day: day, m.Product)))
            .GroupBy(fill => fill.Day, fill => new Good(fill.Product, 1, 0))
            .OrderBy(day => day.Key)
            .Select(day => new Ticket(day.Key, [.. day], Final: true)),
    ];

    /// <summary>What is no medicine and earns points, so many days ago; the oldest first.</summary>
    private List<Ticket> Bought(params (string Product, int DaysAgo)[] goods) =>
        [.. goods.Select(good => new Ticket(_options.Today - good.DaysAgo, [new Good(_products.Named(good.Product), 1, 0)], Final: true))];
}
