using Engagement.Api.Staff.Roles;
using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Api.Staff.Accounts;

/// <summary>The SQL of accounts.</summary>
internal static class AccountStore
{
    private const string Columns = """
        id, name, display_name AS DisplayName, role, password_until AS PasswordUntil, totp_state AS TotpState, locked_until AS LockedUntil, disabled, version, created_at AS CreatedAt
        """;

    private const string SelectById = $"SELECT {Columns} FROM staff WHERE id = @id";
    private const string SelectByName = $"SELECT {Columns} FROM staff WHERE name = @name";
    private const string SelectAll = $"SELECT {Columns} FROM staff WHERE id > @after ORDER BY id LIMIT @limit";
    private const string SelectSecrets = "SELECT password_hash AS PasswordHash, totp_cipher AS TotpCipher, totp_step AS TotpStep, failures FROM staff WHERE id = @id";
    private const string SelectPlaces = "SELECT kind, place FROM staff_place WHERE staff_id = @id ORDER BY kind, place";

    private const string SelectStores = """
        SELECT s.id FROM staff_place p JOIN store s ON s.code = p.place WHERE p.staff_id = @id AND p.kind = 2
        UNION
        SELECT s.id FROM staff_place p JOIN store s ON s.city = p.place WHERE p.staff_id = @id AND p.kind = 1
        """;

    private const string Insert = """
        INSERT INTO staff (id, name, display_name, role, password_hash, password_until, totp_cipher, totp_state, totp_step, failures, locked_until, disabled, version, created_at)
        VALUES (@id, @name, @displayName, @role, @hash, @until, NULL, 0, 0, 0, 0, @disabled, 1, @now)
        """;

    private const string UpdateRole = "UPDATE staff SET display_name = @displayName, role = @role, disabled = @disabled, version = version + 1 WHERE id = @id AND version = @version";
    private const string UpdatePassword = "UPDATE staff SET password_hash = @hash, password_until = @until, failures = 0, locked_until = 0, version = version + 1 WHERE id = @id";
    private const string UpdateHash = "UPDATE staff SET password_hash = @hash WHERE id = @id";
    private const string UpdateFailures = "UPDATE staff SET failures = @failures, locked_until = @until WHERE id = @id";
    private const string UpdateTotp = "UPDATE staff SET totp_cipher = @secret, totp_state = @state, totp_step = @step, version = version + 1 WHERE id = @id";
    private const string UseStep = "UPDATE staff SET totp_step = @step WHERE id = @id AND totp_step < @step";
    private const string DeletePlaces = "DELETE FROM staff_place WHERE staff_id = @id";

    public static async Task<StaffAccount?> AccountAsync(this Session session, StaffId id) =>
        (await session.SingleOrDefaultAsync<Row>(SelectById, new { id = id.Value }))?.ToAccount();

    public static async Task<StaffAccount?> AccountAsync(this Session session, string name) =>
        (await session.SingleOrDefaultAsync<Row>(SelectByName, new { name }))?.ToAccount();

    public static async Task<IReadOnlyList<StaffAccount>> AccountsAsync(this Session session, long after, int limit) =>
        [.. (await session.QueryAsync<Row>(SelectAll, new { after, limit })).Select(row => row.ToAccount())];

    public static Task<AccountSecrets?> SecretsAsync(this Session session, StaffId id) =>
        session.SingleOrDefaultAsync<AccountSecrets>($"{SelectSecrets} {(session is Tx ? session.Dialect.ForUpdate : "")}", new { id = id.Value });

    public static async Task<IReadOnlyList<StaffPlace>> PlacesAsync(this Session session, StaffId id) =>
        [.. (await session.QueryAsync<PlaceRow>(SelectPlaces, new { id = id.Value })).Select(row => new StaffPlace((PlaceKind)row.Kind, row.Place))];

    /// <summary>The stores that the account's places come down to.</summary>
    public static Task<List<long>> StoresAsync(this Session session, StaffId id) => session.QueryAsync<long>(SelectStores, new { id = id.Value });

    /// <summary>Whether there is such a store, or a store in such a city.</summary>
    public static async Task<bool> ExistsAsync(this Session session, StaffPlace place) =>
        await session.ScalarAsync<long>($"SELECT COUNT(*) FROM store WHERE {(place.Kind == PlaceKind.Store ? "code" : "city")} = @Name", new { place.Name }) > 0;

    public static Task InsertAsync(Tx tx, StaffId id, string name, string displayName, StaffRole role, string hash, long? until, bool disabled, long now) =>
        tx.ExecuteAsync(Insert, new { id = id.Value, name, displayName, role = (int)role, hash, until, disabled = disabled ? 1 : 0, now });

    /// <summary>Changes it when the version is still that; whether it was.</summary>
    public static async Task<bool> UpdateAsync(Tx tx, StaffAccount account, string displayName, StaffRole role, bool disabled) =>
        await tx.ExecuteAsync(UpdateRole, new { id = account.Id.Value, version = account.Version, displayName, role = (int)role, disabled = disabled ? 1 : 0 }) == 1;

    public static Task SetPasswordAsync(Tx tx, StaffId id, string hash, long? until) => tx.ExecuteAsync(UpdatePassword, new { id = id.Value, hash, until });

    public static Task RehashAsync(Tx tx, StaffId id, string hash) => tx.ExecuteAsync(UpdateHash, new { id = id.Value, hash });

    public static Task SetFailuresAsync(Tx tx, StaffId id, int failures, long until) => tx.ExecuteAsync(UpdateFailures, new { id = id.Value, failures, until });

    public static Task SetTotpAsync(Tx tx, StaffId id, byte[]? secret, TotpState state, long step) =>
        tx.ExecuteAsync(UpdateTotp, new { id = id.Value, secret, state = (int)state, step });

    /// <summary>Takes a step's code, once.</summary>
    public static async Task<bool> UseStepAsync(Tx tx, StaffId id, long step) => await tx.ExecuteAsync(UseStep, new { id = id.Value, step }) == 1;

    public static async Task SetPlacesAsync(Tx tx, StaffId id, IReadOnlyList<StaffPlace> places)
    {
        await tx.ExecuteAsync(DeletePlaces, new { id = id.Value });
        await tx.InsertManyAsync("INSERT INTO staff_place (staff_id, kind, place)", [.. places.Distinct()], (place, v) => (v[0], v[1], v[2]) = (id.Value, (int)place.Kind, place.Name));
    }

    private sealed class PlaceRow
    {
        public long Kind { get; init; }
        public string Place { get; init; } = "";
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public string DisplayName { get; init; } = "";
        public long Role { get; init; }
        public long? PasswordUntil { get; init; }
        public long TotpState { get; init; }
        public long LockedUntil { get; init; }
        public long Disabled { get; init; }
        public long Version { get; init; }
        public long CreatedAt { get; init; }

        public StaffAccount ToAccount() => new(new StaffId(Id), Name, DisplayName, (StaffRole)Role)
        {
            PasswordUntil = PasswordUntil, Totp = (TotpState)TotpState, LockedUntil = LockedUntil, Disabled = Disabled != 0, Version = Version, CreatedAt = CreatedAt,
        };
    }
}

/// <summary>What a sign-in is held against.</summary>
internal sealed class AccountSecrets
{
    public string PasswordHash { get; init; } = "";
    public byte[]? TotpCipher { get; init; }
    public long TotpStep { get; init; }
    public long Failures { get; init; }
}
