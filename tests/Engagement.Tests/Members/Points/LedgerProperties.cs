using Engagement.Members;
using Engagement.Members.Points;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Points;

/// <summary>Random lives of members, against a model: whatever happens in whatever order, and whatever runs are skipped, the ledger balances.</summary>
public abstract class LedgerPropertiesContract(TestDatabase test) : IAsyncLifetime
{
    private const int Steps = 60;
    private const int PendingDays = 7;
    private const int ValidDays = 30;

    private PointsHouse _house = null!;

    public async Task InitializeAsync() => _house = await PointsHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task A_ledger_balances_whatever_happens(int seed)
    {
        var random = new Random(seed);
        var member = await _house.JoinAsync($"P{seed}");
        var life = new Life(_house, member, random);
        for (var step = 0; step < Steps; step++)
        {
            await life.StepAsync(step);
            Assert.Equal(life.Expected, await life.BalanceAsync());
            if (step % 10 == 9) await _house.CheckAsync(member);
        }

        await life.RefundAllAsync();
        Assert.Equal(life.Expected, await life.BalanceAsync());
        Assert.True(await life.EveryOrderIsBackToZeroAsync());
        await _house.RunAsync();
        await _house.CheckAsync(member);
    }

    // L12: what daily runs do, what one run at the end does, and what the lazy catching up of a request does, is the same.
    [DatabaseFact]
    public async Task Runs_that_were_skipped_change_nothing()
    {
        var (daily, late) = (await _house.MemberAsync("M1"), await _house.MemberAsync("M2"));
        foreach (var member in (MemberId[])[daily, late])
        {
            await _house.OnAccountAsync(member, (account, day) => account.Earn([(PointsPart.Base, 40)], $"a:{member}", new LotTerms(day + 7, 20), day, null));
            await _house.OnAccountAsync(member, (account, day) => account.ClawBack(55, $"c:{member}", day, _ => false, 1));
            await _house.OnAccountAsync(member, (account, day) => account.Earn([(PointsPart.Base, 40)], $"b:{member}", new LotTerms(day + 9, 50), day, null));
        }

        for (var day = 0; day < 40; day++)
        {
            await _house.OnAccountAsync(daily, (_, _) => { });
            _house.Pharmacy.Clock.Advance(TimeSpan.FromDays(1));
        }

        await _house.RunAsync();

        Assert.Equal((0, 25, 0), await _house.AccountAsync(daily));
        Assert.Equal(await EntriesAsync(daily), await EntriesAsync(late));
        await _house.CheckAsync(daily, late);
    }

    private Task<List<string>> EntriesAsync(MemberId member) => _house.Database.ReadAsync(async session =>
    {
        var entries = new List<string>();
        await session.ReadRowsAsync("SELECT kind, day, points, active_after FROM points_entry WHERE member_id = @p0 ORDER BY id",
            row => entries.Add($"{row.GetInt32(0)} {row.GetInt32(1)} {row.GetInt64(2)} {row.GetInt64(3)}"), member.Value);
        return entries;
    }, CancellationToken.None);

    private sealed class Life(PointsHouse house, MemberId member, Random random)
    {
        private readonly LedgerModel _model = new(house.Pharmacy.Today);
        private readonly Dictionary<long, PointsOrder> _orders = [];

        public (long, long, long) Expected => (_model.Pending, _model.Active, _model.Owed);

        public async Task<(long, long, long)> BalanceAsync()
        {
            var balance = await house.BalanceAsync(member);
            return (balance.Pending, balance.Active, balance.Owed);
        }

        public Task StepAsync(int step) => random.Next(10) switch
        {
            0 or 1 or 2 => EarnAsync(step),
            3 or 4 => RedeemAsync(step),
            5 => CancelAsync(),
            6 => RefundAsync(),
            7 => RunAsync(),
            _ => PassAsync(),
        };

