using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Api.Demo.Chain;

/// <summary>
/// Makes the people of a chain: name, phone, birthday, store, openid, consents, grants. Person <c>i</c> depends on the seed and
/// <c>i</c> alone, so the sequence needs no memory and can begin anywhere.
/// </summary>
internal sealed class PersonMaker
{
    /// <summary>The version of the consent texts that everybody saw.</summary>
    public const string ConsentText = "2025-01";

    // Every fifth member takes medicines for long.
    private const int ChronicEvery = 5;

    // One in so many has the birthday today, is due for a refill today, has a second row.
    private const int BirthdayEvery = 200;
    private const int DueEvery = 20;
    private const int DuplicateEvery = 20;
    private const int DuplicateKinds = 4;
    private const int LeastBirthdays = 24;
    private const int LeastDue = 18;

    // Which of them: not the first, whom people look at when they look at an example.
    private const int BirthdayOffset = 7;
    private const int DuplicateOffset = 13;

    private static readonly int[] s_refillSteps = [7, 3, -1];

    private readonly ChainOptions _options;
    private readonly string _source;
    private readonly IReadOnlyList<StoreRow> _stores;
    private readonly int _birthdayEvery;
    private readonly int _dueEvery;

    public PersonMaker(ChainOptions options, string source, IReadOnlyList<StoreRow> stores)
    {
        (_options, _source, _stores) = (options, source, stores);
        _birthdayEvery = Math.Clamp(options.Members / LeastBirthdays, 1, BirthdayEvery);
        _dueEvery = Math.Clamp(options.Members / ChronicEvery / LeastDue, 1, DueEvery);
        Phones = new Phones(Story.Size + options.Members + options.Members / DuplicateEvery / DuplicateKinds + 1L);
    }

    /// <summary>The source code of the members.</summary>
    public string Source => _source;

    /// <summary>The numbers in use.</summary>
    public Phones Phones { get; }

    /// <summary>A person of a chain that is made as a whole.</summary>
    public Person Make(int index)
    {
        var random = new SeededStream(_options.Seed, Draw.Person, index);
        var chronic = index % ChronicEvery == 3;
        var ordinal = index / ChronicEvery;
        int? coverageEnd = chronic && ordinal % _dueEvery == 0
            ? _options.Today + s_refillSteps[ordinal / _dueEvery % s_refillSteps.Length]
            : null;
        var first = coverageEnd is not null ? _options.FirstDay + random.Between(0, 60) : FirstPurchase(chronic, random);
        return Make(index, new Known($"M{index + 1:D7}", chronic, first), coverageEnd, random, badPhones: true);
    }

    /// <summary>
    /// A person whose purchases are real. None has a bad phone: the import refuses such a row, and with it a real customer
    /// would be lost; they have no phone instead.
    /// </summary>
    public Person Make(int index, Known known) =>
        Make(index, known, null, new SeededStream(_options.Seed, Draw.Person, index), badPhones: false);

    /// <summary>The second row of every twentieth person, which the import merges or lists for review; else <c>null</c>.</summary>
    public MemberRow? DuplicateOf(Person person)
    {
        if (person.Index % DuplicateEvery != DuplicateOffset) return null;
        var (row, ordinal) = (person.Row, person.Index / DuplicateEvery);
        var random = new SeededStream(_options.Seed, Draw.Duplicate, person.Index);
        var again = row with { MemberNo = row.MemberNo + "B", OpenId = "", Consents = [], PrivateMode = false };
        return (ordinal % DuplicateKinds) switch
        {
            0 => again with { Name = Names.Titled(row.Name, row.Sex is "女" or "2", person.Chronic) },
            1 => again with { Name = Names.Placeholder(random), Birthday = "" },
            2 => again with { Name = Names.Relative(row.Name, random), Sex = "", Birthday = "" },
            _ => again with { Phone = Phones.Number(Story.Size + _options.Members + ordinal / DuplicateKinds) },
        };
    }

    private Person Make(int index, Known known, int? coverageEnd, SeededStream random, bool badPhones)
    {
        int? appointed = HasBirthday(index) ? index / _birthdayEvery
            : coverageEnd is not null ? index / ChronicEvery / _dueEvery
            : null;
        var lacks = appointed is { } turn ? Circumstances.Turn(turn) : Circumstances.Drawn(known.Chronic, random);
        if (!badPhones && lacks.HasFlag(Lacks.ValidPhone)) lacks = lacks & ~Lacks.ValidPhone | Lacks.Phone;
        var woman = random.Chance(0.56);
        var joined = Joined(known.FirstPurchase, random);
        var row = new MemberRow
        {
            Source = _source,
            MemberNo = known.MemberNo,
            Name = Names.Full(woman, random),
            Phone = Phone(index, lacks, random),
            Sex = random.Weighted([90, 6, 4]) switch { 0 => woman ? "女" : "男", 1 => woman ? "2" : "1", _ => "" },
            Birthday = Birthday(index, known.Chronic, random),
            StoreCode = random.Pick(_stores).Code,
            Joined = ChinaTime.Date(joined).ToString("yyyy-MM-dd"),
            OpenId = lacks.HasFlag(Lacks.OpenId) ? "" : OpenId(random),
            PrivateMode = lacks.HasFlag(Lacks.PhoneUse),
            Consents = Consents(known.MemberNo, lacks, joined, random),
        };
        return new Person
        {
            Index = index, Row = row, Chronic = known.Chronic, FirstPurchase = known.FirstPurchase, CoverageEnd = coverageEnd,
            Grants = Grants(lacks, known.Chronic, appointed is not null, random),
        };
    }

