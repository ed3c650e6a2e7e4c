using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Runs;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Runs;

/// <summary>A run accounts for everybody, however often it is run, on each database.</summary>
public abstract class RunExpanderContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly string[] s_reasons = [Reason.Erased, Reason.Minor, Reason.NoMarketingConsent, Reason.SensitiveCategory];

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(499)]
    [InlineData(1203)]
    public async Task Audience_is_enqueued_and_held_out_and_excluded_and_a_second_run_adds_nothing(int people)
    {
        var random = new Random(people);
        var candidates = Enumerable.Range(1, people).Select(i => new Candidate(
            new MemberId(7_000_000_000 + i * 31), random.Next(4) == 0 ? s_reasons[random.Next(s_reasons.Length)] : null,
            [.. Enumerable.Range(0, 1 + random.Next(3)).Select(n => $"k:{i}:{n}")], "{}", 1, 2)
        {
            JoinedKeys = [.. Enumerable.Range(5, random.Next(2)).Select(n => $"k:{i}:{n}")],
        }).ToList();
        var plan = new RunPlan("promotion", MessageKind.Promotion, 1, _house.Today, null, "salt", 1000);
        var heldOut = candidates.Count(c => c.Refused is null && Holdout.Contains("salt", c.Member, 1000));

        var first = await _house.Get<RunExpander>().ExpandAsync(plan, candidates, None);
        var messages = await CountAsync("message");
        var keys = await CountAsync("message_key");
        var second = await _house.Get<RunExpander>().ExpandAsync(plan, candidates, None);

        var refused = candidates.Where(c => c.Refused is not null).CountBy(c => c.Refused!).ToDictionary();
        Assert.Equal((people, people - refused.Values.Sum() - heldOut, heldOut), (first.Audience, first.Enqueued, first.HeldOut));
        Assert.Equal(refused.OrderBy(r => r.Key, StringComparer.Ordinal), first.Excluded);
        Assert.Equal(first.Enqueued, messages);

        Assert.Equal((people, 0, heldOut), (second.Audience, second.Enqueued, second.HeldOut));
        Assert.Equal(first.Enqueued, second.Excluded.GetValueOrDefault(Reason.Already));
        Assert.Equal(people, second.HeldOut + second.Excluded.Values.Sum());
        Assert.Equal((messages, keys), (await CountAsync("message"), await CountAsync("message_key")));

        foreach (var run in (RunResult[])[first, second])
        {
            var figures = await _house.Database.ReadAsync(session => RunFigureStore.OfAsync(session, run.Id), None);
            Assert.Equal((run.Audience, run.Enqueued, run.HeldOut), (figures.Audience, figures.Enqueued, figures.HeldOut));
            Assert.Equal(run.Excluded, figures.Excluded);
            Assert.Equal(figures.Enqueued, figures.Sent + figures.Suppressed.Values.Sum() + figures.Failed + figures.InDoubt + figures.Pending);
        }
    }

    [DatabaseFact]
    public async Task A_message_is_made_while_one_of_its_occasions_is_new_and_takes_only_the_new_keys()
    {
        var member = new MemberId(1);
        var plan = new RunPlan("refill", MessageKind.Refill, 1, _house.Today);
        var expander = _house.Get<RunExpander>();

        await expander.ExpandAsync(plan, [new Candidate(member, null, ["a"], "{}", 1, 2)], None);
        Assert.Equal(1, (await expander.ExpandAsync(plan, [new Candidate(member, null, ["a", "b"], "{}", 1, 2)], None)).Enqueued);
        Assert.Equal(0, (await expander.ExpandAsync(plan, [new Candidate(member, null, ["a", "b"], "{}", 1, 2) { JoinedKeys = ["c"] }], None)).Enqueued);

        Assert.Equal((2, 2), (await CountAsync("message"), await CountAsync("message_key")));
    }

    [DatabaseFact]
    public async Task Two_members_who_claim_one_occasion_get_one_message()
    {
        var plan = new RunPlan("refill", MessageKind.Refill, 1, _house.Today);

        var run = await _house.Get<RunExpander>().ExpandAsync(plan, [new Candidate(new MemberId(1), null, ["a"], "{}", 1, 2), new Candidate(new MemberId(2), null, ["a"], "{}", 1, 2)], None);

        Assert.Equal((1, 1), (run.Enqueued, run.Excluded[Reason.Already]));
    }

    private Task<long> CountAsync(string table) => _house.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}");
}

public sealed class RunExpanderOnSqlite(SqliteTestDatabase database) : RunExpanderContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class RunExpanderOnMySql(MySqlTestDatabase database) : RunExpanderContract(database), IClassFixture<MySqlTestDatabase>;
