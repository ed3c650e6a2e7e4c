using Engagement.Api.Demo.Chain;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Tests.Api.Demo;

/// <summary>Who the demo shows: birthdays, reasons, phones, and the five people of the story, on whatever day it is run.</summary>
public sealed class PeopleOfTheDemo
{
    public static TheoryData<string, int> Days() => new()
    {
        { "2026-11-22", 5000 }, { "2027-01-01", 5000 }, { "2027-12-31", 300 }, { "2027-02-28", 1000 }, { "2028-02-29", 5000 }, { "2027-03-01", 100 },
    };

    [Theory]
    [MemberData(nameof(Days))]
    public void At_least_twenty_have_their_birthday_today(string date, int members)
    {
        var day = DateOnly.Parse(date);
        var rows = ChainMaker.Make(new ChainOptions(ChinaTime.DayOf(day), members)).Members.ToList();

        Assert.InRange(rows.Count(row => DemoDay.BirthdayOf(row) == (day.Month, day.Day)), 20, Math.Max(members, 1000) / 10);
        Assert.All(rows.Where(row => row.Birthday.Length > 5), row =>
        {
            var (month, dayOfMonth) = DemoDay.BirthdayOf(row)!.Value;
            var born = new DateOnly(int.Parse(row.Birthday[..4]), month, dayOfMonth);
            Assert.True(born.Year == 1900 || born <= day.AddYears(-14), "A member is younger than fourteen.");
        });
    }