    // Long-term members were here from the start, most of them; three in a hundred others never bought.
    private int? FirstPurchase(bool chronic, SeededStream random)
    {
        if (chronic) return _options.FirstDay + (random.Chance(0.9) ? random.Between(0, 60) : random.Between(0, ChainOptions.HistoryDays - 60));
        return random.Chance(0.03) ? null : _options.FirstDay + random.Between(0, ChainOptions.HistoryDays / 2);
    }

    private bool HasBirthday(int index) => index % _birthdayEvery == Math.Min(BirthdayOffset, _birthdayEvery - 1);

    private int Joined(int? firstPurchase, SeededStream random) => firstPurchase switch
    {
        null => _options.Today - random.Between(1, ChainOptions.HistoryDays),
        { } day when random.Chance(0.25) => day - random.Between(1, 900),
        { } day => day,
    };

    private string Phone(int index, Lacks lacks, SeededStream random)
    {
        var number = Phones.Number(Story.Size + index);
        if (lacks.HasFlag(Lacks.Phone)) return "";
        if (lacks.HasFlag(Lacks.ValidPhone)) return Phones.Bad(number, random);
        return random.Chance(0.08) ? Phones.Written(number, random) : number;
    }

    /// <summary>Nobody is younger than eighteen: the demo has no minors.</summary>
    private string Birthday(int index, bool chronic, SeededStream random)
    {
        var today = ChinaTime.Date(_options.Today);
        var year = today.Year - (chronic ? 45 + random.Next(20) + random.Next(20) : 19 + random.Next(28) + random.Next(28));
        var (month, day) = (today.Month, today.Day);
        if (!HasBirthday(index))
        {
            if (random.Chance(0.08)) return random.Chance(0.1) ? "1900-01-01" : "";
            var drawn = new DateOnly(2023, 1, 1).AddDays(random.Next(365));
            (month, day) = random.Chance(1 / 250.0) ? (2, 29) : (drawn.Month, drawn.Day);
        }
        if ((month, day) == (2, 29)) year -= year % 4; // 1900 is too far back to matter
        return random.Weighted([80, 8, 7, 5]) switch
        {
            0 => $"{year}-{month:D2}-{day:D2}",
            1 => $"{year}{month:D2}{day:D2}",
            2 => $"{year}/{month}/{day}",
            _ => $"{month:D2}-{day:D2}",
        };
    }

    private List<ConsentRow> Consents(string memberNo, Lacks lacks, int joined, SeededStream random)
    {
        var consents = new List<ConsentRow>(6);
        Give(Purpose.Membership, lacking: false);
        Give(Purpose.Health, lacks.HasFlag(Lacks.HealthConsent));
        Give(Purpose.Reminder, lacks.HasFlag(Lacks.ReminderConsent));
        Give(Purpose.MarketingWeChat, lacks.HasFlag(Lacks.MarketingConsent));
        Give(Purpose.MarketingSms, lacks.HasFlag(Lacks.MarketingConsent) || random.Chance(0.45));
        Give(Purpose.Tips, random.Chance(0.6));
        Give(Purpose.Personalisation, random.Chance(0.4));
        return consents;

        // Who lacks a consent was never asked, or took it back.
        void Give(Purpose purpose, bool lacking)
        {
            if (lacking && !random.Chance(0.25)) return;
            consents.Add(new ConsentRow(purpose, true, joined, ConsentText, $"form {memberNo}"));
            if (lacking) consents.Add(new ConsentRow(purpose, false, random.Between(joined, _options.Yesterday), ConsentText, "mini-program"));
        }
    }

    private static List<DemoGrant> Grants(Lacks lacks, bool chronic, bool appointed, SeededStream random)
    {
        var grants = new List<DemoGrant>(3);
        if ((lacks & (Lacks.OpenId | Lacks.Grant)) != 0) return grants;
        if (appointed || random.Chance(0.8)) grants.Add(new DemoGrant("birthday", 1));
        if (appointed || chronic) grants.Add(new DemoGrant("refill", random.Between(1, 4)));
        if (appointed || random.Chance(0.75)) grants.Add(new DemoGrant("promotion", random.Between(1, 2)));
        return grants;
    }

    /// <summary>28 characters as WeChat's are, and easy to tell from a real one.</summary>
    public static string OpenId(SeededStream random) => string.Create(28, random, static (span, stream) =>
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        "oDEMO_".CopyTo(span);
        for (var i = 6; i < span.Length; i++) span[i] = Letters[stream.Next(Letters.Length)];
    });
}
