using Engagement.Members;
using Engagement.Members.Imports;
using Engagement.Members.Stores;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Stores;

/// <summary>When a store is open and who is on duty; and how an edit of it is saved.</summary>
public abstract class StoreContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private Pharmacy _pharmacy = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        foreach (var table in (string[])["store_hours", "store_special_day", "store_duty"]) await test.Database.WriteAsync(tx => tx.ExecuteAsync($"DELETE FROM {table}"), None);
        await _pharmacy.ImportAsync(new StoreRow("S1", "人民路店", "杭州"), new StoreRow("S2", "解放路店", "宁波"));
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task What_was_saved_is_read_and_the_other_store_is_left_alone()
    {
        var store = await StoreAsync("S1");

        Assert.Equal((StoreEdit.Saved, null), await SaveAsync(Filled(store)));

        var saved = await FindAsync(store.Id);
        Assert.Equal(("杭州市人民路8号", "0571-88880000", 2), (saved!.Address, saved.Phone, saved.Version));
        Assert.Equal(Filled(store).Hours, saved.Hours);
        Assert.Equal(Filled(store).SpecialDays, saved.SpecialDays);
        Assert.Equal(Filled(store).Duties, saved.Duties);
        var listed = await test.Database.ReadAsync(StoreBook.ListAsync, None);
        Assert.Equal(["S1", "S2"], listed.Select(one => one.Code));
        Assert.Equal(saved.Duties, listed[0].Duties);
        Assert.Empty(listed[1].Hours);
        Assert.Null(listed[1].IsOpen(_pharmacy.Clock.GetUtcNow()));
    }

    [DatabaseFact]
    public async Task A_stale_edit_changes_nothing()
    {
        var store = await StoreAsync("S1");
        await SaveAsync(Filled(store));

        Assert.Equal((StoreEdit.Stale, null), await SaveAsync(store with { Address = "别处" }));
        Assert.Equal((StoreEdit.NotFound, null), await SaveAsync(store with { Id = new StoreId(1) }));

        Assert.Equal("杭州市人民路8号", (await FindAsync(store.Id))!.Address);
        // An import that renames it is an edit like any other.
        await _pharmacy.ImportAsync(new StoreRow("S1", "人民路旗舰店", "杭州"));
        Assert.Equal((StoreEdit.Stale, null), await SaveAsync(store with { Version = 2 }));
    }

    [DatabaseFact]
    public async Task What_cannot_be_is_refused_by_the_name_of_the_field()
    {
        var store = await StoreAsync("S1");

        Assert.Equal((StoreEdit.Invalid, "hours"), await SaveAsync(store with { Hours = [new(1, 600, 600)] }));
        Assert.Equal((StoreEdit.Invalid, "hours"), await SaveAsync(store with { Hours = [new(1, 540, 720), new(1, 700, 900)] }));
        Assert.Equal((StoreEdit.Invalid, "hours"), await SaveAsync(store with { Hours = [new(8, 540, 720)] }));
        Assert.Equal((StoreEdit.Invalid, "hours"), await SaveAsync(store with { Hours = [new(1, 540, 1441)] }));
        Assert.Equal((StoreEdit.Invalid, "specialDays"), await SaveAsync(store with { SpecialDays = [new(20000, 0, 0), new(20000, 0, 0)] }));
        Assert.Equal((StoreEdit.Invalid, "duties"), await SaveAsync(store with { Duties = [new(1, 540, 720, " ", "3301")] }));
        Assert.Equal((StoreEdit.Invalid, "phone"), await SaveAsync(store with { Phone = "<script>" }));
        Assert.Equal((StoreEdit.Invalid, "name"), await SaveAsync(store with { Name = "" }));
    }

    [DatabaseFact]
    public async Task The_hours_of_the_weekday_count_unless_the_day_is_special()
    {
        var store = Filled(await StoreAsync("S1"));

        // 2026-03-10 is a Tuesday in China.
        Assert.True(store.IsOpen(At(10, 8, 30)));
        Assert.False(store.IsOpen(At(10, 8, 29)));
        Assert.False(store.IsOpen(At(10, 12, 0)));
        Assert.True(store.IsOpen(At(10, 21, 59)));
        Assert.False(store.IsOpen(At(10, 22, 0)));
        // Sunday has no hours; the holiday is closed, and the one after it has hours of its own.
        Assert.False(store.IsOpen(At(15, 10, 0)));
        Assert.False(store.IsOpen(At(17, 10, 0)));
        Assert.True(store.IsOpen(At(18, 15, 0)));
        Assert.False(store.IsOpen(At(18, 9, 0)));
        // Three in the morning on Wednesday in China is still Tuesday in UTC.
        Assert.True((store with { Hours = [new(3, 0, 1440)], SpecialDays = [] }).IsOpen(At(11, 3, 0)));
    }

    [DatabaseFact]
    public async Task A_pharmacist_is_on_duty_only_while_the_store_is_open()
    {
        var store = Filled(await StoreAsync("S1"));

        Assert.Equal("李药师", store.OnDuty(At(10, 9, 0))!.Pharmacist);
        Assert.Equal("周药师", store.OnDuty(At(10, 18, 0))!.Pharmacist);
        Assert.Null(store.OnDuty(At(10, 21, 30)));
        Assert.Null(store.OnDuty(At(17, 9, 0)));
    }

    private static StorePlace Filled(StorePlace store) => store with
    {
        Address = "杭州市人民路8号", Phone = "0571-88880000",
        Hours = [.. Enumerable.Range(1, 6).SelectMany(day => (OpeningHours[])[new(day, 510, 720), new(day, 780, 1320)])],
        SpecialDays = [new(ChinaTime.DayOf(new DateOnly(2026, 3, 17)), 0, 0), new(ChinaTime.DayOf(new DateOnly(2026, 3, 18)), 840, 1080)],
        Duties = [new(2, 510, 1020, "李药师", "331201"), new(2, 1020, 1260, "周药师", "331202")],
    };

    private static DateTimeOffset At(int day, int hour, int minute) => new DateTimeOffset(2026, 3, day, hour, minute, 0, TimeSpan.FromHours(8)).ToUniversalTime();

    private async Task<StorePlace> StoreAsync(string code) => (await test.Database.ReadAsync(StoreBook.ListAsync, None)).Single(store => store.Code == code);

    private Task<StorePlace?> FindAsync(StoreId id) => test.Database.ReadAsync(session => StoreBook.FindAsync(session, id), None);

    private Task<(StoreEdit, string?)> SaveAsync(StorePlace store) => test.Database.WriteAsync(tx => StoreBook.SaveAsync(tx, store), None);
}

public sealed class StoresOnSqlite(SqliteTestDatabase database) : StoreContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class StoresOnMySql(MySqlTestDatabase database) : StoreContract(database), IClassFixture<MySqlTestDatabase>;
