using Engagement.Members.Loyalty;
using Engagement.Members.Points;
using Engagement.Members.Staff;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Tests.Members.Points;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Loyalty;

/// <summary>Rules come about by two people, on each database.</summary>
public abstract class RulesDeskContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly StaffId s_author = new(7);
    private static readonly StaffId s_other = new(8);

    private PointsHouse _house = null!;
    private RulesDesk _desk = null!;

    private int Tomorrow => _house.Pharmacy.Today + 1;

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        await _house.ExecuteAsync("DELETE FROM rules_proposal");
        _desk = new RulesDesk(_house.Ids, _house.Clocks, _house.Rules, _house.TierRules);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task A_proposal_becomes_a_version_when_somebody_else_approves_it()
    {
        var id = await ProposeAsync(new EarningRules { FenPerPoint = 50, RateMilli = new Dictionary<Engagement.Members.Products.ProductClass, int> { [Engagement.Members.Products.ProductClass.HealthFood] = 1500 } });
        Assert.Empty(await _house.Rules.ListAsync(None));

        Assert.Equal((ProposalOutcome.SamePerson, 0), await ApproveAsync(id, s_author));
        Assert.Equal((ProposalOutcome.Done, 1), await ApproveAsync(id, s_other));

        var version = Assert.Single(await _house.Rules.ListAsync(None));
        Assert.Equal((1, Tomorrow, 50, 1500), (version.Version, version.ValidFrom, version.Rules.FenPerPoint, version.Rules.RateMilli[Engagement.Members.Products.ProductClass.HealthFood]));
        var proposal = await FindAsync(id);
        Assert.Equal((ProposalState.Approved, s_author, (StaffId?)s_other, (int?)1), (proposal!.State, proposal.Author, proposal.DecidedBy, proposal.Version));
        Assert.Equal((ProposalOutcome.NotFound, 0), await ApproveAsync(id, s_other));
    }

    [DatabaseFact]
    public async Task A_refused_proposal_changes_nothing_and_its_author_decides_nothing()
    {
        var id = await ProposeAsync(new EarningRules());

        Assert.Equal(ProposalOutcome.SamePerson, await WriteAsync(tx => _desk.RefuseAsync(tx, RulesKind.Points, id, s_author, "自己拒绝")));
        Assert.Equal(ProposalOutcome.Invalid, await WriteAsync(tx => _desk.RefuseAsync(tx, RulesKind.Points, id, s_other, " ")));
        Assert.Equal(ProposalOutcome.NotFound, await WriteAsync(tx => _desk.RefuseAsync(tx, RulesKind.Tiers, id, s_other, "另一类规则")));
        Assert.Equal(ProposalOutcome.Done, await WriteAsync(tx => _desk.RefuseAsync(tx, RulesKind.Points, id, s_other, "倍率过高")));

        Assert.Equal((ProposalOutcome.NotFound, 0), await ApproveAsync(id, s_other));
        Assert.Equal("倍率过高", (await FindAsync(id))!.Why);
        Assert.Empty(await _house.Rules.ListAsync(None));
    }

    [DatabaseFact]
    public async Task Only_its_author_takes_a_proposal_back()
    {
        var id = await ProposeAsync(new EarningRules());

        Assert.Equal(ProposalOutcome.NotTheAuthor, await WriteAsync(tx => _desk.TakeBackAsync(tx, RulesKind.Points, id, s_other)));
        Assert.Equal(ProposalOutcome.Done, await WriteAsync(tx => _desk.TakeBackAsync(tx, RulesKind.Points, id, s_author)));

        Assert.Equal(ProposalState.TakenBack, (await FindAsync(id))!.State);
        Assert.Equal((ProposalOutcome.NotFound, 0), await ApproveAsync(id, s_other));
    }

    [DatabaseFact]
    public async Task What_is_out_of_range_or_too_early_is_no_proposal()
    {
        Assert.Equal((ProposalOutcome.Invalid, "FenPerPoint"), await TryAsync(new EarningRules { FenPerPoint = 0 }, Tomorrow, "一分钱一分"));
        Assert.Equal((ProposalOutcome.Invalid, "ExcludedProducts"), await TryAsync(new EarningRules { ExcludedProducts = [.. Enumerable.Range(1, 1501).Select(i => (long)i)] }, Tomorrow, "太多"));
        Assert.Equal((ProposalOutcome.Invalid, "Note"), await TryAsync(new EarningRules(), Tomorrow, " "));
        Assert.Equal((ProposalOutcome.TooEarly, null), await TryAsync(new EarningRules(), Tomorrow - 2, "昨天起"));
        // The longest that is allowed still fits into the column.
        Assert.Equal((ProposalOutcome.Done, null), await TryAsync(new EarningRules
        {
            ExcludedProducts = [.. Enumerable.Range(1, 1500).Select(i => long.MaxValue - i)], ExcludedStores = [.. Enumerable.Range(1, 1500).Select(i => long.MaxValue - i)],
        }, Tomorrow, new string('长', 200)));
    }

    [DatabaseFact]
    public async Task A_proposal_that_waited_too_long_is_too_early_then()
    {
        var first = await ProposeAsync(new EarningRules());
        _house.Pharmacy.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal((ProposalOutcome.TooEarly, 0), await ApproveAsync(first, s_other));
        Assert.Equal(ProposalState.Waiting, (await FindAsync(first))!.State);
    }

    [DatabaseFact]
    public async Task Tiers_go_the_same_way_and_a_list_shows_the_newest_first()
    {
        var rules = new TierRules { Levels = [new("普通会员", "Member", 0), new("金卡", "Gold", 300_000)] };
        var (outcome, id, _) = await WriteAsync(tx => _desk.ProposeAsync(tx, rules, Tomorrow, "金卡门槛", s_author));
        var (_, second, _) = await WriteAsync(tx => _desk.ProposeAsync(tx, rules with { GraceDays = 10 }, Tomorrow, "宽限期", s_author));

        Assert.Equal(ProposalOutcome.Done, outcome);
        Assert.Equal((ProposalOutcome.Done, 1), await WriteAsync(tx => _desk.ApproveAsync(tx, RulesKind.Tiers, id, s_other)));
        Assert.Equal("金卡", Assert.Single(await _house.TierRules.ListAsync(None)).Rules.Levels[1].Zh);
        var list = await _house.Database.ReadAsync(session => RulesDesk.ListAsync(session, RulesKind.Tiers, null, 10), None);
        Assert.Equal([second, id], list.Select(one => one.Id));
        Assert.Equal(10, list[0].Tiers!.GraceDays);
        Assert.Empty(await _house.Database.ReadAsync(session => RulesDesk.ListAsync(session, RulesKind.Points, null, 10), None));
    }

    private async Task<long> ProposeAsync(EarningRules rules)
    {
        var (outcome, id, _) = await WriteAsync(tx => _desk.ProposeAsync(tx, rules, Tomorrow, "积分规则", s_author));
        Assert.Equal(ProposalOutcome.Done, outcome);
        return id;
    }

    private async Task<(ProposalOutcome, string?)> TryAsync(EarningRules rules, int from, string note)
    {
        var (outcome, _, fault) = await WriteAsync(tx => _desk.ProposeAsync(tx, rules, from, note, s_author));
        return (outcome, fault);
    }

    private Task<(ProposalOutcome, int)> ApproveAsync(long id, StaffId by) => WriteAsync(tx => _desk.ApproveAsync(tx, RulesKind.Points, id, by));

    private Task<RulesProposal?> FindAsync(long id) => _house.Database.ReadAsync(session => RulesDesk.FindAsync(session, RulesKind.Points, id), None);

    private Task<T> WriteAsync<T>(Func<Tx, Task<T>> work) => _house.Database.WriteAsync(work, None);
}

public sealed class RulesDeskOnSqlite(SqliteTestDatabase database) : RulesDeskContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class RulesDeskOnMySql(MySqlTestDatabase database) : RulesDeskContract(database), IClassFixture<MySqlTestDatabase>;
