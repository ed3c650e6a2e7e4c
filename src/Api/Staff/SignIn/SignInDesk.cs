using Engagement.Api.Hosting;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Staff.SignIn;

/// <summary>What a sign-in step came to: a session, or why not.</summary>
internal sealed record SignInResult(StaffSession? Session, Problem? Refused);

/// <summary>Signs members of staff in: password, lock after failures, second factor, change of password.</summary>
/// <remarks>A wrong name, a wrong password and a lock get one answer, and take the same time.</remarks>
internal sealed class SignInDesk(Database database, Clocks clocks, FieldCipher cipher, Passwords passwords, StaffSessions sessions, AuditLog audit, IOptions<StaffOptions> options)
{
    private static readonly CipherColumn s_secret = new("staff", "totp_cipher");

    /// <summary>The first step: name and password.</summary>
    public async Task<SignInResult> SignInAsync(string name, string password, CancellationToken ct)
    {
        var known = await database.ReadAsync(async session =>
            await session.AccountAsync(AccountDesk.Canonical(name)) is { } found ? (Account: found, (await session.SecretsAsync(found.Id))!.PasswordHash) : default, ct);
        // Hashing is slow on purpose, so it stays outside the write.
        var fits = passwords.Verify(known.Account?.Name ?? "nobody", known.PasswordHash, password, out var rehash);
        if (known.Account is not { } account) return new(null, StaffProblems.SignInRefused);
        var fresh = fits && rehash ? passwords.Hash(account.Name, password) : null;
        return await database.WriteAsync(async tx =>
        {
            var secrets = (await tx.SecretsAsync(account.Id))!;
            var now = clocks.System.NowMs();
            var current = (await tx.AccountAsync(account.Id))!;
            // Somebody may have reset the password while this one was being hashed.
            if (current.LockedUntil > now || current.Disabled || secrets.PasswordHash != known.PasswordHash) return new SignInResult(null, StaffProblems.SignInRefused);
            if (!fits || current.PasswordUntil <= now) return await FailAsync(tx, current, secrets, "staff.sign_in", StaffProblems.SignInRefused);
            if (fresh is not null) await AccountStore.RehashAsync(tx, account.Id, fresh);
            // With a second factor the count goes on: a known password must not buy guesses of the code.
            if (current.Totp != TotpState.On) await AccountStore.SetFailuresAsync(tx, account.Id, 0, 0);
            var session = await sessions.BeginAsync(tx, account.Id, secondFactor: false, demo: false);
            await audit.AppendAsync(tx, Entry(current, "staff.sign_in"));
            return new SignInResult(session, null);
        }, ct);
    }

