using Engagement.Members.Products;
using Engagement.Messaging.Audiences;
using Engagement.Messaging.Campaigns;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Audiences;

/// <summary>A rule compiled to SQL means whom it would mean if each member were asked, on each database.</summary>
public abstract class AudienceContract(TestDatabase test) : IAsyncLifetime
{
    private const int Today = 20_500;
    private const int Year = 2026;
    private static readonly string[] s_stores = ["S1", "S2", "S3"];
    private static readonly ProductClass[] s_goods = [ProductClass.Device, ProductClass.HealthFood, ProductClass.Other];

    private readonly Random _random = new(42);
    private readonly List<Fact> _facts = [];

    private sealed record Fact(long Id, string? Store, int? BirthYear, int? LastDay, int Visits, long Spend)
    {
        public List<(ProductClass Class, int LastDay)> Bought { get; } = [];
    }

    public async Task InitializeAsync()
    {
        var classes = Enum.GetValues<ProductClass>();
        for (var i = 0; i < 300; i++)
        {
            var fact = new Fact(1000 + i, Maybe(s_stores[_random.Next(3)]), MaybeNumber(_random.Next(1930, 2020)), MaybeNumber(Today - _random.Next(400)), _random.Next(12), _random.Next(50_000));
            _facts.Add(fact);
            foreach (var @class in classes.Where(_ => _random.Next(3) == 0)) fact.Bought.Add((@class, Today - _random.Next(200)));
        }

        await test.Database.WriteAsync(async tx =>
        {
            foreach (var table in (string[])["store", "product", "member_fact", "member_product"]) await tx.ExecuteAsync($"DELETE FROM {table}");
            await tx.InsertManyAsync("INSERT INTO store (id, code, name, city)", [1, 2, 3], (i, v) => (v[0], v[1], v[2], v[3]) = (i, "S" + i, "店", "杭州"));
            await tx.InsertManyAsync(
                "INSERT INTO product (id, sku, name, generic_name, strength, spec, maker, approval_no, class, is_sensitive, dose_estimated, price_fen, content_hash)", classes,
                (c, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12]) =
                    ((int)c + 10, "P" + (int)c, "品", "", "", "", "", "", (int)c, 0, 0, 100L, ""));
            await tx.InsertManyAsync("INSERT INTO member_fact (member_id, store_id, birth_year, sex, joined_day, first_day, last_day, visits, spend_fen)", _facts,
                (f, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]) =
                    (f.Id, f.Store is null ? null : (long)(f.Store[1] - '0'), f.BirthYear, 0, 1, f.LastDay, f.LastDay, f.Visits, f.Spend));
            await tx.InsertManyAsync("INSERT INTO member_product (member_id, product_id, first_day, last_day, times, quantity, fen)",
                [.. _facts.SelectMany(f => f.Bought, (f, b) => (f.Id, b.Class, b.LastDay))],
                (b, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6]) = (b.Id, (int)b.Class + 10, b.LastDay, b.LastDay, 1, 1, 100L));
        }, CancellationToken.None);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [DatabaseFact]
    public async Task Two_hundred_random_rules_mean_whom_they_should()
    {
        var sizes = new List<int>();
        for (var i = 0; i < 200; i++)
        {
            var rule = Rule(3);
            var means = await MembersAsync(rule);
            Assert.Equal(_facts.Where(fact => Means(rule, fact)).Select(fact => fact.Id), means);
            sizes.Add(means.Count);
        }

        // Else the comparison would prove nothing.
        Assert.True(sizes.Count(size => size is > 0 and < 300) > 80);
    }

    [DatabaseFact]
    public async Task Nothing_asked_is_everybody_and_nothing_offered_nobody()
    {
        Assert.Equal(300, (await MembersAsync(new AllOf([]))).Count);
        Assert.Empty(await MembersAsync(new AnyOf([])));
        Assert.Empty(await MembersAsync(new InStores([])));
        Assert.Empty(await MembersAsync(new BoughtClassWithin([], 30)));
    }

    // Windows of any size add up to the same members.
    private Task<List<long>> MembersAsync(AudienceRule rule) => test.Database.ReadAsync(async session =>
    {
        var (found, after, size) = (new List<long>(), 0L, _random.Next(20, 400));
        while (await AudienceSql.WindowAsync(session, rule, Today, after, size) is { Last: { } last } window)
        {
            found.AddRange(window.Members);
            after = last;
        }

        return found;
    }, CancellationToken.None);

    private AudienceRule Rule(int depth) => _random.Next(depth == 0 ? 6 : 9) switch
    {
        0 => new BoughtWithin(_random.Next(1, 400)),
        1 => new BoughtClassWithin([.. s_goods.Where(_ => _random.Next(2) == 0)], _random.Next(1, 200)),
        2 => new VisitsAtLeast(_random.Next(12)),
        3 => new SpentAtLeast(_random.Next(50_000)),
        4 => new AgeBetween(_random.Next(0, 50), _random.Next(30, 100)),
        5 => new InStores([.. s_stores.Append("S9").Where(_ => _random.Next(2) == 0)]),
        6 => new AllOf([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Rule(depth - 1))]),
        7 => new AnyOf([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Rule(depth - 1))]),
        _ => new Not(Rule(depth - 1)),
    };

    private static bool Means(AudienceRule rule, Fact fact) => rule switch
    {
        AllOf all => all.Rules.All(r => Means(r, fact)),
        AnyOf any => any.Rules.Any(r => Means(r, fact)),
        Not not => !Means(not.Rule, fact),
        BoughtWithin within => Today - fact.LastDay < within.Days,
        BoughtClassWithin within => fact.Bought.Exists(b => within.Classes.Contains(b.Class) && Today - b.LastDay < within.Days),
        VisitsAtLeast visits => fact.Visits >= visits.Visits,
        SpentAtLeast spent => fact.Spend >= spent.Fen,
        AgeBetween age => Year - fact.BirthYear >= age.From && Year - fact.BirthYear <= age.To,
        InStores stores => fact.Store is not null && stores.Codes.Contains(fact.Store),
        _ => throw new ArgumentException(rule.GetType().Name),
    };

    private string? Maybe(string value) => _random.Next(5) == 0 ? null : value;

    private int? MaybeNumber(int value) => _random.Next(6) == 0 ? null : value;
}

