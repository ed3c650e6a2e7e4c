using System.Text.RegularExpressions;
using Engagement.Api.Pos.Keys;
using Engagement.Members.Tills;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Tills;

/// <summary>What tills ask all day is searched for by index.</summary>
public abstract partial class TillPlansContract(TestDatabase test)
{
    [DatabaseTheory]
    [InlineData("the totals of days", TillDays.SelectArrived)]
    [InlineData("days that are not settled", TillWatch.SelectUnsettled)]
    [InlineData("the points of a ticket", TillPoints.SelectLatest)]
    [InlineData("reservations that ran out", TillPoints.SelectDue)]
    [InlineData("members by phone", Counter.SelectByPhone)]
    [InlineData("members by card", Counter.SelectByNo)]
    [InlineData("recent medicines", HealthStrip.SelectRecent)]
    [InlineData("a key", PosKeyStore.SelectByPrefix)]
    public async Task It_is_searched_for(string what, string sql)
    {
        var text = Named().Replace(sql.Replace("IN @indexes", "IN (@p0, @p0)", StringComparison.Ordinal), "@p0");
        var steps = new List<string>();
        await test.Database.ReadAsync(async session =>
        {
            if (session.Dialect == Dialect.Sqlite) await session.ReadRowsAsync($"EXPLAIN QUERY PLAN {text}", row => steps.Add(row.GetString(3)), 1L);
            // Of a table without rows MySQL only says which keys it could use; what stands in brackets is the union, which has none.
            else await session.ReadRowsAsync($"EXPLAIN {text}", row =>
            {
                if (!row.IsDBNull(3) && row.GetString(2)[0] != '<') steps.Add($"{row.GetValue(3)} {(row.IsDBNull(4) ? "none" : row.GetValue(4))}");
            }, 1L);
            return true;
        }, CancellationToken.None);

        Assert.NotEmpty(steps);
        if (test is SqliteTestDatabase) Assert.DoesNotContain(steps, step => (step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("(subquery", StringComparison.Ordinal)) || step.Contains("AUTOMATIC", StringComparison.Ordinal));
        else Assert.DoesNotContain(steps, step => step.StartsWith("ALL none", StringComparison.Ordinal));
        Assert.False(string.IsNullOrEmpty(what));
    }

    [GeneratedRegex(@"@(?!p\d)\w+")]
    private static partial Regex Named();
}

public sealed class TillPlansOnSqlite(SqliteTestDatabase database) : TillPlansContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TillPlansOnMySql(MySqlTestDatabase database) : TillPlansContract(database), IClassFixture<MySqlTestDatabase>;