    /// <summary>The second step: a code of the authenticator. The session gets a new id.</summary>
    public Task<SignInResult> GiveCodeAsync(StaffCaller caller, string code, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var secrets = (await tx.SecretsAsync(caller.Id))!;
        var account = (await tx.AccountAsync(caller.Id))!;
        if (account.LockedUntil > clocks.System.NowMs() || account.Totp != TotpState.On) return new SignInResult(null, StaffProblems.CodeRefused);
        if (!await TakesAsync(tx, account, secrets, code)) return await FailAsync(tx, account, secrets, "staff.second_factor", StaffProblems.CodeRefused);
        await AccountStore.SetFailuresAsync(tx, caller.Id, 0, 0);
        await sessions.EndAsync(tx, caller.Session.Id, "replaced");
        var session = await sessions.BeginAsync(tx, caller.Id, secondFactor: true, demo: false);
        await audit.AppendAsync(tx, Entry(account, "staff.second_factor"));
        return new SignInResult(session, null);
    }, ct);

    /// <summary>Makes a secret and shows it; it counts from <see cref="ConfirmAsync"/> on.</summary>
    public async Task<string> EnrolAsync(StaffCaller caller, CancellationToken ct)
    {
        var secret = Totp.NewSecret();
        await database.WriteAsync(async tx =>
        {
            await AccountStore.SetTotpAsync(tx, caller.Id, cipher.Encrypt(s_secret, caller.Id.Value, secret), TotpState.Shown, 0);
            await audit.AppendAsync(tx, Entry(caller.Account, "staff.second_factor_shown"));
        }, ct);
        return secret;
    }

    /// <summary>Turns the second factor on with its first code. All other sessions end.</summary>
    public Task<SignInResult> ConfirmAsync(StaffCaller caller, string code, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var secrets = (await tx.SecretsAsync(caller.Id))!;
        var account = (await tx.AccountAsync(caller.Id))!;
        if (account.Totp != TotpState.Shown) return new SignInResult(null, StaffProblems.StepDone);
        if (Totp.Match(cipher.Decrypt(s_secret, caller.Id.Value, secrets.TotpCipher)!, code, clocks.System.GetUtcNow()) is not { } step) return new SignInResult(null, StaffProblems.CodeRefused);
        await AccountStore.SetTotpAsync(tx, caller.Id, secrets.TotpCipher, TotpState.On, step);
        await sessions.EndAllAsync(tx, caller.Id, "second_factor");
        var session = await sessions.BeginAsync(tx, caller.Id, secondFactor: true, demo: false);
        await audit.AppendAsync(tx, Entry(account, "staff.second_factor_on"));
        return new SignInResult(session, null);
    }, ct);

    /// <summary>Changes the owner's own password. All other sessions end, and this one gets a new id.</summary>
    public async Task<SignInResult> ChangePasswordAsync(StaffCaller caller, string current, string wanted, CancellationToken ct)
    {
        if (!Passwords.Acceptable(caller.Account.Name, wanted) || wanted == current) return new(null, StaffProblems.PasswordWeak);
        var before = (await database.ReadAsync(session => session.SecretsAsync(caller.Id), ct))!.PasswordHash;
        var fits = passwords.Verify(caller.Account.Name, before, current, out _);
        var hash = passwords.Hash(caller.Account.Name, wanted);
        return await database.WriteAsync(async tx =>
        {
            var secrets = (await tx.SecretsAsync(caller.Id))!;
            if (!fits || secrets.PasswordHash != before) return await FailAsync(tx, caller.Account, secrets, "staff.password", StaffProblems.PasswordWrong);
            await AccountStore.SetPasswordAsync(tx, caller.Id, hash, until: null);
            await sessions.EndAllAsync(tx, caller.Id, "password");
            var session = await sessions.BeginAsync(tx, caller.Id, caller.Session.SecondFactor, demo: false);
            await audit.AppendAsync(tx, Entry(caller.Account, "staff.password"));
            return new SignInResult(session, null);
        }, ct);
    }

    /// <summary>Signs out.</summary>
    public Task SignOutAsync(StaffCaller caller, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await sessions.EndAsync(tx, caller.Session.Id, "signed_out");
        await audit.AppendAsync(tx, Entry(caller.Account, "staff.sign_out"));
    }, ct);

    private async Task<bool> TakesAsync(Tx tx, StaffAccount account, AccountSecrets secrets, string code) =>
        Totp.Match(cipher.Decrypt(s_secret, account.Id.Value, secrets.TotpCipher)!, code, clocks.System.GetUtcNow()) is { } step && await AccountStore.UseStepAsync(tx, account.Id, step);

    private async Task<SignInResult> FailAsync(Tx tx, StaffAccount account, AccountSecrets secrets, string action, Problem refusal)
    {
        var failures = (int)secrets.Failures + 1;
        var locks = failures >= options.Value.Failures;
        var until = locks ? clocks.System.NowMs() + (long)options.Value.Lock.TotalMilliseconds : 0;
        await AccountStore.SetFailuresAsync(tx, account.Id, locks ? 0 : failures, until);
        // Whoever guesses the password of somebody at work ends that work too: better than sharing the account with them.
        if (locks) await sessions.EndAllAsync(tx, account.Id, "locked");
        await audit.AppendAsync(tx, Entry(account, locks ? "staff.locked" : action) with { Outcome = AuditEntry.Refused });
        return new SignInResult(null, refusal);
    }

    private static AuditEntry Entry(StaffAccount account, string action) =>
        new(new AuditActor(account.Id.Value, account.Name, RoleMatrix.Code(account.Role)), action) { Subject = $"staff:{account.Id}" };
}
