using Dapper;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Messaging.Audiences;

/// <summary>Compiles a rule to one SELECT: each node is a set of member ids, never a question asked once per member.</summary>
/// <remarks>A correlated EXISTS was measured at 7.1 s against 0.2 s on 1 M members and 12 M lines (design, State).</remarks>
public sealed class AudienceSql
{
    private readonly DynamicParameters _parameters = new();
    private readonly int _today;
    private int _count;

    private AudienceSql(int today) => _today = today;

    /// <summary>The SELECT of <paramref name="rule"/> and its parameters.</summary>
    /// <param name="rule">Who is meant.</param>
    /// <param name="today">The business day.</param>
    /// <exception cref="ArgumentException">The rule asks what no marketing audience may ask.</exception>
    public static (string Sql, DynamicParameters Parameters) Compile(AudienceRule rule, int today)
    {
        var compiler = new AudienceSql(today);
        return (compiler.Set(rule), compiler._parameters);
    }

    /// <summary>The members whom a rule means, by id.</summary>
    public static Task<List<long>> MembersAsync(Session session, AudienceRule rule, int today)
    {
        var (sql, parameters) = Compile(rule, today);
        return session.QueryAsync<long>($"SELECT member_id FROM member_fact WHERE member_id IN ({sql}) ORDER BY member_id", parameters);
    }

    private string Set(AudienceRule rule) => rule switch
    {
        AllOf all => "SELECT member_id FROM member_fact" + (all.Rules.Count == 0 ? "" : " WHERE " + Join(all.Rules, "AND")),
        AnyOf any => "SELECT member_id FROM member_fact WHERE " + (any.Rules.Count == 0 ? "1 = 0" : Join(any.Rules, "OR")),
        Not not => $"SELECT member_id FROM member_fact WHERE member_id NOT IN ({Set(not.Rule)})",
        BoughtWithin within => $"SELECT member_id FROM member_fact WHERE last_day > {P(_today - within.Days)}",
        BoughtClassWithin within => Bought(within),
        VisitsAtLeast visits => $"SELECT member_id FROM member_fact WHERE visits >= {P(visits.Visits)}",
        SpentAtLeast spent => $"SELECT member_id FROM member_fact WHERE spend_fen >= {P(spent.Fen)}",
        AgeBetween age => $"SELECT member_id FROM member_fact WHERE birth_year BETWEEN {P(Year - age.To)} AND {P(Year - age.From)}",
        InStores stores => $"SELECT member_id FROM member_fact WHERE store_id IN (SELECT id FROM store WHERE code IN {P(stores.Codes)})",
        _ => throw new ArgumentException($"No SQL is written for the rule {rule.GetType().Name}."),
    };

    private int Year => ChinaTime.Date(_today).Year;

    private string Bought(BoughtClassWithin within)
    {
        if (within.Classes.FirstOrDefault(c => c is ProductClass.Unknown or ProductClass.Prescription or ProductClass.OtcA or ProductClass.OtcB) is var drug
            && within.Classes.Contains(drug))
        {
            throw new ArgumentException($"An audience may not ask who bought {drug}: purchases of medicines are health data (个人信息保护法 28).");
        }

        return $"""
            SELECT mp.member_id FROM member_product mp JOIN product p ON p.id = mp.product_id
            WHERE  p.class IN {P(within.Classes.Select(c => (int)c).ToList())} AND mp.last_day > {P(_today - within.Days)}
            """;
    }

    private string Join(IReadOnlyList<AudienceRule> rules, string word) =>
        string.Join($" {word} ", rules.Select(rule => $"member_id IN ({Set(rule)})"));

    private string P(object value)
    {
        var name = "a" + _count++;
        _parameters.Add(name, value);
        return "@" + name;
    }
}
