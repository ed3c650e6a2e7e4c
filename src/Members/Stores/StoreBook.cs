using System.Data.Common;
using Engagement.Storage;

namespace Engagement.Members.Stores;

/// <summary>What became of an edit of a store.</summary>
public enum StoreEdit
{
    /// <summary>Saved.</summary>
    Saved = 1,

    /// <summary>Somebody else saved after the version that the editor saw.</summary>
    Stale = 2,

    /// <summary>A field is wrong.</summary>
    Invalid = 3,

    /// <summary>There is no such store.</summary>
    NotFound = 4,
}

/// <summary>The branches with their hours and pharmacists. There are few of them, so lists are read as a whole.</summary>
public static class StoreBook
{
    internal const string SelectStores = "SELECT id, code, name, city, address, phone, version FROM store";
    internal const string SelectHours = "SELECT store_id, weekday, opens, closes FROM store_hours";
    internal const string SelectSpecial = "SELECT store_id, day, opens, closes FROM store_special_day";
    internal const string SelectDuties = "SELECT store_id, weekday, from_minute, until_minute, pharmacist, licence_no FROM store_duty";
    private const string One = "WHERE store_id = @p0";

    private const string Update = """
        UPDATE store SET name = @name, city = @city, address = @address, phone = @phone, version = version + 1 WHERE id = @id AND version = @version
        """;

    /// <summary>All branches, by code.</summary>
    public static async Task<IReadOnlyList<StorePlace>> ListAsync(Session session)
    {
        var stores = new List<StorePlace>();
        await session.ReadRowsAsync(SelectStores, row => stores.Add(Read(row))).ConfigureAwait(false);
        var hours = await RowsAsync(session, SelectHours, ReadHours).ConfigureAwait(false);
        var special = await RowsAsync(session, SelectSpecial, ReadSpecial).ConfigureAwait(false);
        var duties = await RowsAsync(session, SelectDuties, ReadDuty).ConfigureAwait(false);
        return [.. stores.OrderBy(store => store.Code, StringComparer.Ordinal).Select(store => store with
        {
            Hours = [.. hours[store.Id.Value]], SpecialDays = [.. special[store.Id.Value]], Duties = [.. duties[store.Id.Value]],
        })];
    }

    /// <summary>One branch; <c>null</c> when there is none.</summary>
    public static async Task<StorePlace?> FindAsync(Session session, StoreId id)
    {
        StorePlace? store = null;
        await session.ReadRowsAsync($"{SelectStores} WHERE id = @p0", row => store = Read(row), id.Value).ConfigureAwait(false);
        if (store is null) return null;
        var hours = await RowsAsync(session, $"{SelectHours} {One}", ReadHours, id.Value).ConfigureAwait(false);
        var special = await RowsAsync(session, $"{SelectSpecial} {One}", ReadSpecial, id.Value).ConfigureAwait(false);
        var duties = await RowsAsync(session, $"{SelectDuties} {One}", ReadDuty, id.Value).ConfigureAwait(false);
        return store with { Hours = [.. hours[id.Value]], SpecialDays = [.. special[id.Value]], Duties = [.. duties[id.Value]] };
    }

    /// <summary>Saves what an editor made of a branch, whole; the code stays. In the caller's write, where the audit entry belongs.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="store">The branch as it is to be; its version is the one that the editor saw.</param>
    /// <returns>The outcome, and of an invalid one the name of the field.</returns>
    public static async Task<(StoreEdit Outcome, string? Field)> SaveAsync(Tx tx, StorePlace store)
    {
        if (store.Fault() is { } field) return (StoreEdit.Invalid, field);
        var id = store.Id.Value;
        var saved = await tx.ExecuteAsync(Update, new { id, version = store.Version, name = store.Name.Trim(), city = store.City.Trim(), address = store.Address.Trim(), phone = store.Phone.Trim() }).ConfigureAwait(false);
        if (saved == 0) return (await tx.ScalarAsync<long>("SELECT COUNT(*) FROM store WHERE id = @id", new { id }).ConfigureAwait(false) == 0 ? StoreEdit.NotFound : StoreEdit.Stale, null);
        foreach (var table in (string[])["store_hours", "store_special_day", "store_duty"]) await tx.ExecuteAsync($"DELETE FROM {table} WHERE store_id = @id", new { id }).ConfigureAwait(false);
        await tx.InsertManyAsync("INSERT INTO store_hours (store_id, weekday, opens, closes)", store.Hours, (one, v) => (v[0], v[1], v[2], v[3]) = (id, one.Weekday, one.Opens, one.Closes)).ConfigureAwait(false);
        await tx.InsertManyAsync("INSERT INTO store_special_day (store_id, day, opens, closes)", store.SpecialDays, (one, v) => (v[0], v[1], v[2], v[3]) = (id, one.Day, one.Opens, one.Closes)).ConfigureAwait(false);
        await tx.InsertManyAsync("INSERT INTO store_duty (store_id, weekday, from_minute, until_minute, pharmacist, licence_no)", store.Duties, (one, v) =>
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (id, one.Weekday, one.From, one.Until, one.Pharmacist.Trim(), one.LicenceNo.Trim())).ConfigureAwait(false);
        return (StoreEdit.Saved, null);
    }

    private static async Task<ILookup<long, T>> RowsAsync<T>(Session session, string sql, Func<DbDataReader, T> read, params object?[] values)
    {
        var rows = new List<(long Store, T Row)>();
        await session.ReadRowsAsync(sql, row => rows.Add((row.GetInt64(0), read(row))), values).ConfigureAwait(false);
        return rows.ToLookup(row => row.Store, row => row.Row);
    }

    private static StorePlace Read(DbDataReader row) => new()
    {
        Id = new StoreId(row.GetInt64(0)), Code = row.GetString(1), Name = row.GetString(2), City = row.GetString(3), Address = row.GetString(4), Phone = row.GetString(5), Version = row.GetInt64(6),
    };

    private static OpeningHours ReadHours(DbDataReader row) => new(row.GetInt32(1), row.GetInt32(2), row.GetInt32(3));

    private static SpecialDay ReadSpecial(DbDataReader row) => new(row.GetInt32(1), row.GetInt32(2), row.GetInt32(3));

    private static PharmacistDuty ReadDuty(DbDataReader row) => new(row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4), row.GetString(5));
}
