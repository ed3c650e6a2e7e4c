using Engagement.Members;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Pos.Keys;

/// <summary>The till system that makes this request. A handler takes one as a parameter.</summary>
internal sealed record PosCaller(PosKey Key)
{
    /// <summary>As the audit log keeps it.</summary>
    public AuditActor ActorAt(StoreId store) => new(Key.Id, Key.Name, "pos_key", store.Value);

    /// <summary>The store with this code; <c>null</c> when there is none or the key is not for it, which are answered alike.</summary>
    public async Task<StoreId?> StoreAsync(Session session, string code) => (await StoresAsync(session, [code])).TryGetValue(code, out var id) ? new StoreId(id) : null;

    /// <summary>Those stores of these codes that the key is for.</summary>
    public async Task<IReadOnlyDictionary<string, long>> StoresAsync(Session session, IReadOnlyList<string> codes) =>
        (await session.StoreIdsAsync(codes)).Where(store => Key.Covers(store.Value)).ToDictionary(StringComparer.Ordinal);

    public static ValueTask<PosCaller?> BindAsync(HttpContext http) => ValueTask.FromResult(http.Features.Get<PosCaller>());
}
