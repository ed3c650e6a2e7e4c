using Dapper;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Messaging.Audiences;

/// <summary>Compiles a rule to one SELECT over a window of members, (@after, @upto]: read window by window, an audience costs one pass over each table.</summary>
/// <remarks>
/// What is asked of a member's facts is a condition on the row at hand; what is asked of any other table is a set of member ids of the same window,
/// never a question asked once per member: a correlated EXISTS was measured at 7.1 s against 0.2 s on 1 M members and 12 M lines (design, State).
/// The plus signs keep SQLite, which knows no distribution of values, from any index but the one by member.
/// </remarks>
public sealed class AudienceSql
{
    private const string Window = "member_id > @after AND member_id <= @upto";

    private const string WindowEnd = "SELECT MAX(member_id) FROM (SELECT member_id FROM member_fact WHERE member_id > @after ORDER BY member_id LIMIT @limit) next_members";

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
        return ($"SELECT member_id FROM member_fact WHERE {Window} AND {compiler.Condition(rule)} ORDER BY member_id", compiler._parameters);
    }

    /// <summary>Those whom a rule means among the next <paramref name="limit"/> members after <paramref name="after"/>, by id.</summary>
    /// <returns>The members, and the last who was looked at: <c>null</c> when nobody is left.</returns>
    public static async Task<(List<long> Members, long? Last)> WindowAsync(Session session, AudienceRule rule, int today, long after, int limit)
    {
        if (await session.ScalarAsync<long?>(WindowEnd, new { after, limit }).ConfigureAwait(false) is not { } upto) return ([], null);
        var (sql, parameters) = Compile(rule, today);
        parameters.Add("after", after);
        parameters.Add("upto", upto);
        return (await session.QueryAsync<long>(sql, parameters).ConfigureAwait(false), upto);
    }

    // Nothing known is no: NULL must not come out of a Not as yes.
    private string Condition(AudienceRule rule) => rule switch
    {
        AllOf { Rules.Count: 0 } => "1 = 1",
        AnyOf { Rules.Count: 0 } => "1 = 0",
        AllOf all => Join(all.Rules, " AND "),
        AnyOf any => Join(any.Rules, " OR "),
        Not not => $"NOT COALESCE({Condition(not.Rule)}, 0)",
        BoughtWithin within => $"+last_day > {P(_today - within.Days)}",
        BoughtClassWithin within => $"member_id IN ({Bought(within)})",
        VisitsAtLeast visits => $"visits >= {P(visits.Visits)}",
        SpentAtLeast spent => $"spend_fen >= {P(spent.Fen)}",
        AgeBetween age => $"birth_year BETWEEN {P(Year - age.To)} AND {P(Year - age.From)}",
        InStores stores => $"+store_id IN (SELECT id FROM store WHERE code IN {P(stores.Codes)})",
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
            SELECT member_id FROM member_product
            WHERE  {Window} AND +last_day > {P(_today - within.Days)}
            AND    +product_id IN (SELECT id FROM product WHERE class IN {P(within.Classes.Select(c => (int)c).ToList())})
            """;
    }

    private string Join(IReadOnlyList<AudienceRule> rules, string word) => $"({string.Join(word, rules.Select(Condition))})";

    private string P(object value)
    {
        var name = "a" + _count++;
        _parameters.Add(name, value);
        return "@" + name;
    }
}