        public async Task RefundAllAsync()
        {
            foreach (var order in _model.Orders.Where(order => order.Refunded < order.Fen)) await RefundAsync(order, order.Fen - order.Refunded);
        }

        /// <summary>L9: what was reversed of an order is what it has earned.</summary>
        public async Task<bool> EveryOrderIsBackToZeroAsync()
        {
            var sums = await house.Pharmacy.QueryAsync<long>("SELECT SUM(points) FROM points_entry WHERE member_id = @m AND kind IN (1, 6) GROUP BY about_id", new { m = member.Value });
            return sums.Count == _model.Orders.Count && sums.TrueForAll(sum => sum == 0);
        }

        private async Task EarnAsync(int step)
        {
            var (points, order) = (random.Next(1, 200), step + 1L);
            // Some tickets come in late.
            var late = random.Next(4) == 0 ? random.Next(1, 12) : 0;
            await house.OnAccountAsync(member, (account, day) =>
            {
                account.Earn([(PointsPart.Base, points)], $"p:{member}:{step}", new LotTerms(day - late + PendingDays, ValidDays), day - late, order);
                account.CatchUp(day);
            });
            _model.Earn(order, points, house.Pharmacy.Today - late);
            var line = new OrderLine(1, _model.Orders[^1].Fen, 1000);
            _orders.Add(order, new PointsOrder { PurchaseId = order, Member = member.Value, RulesVersion = 1, Day = 0, MultiplierMilli = 1000, BonusPart = PointsPart.None, Lines = [line] });
            _orders[order].Grow(new EarningRules());
        }

        private async Task RedeemAsync(int step)
        {
            var (points, key) = (random.Next(1, 150), $"p:{member}:r{step}");
            var done = await house.RedeemAsync(member, points, key);
            Assert.Equal(_model.Redeem(key, points), done.Outcome == PointsOutcome.Done);
            // L3, while we are here.
            if (done.Outcome == PointsOutcome.Done) Assert.Equal(done, await house.RedeemAsync(member, points, key));
        }

        private async Task CancelAsync()
        {
            if (_model.Redemptions.Count == 0) return;
            var index = random.Next(_model.Redemptions.Count);
            var key = _model.Redemptions[index].Key;
            Assert.Equal(PointsOutcome.Done, (await house.CancelAsync(member, key)).Outcome);
            _model.Cancel(index);
        }

        private async Task RefundAsync()
        {
            var open = _model.Orders.FindAll(order => order.Refunded < order.Fen);
            if (open.Count == 0) return;
            var order = open[random.Next(open.Count)];
            await RefundAsync(order, random.Next(3) == 0 ? order.Fen - order.Refunded : random.NextInt64(1, order.Fen - order.Refunded + 1));
        }

        private async Task RefundAsync(ModelOrder order, long fen)
        {
            var expected = order.Refund(fen);
            var refund = (_orders[order.Id].Lines[0].Refunds?.Count ?? 0) + 100;
            Assert.Equal(fen, _orders[order.Id].Refund(1, refund, fen));
            var points = _orders[order.Id].Reverse();
            Assert.Equal(expected, points);
            if (points == 0) return;
            await house.OnAccountAsync(member, (account, day) => account.ClawBack(points, $"p:{member}:b{order.Id}:{refund}", day, lot => lot.OrderId == order.Id, order.Id));
            _model.ClawBack(order.Id, points);
        }

        private Task RunAsync() => house.RunAsync();

        private Task PassAsync()
        {
            house.Pharmacy.Clock.Advance(TimeSpan.FromDays(random.Next(1, 15)));
            _model.PassTo(house.Pharmacy.Today);
            return Task.CompletedTask;
        }
    }
}

public sealed class LedgerPropertiesOnSqlite(SqliteTestDatabase database) : LedgerPropertiesContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class LedgerPropertiesOnMySql(MySqlTestDatabase database) : LedgerPropertiesContract(database), IClassFixture<MySqlTestDatabase>;
