using Engagement.Api.Hosting;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members.Staff;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Accounts of staff, for administrators. Making and resetting take an Idempotency-Key; changing takes If-Match.</summary>
internal static class AccountEndpoints
{
    public static RouteGroupBuilder MapAccounts(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/accounts").WithTags("Staff accounts").RefusesAsIn(typeof(StaffProblems));

        group.MapGet("/", ListAsync).Require(Right.AccountRead).WithSummary("All accounts");
        group.MapGet("/{accountId}", GetAsync).Require(Right.AccountRead).WithSummary("One account; its ETag goes into If-Match");
        group.MapPost("/", AddAsync).Require(Right.AccountEdit).Idempotent().WithSummary("Make an account; the answer holds its one-time password, shown this once")
            .WithExample("""{"name":"chen.jie","displayName":"陈洁","role":"service_agent","disabled":false,"stores":[],"regions":[]}""");
        group.MapPut("/{accountId}", ChangeAsync).Require(Right.AccountEdit).Versioned().WithSummary("Change role, places or display name, disable or enable; the account's sessions end")
            .WithExample("""{"displayName":"陈洁","role":"service_agent","disabled":true,"stores":[],"regions":[]}""");
        group.MapPost("/{accountId}/reset", ResetAsync).Require(Right.AccountEdit).Idempotent().WithSummary("A new one-time password; on demand without the authenticator")
            .WithExample("""{"secondFactor":false}""");
        return group;
    }

    private static async Task<Results<Ok<Page<AccountView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var after)) return Problems.CursorInvalid.Answer();
        return TypedResults.Ok(await database.ReadAsync(async session =>
        {
            var accounts = await session.AccountsAsync(after ?? 0, Cursor.Rows(limit));
            var views = new List<(long Id, AccountView View)>();
            foreach (var account in accounts) views.Add((account.Id.Value, AccountView.Of(account, await session.PlacesAsync(account.Id))));
            return Cursor.Page(views, limit, one => one.Id, one => one.View);
        }, ct));
    }

    private static async Task<Results<Ok<AccountView>, ProblemAnswer>> GetAsync(long accountId, Database database, HttpResponse response, CancellationToken ct)
    {
        var found = await database.ReadAsync(async session => await session.AccountAsync(new StaffId(accountId)) is { } account
            ? AccountView.Of(account, await session.PlacesAsync(account.Id)) : null, ct);
        if (found is null) return Problems.NotFound.Answer();
        VersionTag.Set(response, found.Version);
        return TypedResults.Ok(found);
    }

    private static async Task<Results<Created<OneTimeView>, ProblemAnswer>> AddAsync(NewAccountBody body, StaffCaller caller, AccountDesk desk, CancellationToken ct)
    {
        if (body.Role == StaffRole.Auditor) return StaffProblems.AuditorApart.Answer();
        var result = await desk.AddAsync(caller.Actor, body.Name, body.ToFile(), ct);
        return result.Refused is { } refused ? refused.Answer() : TypedResults.Created($"/api/staff/accounts/{result.Account!.Id}", new OneTimeView(result.Account.Id.ToString(), result.OneTimePassword!));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> ChangeAsync(
        long accountId, AccountBody body, StaffCaller caller, AccountDesk desk, Database database, HttpRequest request, CancellationToken ct)
    {
        var (version, untagged) = VersionTag.Read(request);
        if (untagged is not null) return untagged.Answer();
        if (await ApartAsync(accountId, body.Role, caller, database, ct) is { } apart) return apart.Answer();
        return await desk.ChangeAsync(caller.Actor, new StaffId(accountId), version, body.ToFile(), ct) is { } refused ? refused.Answer() : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<OneTimeView>, ProblemAnswer>> ResetAsync(
        long accountId, ResetBody body, StaffCaller caller, AccountDesk desk, Database database, CancellationToken ct)
    {
        if (await ApartAsync(accountId, null, caller, database, ct) is { } apart) return apart.Answer();
        var result = await desk.ResetAsync(caller.Actor, new StaffId(accountId), body.SecondFactor, ct);
        return result.Refused is { } refused ? refused.Answer() : TypedResults.Ok(new OneTimeView(result.Account!.Id.ToString(), result.OneTimePassword!));
    }

    // Nobody widens their own account, and no administrator makes, changes or opens an auditor's.
    private static async Task<Problem?> ApartAsync(long accountId, StaffRole? wanted, StaffCaller caller, Database database, CancellationToken ct)
    {
        if (accountId == caller.Id.Value) return StaffProblems.OwnAccount;
        if (await database.ReadAsync(session => session.AccountAsync(new StaffId(accountId)), ct) is not { } account) return Problems.NotFound;
        return account.Role == StaffRole.Auditor || wanted == StaffRole.Auditor ? StaffProblems.AuditorApart : null;
    }
}

/// <summary>A new account; its name never changes.</summary>
internal sealed record NewAccountBody(string Name, string DisplayName, StaffRole Role, bool Disabled, IReadOnlyList<string> Stores, IReadOnlyList<string> Regions)
{
    public AccountFile ToFile() => new AccountBody(DisplayName, Role, Disabled, Stores, Regions).ToFile();
}

/// <summary>What an account is to be.</summary>
internal sealed record AccountBody(string DisplayName, StaffRole Role, bool Disabled, IReadOnlyList<string> Stores, IReadOnlyList<string> Regions)
{
    public AccountFile ToFile() => new(DisplayName, Role, Disabled,
        [.. Stores.Select(code => new StaffPlace(PlaceKind.Store, code)), .. Regions.Select(city => new StaffPlace(PlaceKind.Region, city))]);
}

internal sealed record ResetBody(bool SecondFactor);

internal sealed record OneTimeView(string Id, string OneTimePassword);

internal sealed record AccountView(
    string Id, string Name, string DisplayName, StaffRole Role, bool Disabled, IReadOnlyList<string> Stores, IReadOnlyList<string> Regions,
    TotpState SecondFactor, bool OneTimePassword, DateTimeOffset? LockedUntil, long Version)
{
    public static AccountView Of(StaffAccount account, IReadOnlyList<StaffPlace> places) => new(
        account.Id.ToString(), account.Name, account.DisplayName, account.Role, account.Disabled,
        [.. places.Where(place => place.Kind == PlaceKind.Store).Select(place => place.Name)], [.. places.Where(place => place.Kind == PlaceKind.Region).Select(place => place.Name)],
        account.Totp, account.PasswordUntil is not null, account.LockedUntil == 0 ? null : ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(account.LockedUntil)), account.Version);
}
