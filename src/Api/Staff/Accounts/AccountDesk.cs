using System.Text.Json;
using System.Text.RegularExpressions;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Staff.Accounts;

/// <summary>What an account is to be.</summary>
internal sealed record AccountFile(string DisplayName, StaffRole Role, bool Disabled, IReadOnlyList<StaffPlace> Places);

/// <summary>An account that was made or reset, with the password for its next sign-in; or why not.</summary>
internal sealed record AccountResult(StaffAccount? Account, string? OneTimePassword, Problem? Refused);

/// <summary>Makes, changes and resets accounts. A change of role, place or password ends the account's sessions in the same transaction.</summary>
internal sealed partial class AccountDesk(Database database, IdGenerator ids, Clocks clocks, Passwords passwords, StaffSessions sessions, AuditLog audit, IOptions<StaffOptions> options)
{
    /// <summary>The form in which sign-in names are kept.</summary>
    public static string Canonical(string name) => name.Trim().ToLowerInvariant();

    /// <summary>Makes an account with a one-time password.</summary>
    public async Task<AccountResult> AddAsync(AuditActor actor, string name, AccountFile file, CancellationToken ct)
    {
        var canonical = Canonical(name);
        if (!NameForm().IsMatch(canonical)) return new(null, null, Problems.Fields(("name", new("2 到 40 个小写字母、数字、点、横线，字母开头", "2 to 40 small letters, digits, dots and dashes, a letter first"))));
        if (Faults(file) is { } fault) return new(null, null, fault);
        var (id, password) = (new StaffId(ids.Next()), Passwords.OneTime());
        var hash = passwords.Hash(canonical, password);
        return await database.WriteAsync(async tx =>
        {
            if (await PlacesAsync(tx, file) is { } misplaced) return new AccountResult(null, null, misplaced);
            if (await tx.AccountAsync(canonical) is not null) return new AccountResult(null, null, StaffProblems.NameTaken);
            var now = clocks.System.NowMs();
            await AccountStore.InsertAsync(tx, id, canonical, file.DisplayName, file.Role, hash, now + (long)options.Value.OneTime.TotalMilliseconds, file.Disabled, now);
            await AccountStore.SetPlacesAsync(tx, id, file.Places);
            await audit.AppendAsync(tx, new AuditEntry(actor, "staff.added") { Subject = $"staff:{id}", Detail = Describe(file) });
            return new AccountResult(await tx.AccountAsync(id), password, null);
        }, ct);
    }

    /// <summary>Changes role, places, display name or whether it is disabled; <c>null</c> when done.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The account.</param>
    /// <param name="version">The version that the change was made on.</param>
    /// <param name="file">What it is to be.</param>
    /// <param name="ct">Stops before the write.</param>
    public async Task<Problem?> ChangeAsync(AuditActor actor, StaffId id, long version, AccountFile file, CancellationToken ct)
    {
        if (Faults(file) is { } fault) return fault;
        return await database.WriteAsync(async tx =>
        {
            if (await tx.AccountAsync(id) is not { } account) return Problems.NotFound;
            if (await PlacesAsync(tx, file) is { } misplaced) return misplaced;
            if (account.Version != version || !await AccountStore.UpdateAsync(tx, account, file.DisplayName, file.Role, file.Disabled)) return await StaleAsync(tx, account, file);
            await AccountStore.SetPlacesAsync(tx, id, file.Places);
            await sessions.EndAllAsync(tx, id, file.Disabled ? "disabled" : "role");
            await audit.AppendAsync(tx, new AuditEntry(actor, "staff.changed") { Subject = $"staff:{id}", Detail = $$"""{"before":"{{RoleMatrix.Code(account.Role)}}","after":{{Describe(file)}}}""" });
            return null;
        }, ct);
    }

    /// <summary>Gives an account a new one-time password, unlocks it, and on demand takes its authenticator away.</summary>
    public async Task<AccountResult> ResetAsync(AuditActor actor, StaffId id, bool secondFactor, CancellationToken ct)
    {
        var password = Passwords.OneTime();
        if (await database.ReadAsync(session => session.AccountAsync(id), ct) is not { } account) return new(null, null, Problems.NotFound);
        var hash = passwords.Hash(account.Name, password);
        return await database.WriteAsync(async tx =>
        {
            await AccountStore.SetPasswordAsync(tx, id, hash, clocks.System.NowMs() + (long)options.Value.OneTime.TotalMilliseconds);
            if (secondFactor) await AccountStore.SetTotpAsync(tx, id, null, TotpState.None, 0);
            await sessions.EndAllAsync(tx, id, "reset");
            await audit.AppendAsync(tx, new AuditEntry(actor, secondFactor ? "staff.reset_second_factor" : "staff.reset") { Subject = $"staff:{id}" });
            return new AccountResult(await tx.AccountAsync(id), password, null);
        }, ct);
    }

    private static Problem? Faults(AccountFile file)
    {
        if (file.DisplayName.Trim().Length is < 1 or > 40) return Problems.Fields(("displayName", new("1 到 40 个字", "1 to 40 characters")));
        return file.Role.IsOfStores() && file.Places.Count == 0 ? StaffProblems.PlaceNeeded : null;
    }

    private static async Task<Problem?> PlacesAsync(Tx tx, AccountFile file)
    {
        foreach (var place in file.Places)
        {
            if (!await tx.ExistsAsync(place)) return StaffProblems.PlaceUnknown;
        }

        return null;
    }

    private static async Task<Problem> StaleAsync(Tx tx, StaffAccount now, AccountFile wanted) => Problems.Stale(now.Version,
        ("displayName", wanted.DisplayName, now.DisplayName),
        ("role", RoleMatrix.Code(wanted.Role), RoleMatrix.Code(now.Role)),
        ("disabled", wanted.Disabled, now.Disabled),
        ("places", Names(wanted.Places), Names(await tx.PlacesAsync(now.Id))));

    private static string Names(IEnumerable<StaffPlace> places) => string.Join(", ", places.Select(place => place.Name).Order(StringComparer.Ordinal));

    private static string Describe(AccountFile file) =>
        JsonSerializer.Serialize(new { role = RoleMatrix.Code(file.Role), disabled = file.Disabled, places = file.Places.Select(place => place.Name) }, s_readable);

    // Store codes and cities stay readable in the log.
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("^[a-z][a-z0-9.-]{1,39}$")]
    private static partial Regex NameForm();
}
