using System.Text.Json;
using Engagement.Storage;

namespace Engagement.Api.Pos.Keys;

/// <summary>The SQL of API keys.</summary>
internal static class PosKeyStore
{
    private const string Columns = """
        id, name, prefix, secret_hash AS SecretHash, source, rights, stores, made_at AS MadeAt, expires_at AS ExpiresAt, last_used_at AS LastUsedAt, revoked_at AS RevokedAt
        """;

    internal const string SelectByPrefix = $"SELECT {Columns} FROM pos_key WHERE prefix = @prefix";
    private const string SelectByName = $"SELECT {Columns} FROM pos_key WHERE name = @name";
    private const string SelectAll = $"SELECT {Columns} FROM pos_key ORDER BY id";

    private const string Insert = """
        INSERT INTO pos_key (id, name, prefix, secret_hash, source, rights, stores, made_at, expires_at)
        VALUES (@Id, @Name, @Prefix, @hash, @Source, @rights, @stores, @MadeAt, @ExpiresAt)
        """;

    private const string UpdateUsed = "UPDATE pos_key SET last_used_at = @now WHERE id = @id AND (last_used_at IS NULL OR last_used_at < @now)";
    private const string UpdateRevoked = "UPDATE pos_key SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL";

    /// <summary>The key with this prefix, and the hash of the whole key.</summary>
    public static async Task<(PosKey Key, string Hash)?> KeyByPrefixAsync(this Session session, string prefix) =>
        await session.SingleOrDefaultAsync<Row>(SelectByPrefix, new { prefix }) is { } row ? (row.ToKey(), row.SecretHash) : null;

    public static async Task<PosKey?> KeyAsync(this Session session, string name) => (await session.SingleOrDefaultAsync<Row>(SelectByName, new { name }))?.ToKey();

    public static async Task<IReadOnlyList<PosKey>> KeysAsync(this Session session) => [.. (await session.QueryAsync<Row>(SelectAll)).Select(row => row.ToKey())];

    public static Task InsertAsync(Tx tx, PosKey key, string hash) => tx.ExecuteAsync(Insert, new
    {
        key.Id, key.Name, key.Prefix, hash, key.Source, rights = string.Join(' ', key.Rights.Select(PosKey.Code)), stores = key.Stores is null ? null : JsonSerializer.Serialize(key.Stores),
        key.MadeAt, key.ExpiresAt,
    });

    public static Task UsedAsync(Tx tx, long id, long now) => tx.ExecuteAsync(UpdateUsed, new { id, now });

    /// <summary>Ends a key; whether it was alive.</summary>
    public static async Task<bool> RevokeAsync(Tx tx, long id, long now) => await tx.ExecuteAsync(UpdateRevoked, new { id, now }) == 1;

    /// <summary>The ids of stores by their codes.</summary>
    public static async Task<Dictionary<string, long>> StoreIdsAsync(this Session session, IReadOnlyList<string> codes) =>
        (await session.QueryAsync<(string Code, long Id)>("SELECT code, id FROM store WHERE code IN @codes", new { codes })).ToDictionary(store => store.Code, store => store.Id);

    /// <summary>The codes of stores by their ids.</summary>
    public static async Task<Dictionary<long, string>> StoreCodesAsync(this Session session, IReadOnlyList<long> ids) =>
        (await session.QueryAsync<(long Id, string Code)>("SELECT id, code FROM store WHERE id IN @ids", new { ids })).ToDictionary(store => store.Id, store => store.Code);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public string Prefix { get; init; } = "";
        public string SecretHash { get; init; } = "";
        public string Source { get; init; } = "";
        public string Rights { get; init; } = "";
        public string? Stores { get; init; }
        public long MadeAt { get; init; }
        public long? ExpiresAt { get; init; }
        public long? LastUsedAt { get; init; }
        public long? RevokedAt { get; init; }

        // A right that a newer build knows and this one does not is no right here.
        public PosKey ToKey() => new(
            Id, Name, Prefix, Source, [.. Rights.Split(' ').Select(PosKey.Right).OfType<PosRight>()], Stores is null ? null : JsonSerializer.Deserialize<long[]>(Stores))
        {
            MadeAt = MadeAt, ExpiresAt = ExpiresAt, LastUsedAt = LastUsedAt, RevokedAt = RevokedAt,
        };
    }
}