    [Fact]
    public void Some_are_born_on_the_29th_of_February_some_hide_the_year_and_some_the_day()
    {
        var rows = Rows(5000).FindAll(r => !r.MemberNo.EndsWith('B'));

        Assert.InRange(rows.Count(r => DemoDay.BirthdayOf(r) == (2, 29)), 5, 60);
        Assert.InRange(rows.Count(r => r.Birthday.Length == 5), 150, 350);
        Assert.InRange(rows.Count(r => r.Birthday.Length == 0), 250, 500);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public void Among_those_with_a_birthday_today_and_those_due_for_a_refill_every_reason_occurs(int members)
    {
        var maker = new PersonMaker(new ChainOptions(DemoDay.Today, members), "till", Stores.Make(20));
        var people = Enumerable.Range(0, members).Select(maker.Make).ToList();
        var today = ChinaTime.Date(DemoDay.Today);
        var birthdays = people.Where(p => DemoDay.BirthdayOf(p.Row) == (today.Month, today.Day)).ToList();
        var due = people.Where(p => p.CoverageEnd is not null).ToList();

        Assert.True(due.Count >= 18);
        Assert.Equal([-1, 3, 7], due.Select(p => p.CoverageEnd!.Value - DemoDay.Today).Distinct().Order());
        foreach (var group in new[] { birthdays, due })
        {
            Assert.Contains(group, p => !Has(p, Purpose.MarketingWeChat));
            Assert.Contains(group, p => !Has(p, Purpose.Health) && Has(p, Purpose.Reminder));
            Assert.Contains(group, p => Has(p, Purpose.Health) && !Has(p, Purpose.Reminder));
            Assert.Contains(group, p => p.Row.PrivateMode && p.Grants.Count == 0);
            Assert.Contains(group, p => p.Row.Phone.Length == 0 && p.Grants.Count == 0);
            Assert.Contains(group, p => p.Row.OpenId.Length == 0 && p.Row.Phone.Length > 0);
            Assert.Contains(group, p => p.Row.OpenId.Length > 0 && p.Grants.Count == 0);
            Assert.Contains(group, p => p.Grants.Any(g => g.TemplateKey == "refill") && Has(p, Purpose.Health) && Has(p, Purpose.Reminder));
        }
    }

    [Fact]
    public void Three_in_a_hundred_phones_are_no_phones()
    {
        var phones = Rows(5000).Where(r => !r.MemberNo.EndsWith('B')).Select(r => r.Phone).ToList();

        Assert.InRange(phones.Count(p => p.Length > 0 && !Digits(p).StartsWith("1990000", StringComparison.Ordinal)), 50, 200);
        Assert.InRange(phones.Count(p => p.Length == 0), 150, 300);
    }

    [Theory]
    [InlineData(5000, "1990000xxxx")]
    [InlineData(20_000, "199000xxxxx")]
    [InlineData(200_000, "19900xxxxxx")]
    public void Each_has_a_number_of_its_own_in_the_range_that_the_summary_names(int members, string pattern)
    {
        var chain = ChainMaker.Make(new ChainOptions(DemoDay.Today, members));
        var phones = new Phones(members + members / 80 + 6);
        var numbers = Enumerable.Range(0, members).Select(i => phones.Number(i)).ToList();

        Assert.Contains(chain.Made, made => made.Zh.Contains(pattern, StringComparison.Ordinal) && made.En.Contains(pattern, StringComparison.Ordinal));
        Assert.Equal(members, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.True(number.Length == 11 && number.StartsWith(pattern.TrimEnd('x'), StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Days))]
    public void The_story_is_the_same_on_every_day(string date, int members)
    {
        var today = ChinaTime.DayOf(DateOnly.Parse(date));
        var chain = ChainMaker.Make(new ChainOptions(today, members));
        var people = chain.Members.Where(m => m.Source == Story.Source).ToDictionary(m => m.MemberNo);
        var grants = chain.Identities.Where(i => i.Source == Story.Source).ToDictionary(i => i.MemberNo, i => i.Grants.Select(g => g.TemplateKey).ToList());
        var supply = DemoDay.Coverage(chain).Where(c => c.Key.MemberNo[0] == 'D').ToLookup(c => c.Key.MemberNo, c => (c.Key.Medicine, EndsIn: c.Value - today));

        Assert.Equal(["王秀兰", "李强", "陈敏", "赵磊", "周芳"], people.OrderBy(p => p.Key).Select(p => p.Value.Name));
        Assert.Equal([("二甲双胍0.5g", 10), ("氨氯地平5mg", 7)], supply[Story.WangXiulan].OrderByDescending(s => s.EndsIn));
        Assert.Equal(62, Age(people[Story.WangXiulan], today));
        Assert.Equal(["birthday", "refill", "promotion"], grants[Story.WangXiulan]);
        Assert.Equal((ChinaTime.Date(today).Month, ChinaTime.Date(today).Day), DemoDay.BirthdayOf(people[Story.LiQiang]));
        Assert.Contains("birthday", grants[Story.LiQiang]);
        Assert.Equal([("阿托伐他汀20mg", 3)], supply[Story.ChenMin]);
        Assert.Empty(grants[Story.ChenMin]);
        Assert.True(Granted(people[Story.ChenMin], Purpose.MarketingSms));
        Assert.Equal([("缬沙坦80mg", 7)], supply[Story.ZhaoLei]);
        Assert.False(Granted(people[Story.ZhaoLei], Purpose.Health));
        Assert.Equal(today - 5, people[Story.ZhaoLei].Consents[^1].Day);
        Assert.True(Granted(people[Story.ZhaoLei], Purpose.Reminder));
        Assert.True(Granted(people[Story.ZhouFang], Purpose.MarketingWeChat));
        Assert.All([Story.WangXiulan, Story.ChenMin], no => Assert.True(Granted(people[no], Purpose.Health) && Granted(people[no], Purpose.Reminder)));
        Assert.All(people.Values, p => Assert.Matches("^199", p.Phone));
    }

    [Fact]
    public void Zhou_Fang_buys_health_food_and_no_drug()
    {
        var chain = ChainMaker.Make(new ChainOptions(DemoDay.Today, 100));
        var products = chain.Products.ToDictionary(p => p.Sku);

        Assert.All(chain.Lines.Where(l => l.MemberNo == Story.ZhouFang), line => Assert.Equal(ProductClass.HealthFood, products[line.Sku].Class));
    }

    private static List<MemberRow> Rows(int members) => [.. ChainMaker.Make(new ChainOptions(DemoDay.Today, members)).Members];

    private static bool Has(Person person, Purpose purpose) => Granted(person.Row, purpose);

    private static bool Granted(MemberRow row, Purpose purpose) => row.Consents.LastOrDefault(c => c.Purpose == purpose) is { Granted: true };

    private static int Age(MemberRow row, int today)
    {
        var (born, now) = (DateOnly.Parse(row.Birthday), ChinaTime.Date(today));
        return now.Year - born.Year - ((now.Month, now.Day).CompareTo((born.Month, born.Day)) < 0 ? 1 : 0);
    }

    private static string Digits(string phone)
    {
        var digits = string.Concat(phone.Normalize(System.Text.NormalizationForm.FormKC).Where(char.IsAsciiDigit));
        return digits.Length > 11 && digits.IndexOf("1990", StringComparison.Ordinal) is > 0 and var at ? digits[at..] : digits;
    }
}
