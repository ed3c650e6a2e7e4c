using Engagement.Messaging.Gate;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Gate;

public sealed class ReadingRecipients(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>
{
    // Asked for by account, a wave of 256 read the openids of all members: 1.3 s of processor time for 1,000 messages of a chain of 22,000.
    [Fact]
    public async Task A_wave_searches_for_its_members_and_never_through_all_openids_of_the_account()
    {
        var plan = new List<string>();

        await test.Database.ReadAsync(async session =>
        {
            await session.ReadRowsAsync($"EXPLAIN QUERY PLAN {RecipientStore.Members} (@p1, @p2, @p3)", row => plan.Add(row.GetString(3)), "account", 1L, 2L, 3L);
            return true;
        }, CancellationToken.None);

        Assert.Contains(plan, step => step.StartsWith("SEARCH i USING", StringComparison.Ordinal) && step.Contains("(member_id=?", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.Contains("SCAN", StringComparison.Ordinal) || step.Contains("(account=?", StringComparison.Ordinal));
    }
}