public sealed class AudiencesOnSqlite(SqliteTestDatabase database) : AudienceContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class AudiencesOnMySql(MySqlTestDatabase database) : AudienceContract(database), IClassFixture<MySqlTestDatabase>;

/// <summary>What no audience may ask.</summary>
public sealed class AskingForHealth
{
    [Theory]
    [InlineData(ProductClass.Unknown)]
    [InlineData(ProductClass.Prescription)]
    [InlineData(ProductClass.OtcA)]
    [InlineData(ProductClass.OtcB)]
    public void Who_bought_medicines_is_health_data_however_it_is_asked(ProductClass medicine)
    {
        AudienceRule[] rules =
        [
            new BoughtClassWithin([medicine], 30), new BoughtClassWithin([ProductClass.Other, medicine], 30),
            new AllOf([new VisitsAtLeast(1), new AnyOf([new Not(new BoughtClassWithin([medicine], 30))])]),
        ];
        foreach (var rule in rules) Assert.Contains("health data", Assert.Throws<ArgumentException>(() => AudienceSql.Compile(rule, 1)).Message);
    }

    [Theory]
    [InlineData(ProductClass.Device)]
    [InlineData(ProductClass.HealthFood)]
    [InlineData(ProductClass.Other)]
    public void Other_goods_may_be_asked_for(ProductClass goods) => Assert.Contains("member_product", AudienceSql.Compile(new BoughtClassWithin([goods], 30), 1).Sql);

    [Fact]
    public void Every_value_is_a_parameter() =>
        Assert.DoesNotContain("drop", AudienceSql.Compile(new InStores(["'; drop table member; --"]), 1).Sql, StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("""{"is":"all","rules":null}""")]
    [InlineData("""{"is":"nobody"}""")]
    [InlineData("""{"is":"visitsAtLeast"}""")]
    [InlineData("""{"is":"visitsAtLeast","visits":"many"}""")]
    public void A_rule_that_is_none_is_refused_when_the_campaign_is_read(string rule) =>
        Assert.Throws<System.Text.Json.JsonException>(() => CampaignFile.Parse(
            $$$"""{"code":"c","template":"t","audience":{{{rule}}},"content":{"name":"n","offer":"o","validDays":1,"skus":[]}}"""));
}
