using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Staff;
using Engagement.Members.Timelines;
using Engagement.Tests.Members.Points;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Timelines;

/// <summary>One order over all that happened, page by page, and what of it is shown to whom; on each database.</summary>
public abstract class TimelineContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimelineView s_all = new(StaffScope.Everything, Health: false);

    private PointsHouse _house = null!;
    private MemberHistory _history = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _house = await PointsHouse.OpenAsync(test);
        _history = new MemberHistory([new PurchaseHistory(), new PointsHistory(_house.Book), new CouponHistory(), new ConsentHistory()]);
        _member = await _house.MemberAsync("M1");
        await _house.StartAsync();
        for (var day = 6; day < 12; day++)
        {
            _house.Goto(2026, 1, day);
            await _house.BookAsync(_house.Sale($"T{day}", 10_000), _house.Sale($"T{day}", 5_000, "AML28", line: 2));
        }

        await _house.Database.WriteAsync(tx => new ConsentStore(_house.Ids).RecordAsync(tx,
            [new ConsentChange(_member, Purpose.Tips, true, "v1", "till", "单据 1", _house.Clocks.Business.GetUtcNow().ToUnixTimeMilliseconds())]), None);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseFact]
    public async Task Pages_of_any_size_add_up_to_the_whole_in_one_order()
    {
        var whole = await ReadAsync(TimelinePlace.Newest, 1000);
        Assert.Equal(6, whole.Count(item => item.Kind == TimelineKind.Purchase));
        Assert.True(whole.Count(item => item.Kind == TimelineKind.Points) >= 6);
        Assert.Single(whole, item => item.Kind == TimelineKind.Consent);
        Assert.Equal(whole.OrderByDescending(item => item.At), whole);

        foreach (var size in (int[])[1, 2, 3, 7])
        {
            var (paged, place) = (new List<TimelineItem>(), TimelinePlace.Newest);
            while (await ReadAsync(place, size) is { Count: > 0 } page)
            {
                paged.AddRange(page);
                place = new TimelinePlace(page[^1].At, page[^1].Kind, page[^1].Id);
            }

            Assert.Equal(whole.Select(item => (item.Kind, item.Id)), paged.Select(item => (item.Kind, item.Id)));
        }
    }

    [DatabaseFact]
    public async Task Medicines_are_named_for_a_purpose_only_and_hand_cream_always()
    {
        var plain = await ReadAsync(TimelinePlace.Newest, 1000, TimelineKind.Purchase);
        Assert.All(plain, item => Assert.Contains(item.Details, line => line.Zh.Contains("护手霜", StringComparison.Ordinal)));
        Assert.DoesNotContain(plain, item => item.Details.Any(line => line.Zh.Contains("氨氯地平", StringComparison.Ordinal)));

        var health = await _house.Database.ReadAsync(session => _history.ReadAsync(session, _member, [TimelineKind.Purchase], TimelinePlace.Newest, 1000, s_all with { Health = true }), None);
        Assert.All(health, item => Assert.Contains(item.Details, line => line.Zh.Contains("氨氯地平", StringComparison.Ordinal)));
    }

    [DatabaseFact]
    public async Task Tickets_of_a_store_out_of_sight_are_not_there_without_a_purpose()
    {
        var other = StaffScope.Of([await _house.Pharmacy.ScalarAsync<long>("SELECT id FROM store WHERE code = 'S2'")]);

        Assert.Empty(await _house.Database.ReadAsync(session => _history.ReadAsync(session, _member, [TimelineKind.Purchase], TimelinePlace.Newest, 10, new TimelineView(other, false)), None));
        Assert.Equal(6, (await _house.Database.ReadAsync(session => _history.ReadAsync(session, _member, [TimelineKind.Purchase], TimelinePlace.Newest, 10, new TimelineView(other, true)), None)).Count);
        Assert.Empty(await _house.Database.ReadAsync(session => _history.ReadAsync(session, _member, [TimelineKind.Purchase], TimelinePlace.Newest, 10, default), None));
    }

    [DatabaseFact]
    public async Task Nobody_is_mixed_up_with_somebody_else()
    {
        var other = await _house.MemberAsync("M2");

        Assert.Empty(await _house.Database.ReadAsync(session => _history.ReadAsync(session, other, [], TimelinePlace.Newest, 10, s_all), None));
    }

    private Task<IReadOnlyList<TimelineItem>> ReadAsync(TimelinePlace place, int limit, params TimelineKind[] kinds) =>
        _house.Database.ReadAsync(session => _history.ReadAsync(session, _member, kinds, place, limit, s_all), None);
}

public sealed class TimelineOnSqlite(SqliteTestDatabase database) : TimelineContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TimelineOnMySql(MySqlTestDatabase database) : TimelineContract(database), IClassFixture<MySqlTestDatabase>;
