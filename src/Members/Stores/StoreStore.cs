using Engagement.Members.Imports;
using Engagement.Storage;

namespace Engagement.Members.Stores;

/// <summary>One branch of the chain.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">The chain's own code.</param>
/// <param name="Name">The name on the door.</param>
/// <param name="City">The city.</param>
public sealed record RetailStore(long Id, string Code, string Name, string City);

/// <summary>The SQL of the branches. There are few of them, so they are read as a whole.</summary>
internal static class StoreStore
{
    private const string SelectAll = "SELECT id, code, name, city FROM store";
    private const string Insert = "INSERT INTO store (id, code, name, city)";
    private const string Update = "UPDATE store SET name = @p0, city = @p1, version = version + 1 WHERE id = @p2";

    /// <summary>All branches by code.</summary>
    public static async Task<Dictionary<string, RetailStore>> StoresAsync(this Session session)
    {
        var stores = new Dictionary<string, RetailStore>();
        await session.ReadRowsAsync(SelectAll, row =>
        {
            var store = new RetailStore(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3));
            stores.Add(store.Code, store);
        }).ConfigureAwait(false);
        return stores;
    }

    /// <summary>Inserts branches that are not there.</summary>
    public static Task InsertStoresAsync(this Tx tx, IReadOnlyList<(long Id, StoreRow Row)> stores) =>
        tx.InsertManyAsync(Insert, stores, static (store, values) =>
            (values[0], values[1], values[2], values[3]) = (store.Id, store.Row.Code, store.Row.Name, store.Row.City));

    /// <summary>Gives branches their new name and city.</summary>
    public static Task UpdateStoresAsync(this Tx tx, IReadOnlyList<(long Id, StoreRow Row)> stores) =>
        tx.ExecuteManyAsync(Update, 3, stores, static (store, values) =>
            (values[0], values[1], values[2]) = (store.Row.Name, store.Row.City, store.Id));
}
