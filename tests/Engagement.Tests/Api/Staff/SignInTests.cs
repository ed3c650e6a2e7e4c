using Engagement.Api.Staff;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Engagement.Tests.Support;
using Microsoft.Extensions.Options;

namespace Engagement.Tests.Api.Staff;

/// <summary>Sign-in and accounts on each database, with a clock that is moved by hand.</summary>
public abstract class SignInContract(TestDatabase test) : IAsyncLifetime
{
    private const string Chosen = "five words nobody guesses";
    private static readonly CancellationToken None = CancellationToken.None;

    // Few rounds: what is tested is when they are run, not how many.
    private static readonly Passwords s_passwords = new(iterations: 10);

    private readonly ManualClock _clock = new();
    private readonly StaffOptions _options = new();
    private readonly TempFolder _folder = new();
    private IdGenerator _ids = null!;
    private StaffSessions _sessions = null!;
    private SignInDesk _desk = null!;
    private AccountDesk _accounts = null!;

    public async Task InitializeAsync()
    {
        var keys = KeyRing.Create(_folder["keys"], demo: true);
        _ids = await IdGenerator.LeaseAsync(test.Database, TimeProvider.System, None);
        var clocks = new Clocks(TimeProvider.System, _clock);
        var (audit, options) = (new AuditLog(clocks), Options.Create(_options));
        _sessions = new StaffSessions(test.Database, _ids, clocks, options);
        _desk = new SignInDesk(test.Database, clocks, new FieldCipher(keys), s_passwords, _sessions, audit, options);
        _accounts = new AccountDesk(test.Database, _ids, clocks, s_passwords, _sessions, audit, options);
    }

    public async Task DisposeAsync()
    {
        await _ids.DisposeAsync();
        _folder.Dispose();
    }

    [DatabaseFact]
    public async Task A_one_time_password_opens_nothing_but_its_own_change()
    {
        var (name, oneTime) = await AddAsync(StaffRole.Cashier);
        var caller = await SignedInAsync(name, oneTime);
        Assert.Equal(SignInStage.Password, caller.Stage);

        Assert.Same(StaffProblems.PasswordWeak, (await _desk.ChangePasswordAsync(caller, oneTime, "short", None)).Refused);
        Assert.Same(StaffProblems.PasswordWeak, (await _desk.ChangePasswordAsync(caller, oneTime, oneTime, None)).Refused);
        Assert.Same(StaffProblems.PasswordWrong, (await _desk.ChangePasswordAsync(caller, "wrong", Chosen, None)).Refused);
        var changed = await _desk.ChangePasswordAsync(caller, oneTime, Chosen, None);

        Assert.Equal(SignInStage.Complete, (await _sessions.FindAsync(changed.Session!.Id, None))!.Stage);
        Assert.Null(await _sessions.FindAsync(caller.Session.Id, None));
        Assert.NotNull((await _desk.SignInAsync(name.ToUpperInvariant(), oneTime, None)).Refused);
        Assert.Null((await _desk.SignInAsync(name.ToUpperInvariant(), Chosen, None)).Refused);
    }

    [DatabaseFact]
    public async Task A_one_time_password_that_nobody_used_in_time_is_worthless()
    {
        var (name, oneTime) = await AddAsync(StaffRole.Cashier);
        _clock.Advance(_options.OneTime);

        Assert.Same(StaffProblems.SignInRefused, (await _desk.SignInAsync(name, oneTime, None)).Refused);
    }

    [DatabaseFact]
    public async Task Failures_in_a_row_lock_the_account_for_a_while_and_end_its_sessions()
    {
        var (name, _, caller) = await ReadyAsync(StaffRole.Cashier);
        for (var i = 0; i < _options.Failures; i++) Assert.Same(StaffProblems.SignInRefused, (await _desk.SignInAsync(name, "wrong", None)).Refused);

        Assert.Same(StaffProblems.SignInRefused, (await _desk.SignInAsync(name, Chosen, None)).Refused);
        Assert.Null(await _sessions.FindAsync(caller.Session.Id, None));
        _clock.Advance(_options.Lock);
        Assert.Null((await _desk.SignInAsync(name, Chosen, None)).Refused);
        Assert.Same(StaffProblems.SignInRefused, (await _desk.SignInAsync("nobody.at.all", Chosen, None)).Refused);
    }

    [DatabaseFact]
    public async Task A_success_in_between_starts_the_count_anew()
    {
        var (name, _, _) = await ReadyAsync(StaffRole.Cashier);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < _options.Failures - 1; i++) await _desk.SignInAsync(name, "wrong", None);
            Assert.Null((await _desk.SignInAsync(name, Chosen, None)).Refused);
        }
    }

    [DatabaseFact]
    public async Task The_head_office_needs_a_second_factor_and_no_code_works_twice()
    {
        var (name, secret, _) = await ReadyAsync(StaffRole.Marketer);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var code = TotpTests.Code(secret!, _clock.GetUtcNow());
        var half = await SignedInAsync(name, Chosen);
        Assert.Equal(SignInStage.Code, half.Stage);

        var full = await _desk.GiveCodeAsync(half, code, None);

        Assert.Equal(SignInStage.Complete, (await _sessions.FindAsync(full.Session!.Id, None))!.Stage);
        Assert.Null(await _sessions.FindAsync(half.Session.Id, None));
        Assert.Same(StaffProblems.CodeRefused, (await _desk.GiveCodeAsync(await SignedInAsync(name, Chosen), code, None)).Refused);
    }

    [DatabaseFact]
    public async Task A_known_password_buys_no_endless_guesses_of_the_code()
    {
        var (name, secret, _) = await ReadyAsync(StaffRole.Marketer);
        for (var i = 0; i < _options.Failures; i++)
        {
            Assert.Same(StaffProblems.CodeRefused, (await _desk.GiveCodeAsync(await SignedInAsync(name, Chosen), "000000", None)).Refused);
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(StaffProblems.SignInRefused, (await _desk.SignInAsync(name, Chosen, None)).Refused);
        _clock.Advance(_options.Lock);
        Assert.Null((await _desk.GiveCodeAsync(await SignedInAsync(name, Chosen), TotpTests.Code(secret!, _clock.GetUtcNow()), None)).Refused);
    }

    [DatabaseFact]
    public async Task The_secret_is_kept_encrypted()
    {
        var (_, secret, caller) = await ReadyAsync(StaffRole.Marketer);

        var kept = await test.Database.ReadAsync(session => session.ScalarAsync<byte[]>("SELECT totp_cipher FROM staff WHERE id = @id", new { id = caller.Id.Value }), None);

        Assert.DoesNotContain(secret!, System.Text.Encoding.UTF8.GetString(kept), StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task A_session_ends_when_it_idles_and_at_the_latest_after_a_working_day()
    {
        var (name, _, idle) = await ReadyAsync(StaffRole.Cashier);
        _clock.Advance(_options.Idle);
        Assert.Null(await _sessions.FindAsync(idle.Session.Id, None));

        var busy = await SignedInAsync(name, Chosen);
        for (var passed = TimeSpan.Zero; passed < _options.Longest - _options.Idle; passed += _options.Idle / 2)
        {
            _clock.Advance(_options.Idle / 2);
            Assert.NotNull(await _sessions.FindAsync(busy.Session.Id, None));
        }

        _clock.Advance(_options.Idle / 2);
        await _sessions.FindAsync(busy.Session.Id, None);
        _clock.Advance(_options.Idle / 2);
        Assert.Null(await _sessions.FindAsync(busy.Session.Id, None));
    }

    [DatabaseFact]
    public async Task A_new_role_a_reset_and_a_lock_out_end_sessions_at_once()
    {
        var (name, _, caller) = await ReadyAsync(StaffRole.Cashier);
        Assert.Null(await _accounts.ChangeAsync(AuditActor.CommandLine, caller.Id, await VersionAsync(name), new AccountFile("刘芳", StaffRole.Pharmacist, false, [new(PlaceKind.Store, "S001")]), None));
        Assert.Null(await _sessions.FindAsync(caller.Session.Id, None));

        var again = await SignedInAsync(name, Chosen);
        Assert.Equal(StaffRole.Pharmacist, again.Account.Role);
        var reset = await _accounts.ResetAsync(AuditActor.CommandLine, caller.Id, secondFactor: true, None);
        Assert.Null(await _sessions.FindAsync(again.Session.Id, None));

        var third = await SignedInAsync(name, reset.OneTimePassword!);
        Assert.Null(await _accounts.ChangeAsync(AuditActor.CommandLine, caller.Id, await VersionAsync(name), new AccountFile("刘芳", StaffRole.Pharmacist, true, [new(PlaceKind.Store, "S001")]), None));
        Assert.Null(await _sessions.FindAsync(third.Session.Id, None));
        Assert.Same(StaffProblems.SignInRefused, (await _desk.SignInAsync(name, reset.OneTimePassword!, None)).Refused);
    }

    [DatabaseFact]
    public async Task A_stale_change_of_an_account_says_what_differs_and_changes_nothing()
    {
        var (name, _, caller) = await ReadyAsync(StaffRole.Cashier);

        var refused = await _accounts.ChangeAsync(AuditActor.CommandLine, caller.Id, 1, new AccountFile("另一个名字", StaffRole.Cashier, false, [new(PlaceKind.Store, "S001")]), None);

        Assert.Equal("stale_version", refused!.Code);
        Assert.Equal(["displayName"], refused.More!["changed"]!.AsArray().Select(field => (string)field!["field"]!));
        Assert.NotNull(await _sessions.FindAsync(caller.Session.Id, None));
    }

    [DatabaseFact]
    public async Task A_region_is_every_store_of_its_city()
    {
        await StoreAsync("S001", "杭州");
        await StoreAsync("S002", "杭州");
        await StoreAsync("S003", "宁波");
        var name = Name();
        var added = await _accounts.AddAsync(AuditActor.CommandLine, name, new AccountFile("区域店长", StaffRole.StoreManager, false, [new(PlaceKind.Region, "杭州"), new(PlaceKind.Store, "S001")]), None);

        var caller = await SignedInAsync(name, added.OneTimePassword!);

        Assert.Equal(2, caller.Stores.Count);
        Assert.Same(StaffProblems.PlaceUnknown, (await _accounts.AddAsync(AuditActor.CommandLine, Name(), new AccountFile("店长", StaffRole.StoreManager, false, [new(PlaceKind.Store, "S404")]), None)).Refused);
        Assert.Same(StaffProblems.PlaceNeeded, (await _accounts.AddAsync(AuditActor.CommandLine, Name(), new AccountFile("店长", StaffRole.StoreManager, false, []), None)).Refused);
        Assert.Same(StaffProblems.NameTaken, (await _accounts.AddAsync(AuditActor.CommandLine, name, new AccountFile("重名", StaffRole.Marketer, false, []), None)).Refused);
        Assert.Equal("fields_invalid", (await _accounts.AddAsync(AuditActor.CommandLine, "Robert'); DROP", new AccountFile("x", StaffRole.Marketer, false, []), None)).Refused!.Code);
    }

    [Theory]
    [InlineData("five words nobody guesses", true)]
    [InlineData("药店里没有人猜得到的一句话", true)]
    [InlineData("elevenchars", false)]
    [InlineData("password123456", false)]
    [InlineData("aaaaaaaaaaaaaaaa", false)]
    [InlineData("liu.fang is my name", false)]
    public void A_password_is_long_and_not_simple(string password, bool acceptable) => Assert.Equal(acceptable, Passwords.Acceptable("liu.fang", password));

    private static string Name() => $"staff-{Random.Shared.Next():x}-{Random.Shared.Next():x}";

    private async Task<(string Name, string OneTime)> AddAsync(StaffRole role)
    {
        await StoreAsync("S001", "杭州");
        var name = Name();
        var result = await _accounts.AddAsync(AuditActor.CommandLine, name, new AccountFile("刘芳", role, false, role.IsOfStores() ? [new(PlaceKind.Store, "S001")] : []), None);
        return (name, result.OneTimePassword!);
    }

    // An account whose owner has been through everything that the first sign-in asks for.
    private async Task<(string Name, string? Secret, StaffCaller Caller)> ReadyAsync(StaffRole role)
    {
        var (name, oneTime) = await AddAsync(role);
        var session = (await _desk.ChangePasswordAsync(await SignedInAsync(name, oneTime), oneTime, Chosen, None)).Session!;
        var caller = (await _sessions.FindAsync(session.Id, None))!;
        if (caller.Stage == SignInStage.Complete) return (name, null, caller);
        Assert.Equal(SignInStage.Enrolment, caller.Stage);
        var secret = await _desk.EnrolAsync(caller, None);
        Assert.Same(StaffProblems.CodeRefused, (await _desk.ConfirmAsync(caller, "000000", None)).Refused);
        var confirmed = await _desk.ConfirmAsync(caller, TotpTests.Code(secret, _clock.GetUtcNow()), None);
        return (name, secret, (await _sessions.FindAsync(confirmed.Session!.Id, None))!);
    }

    private async Task<StaffCaller> SignedInAsync(string name, string password)
    {
        var result = await _desk.SignInAsync(name, password, None);
        Assert.Null(result.Refused);
        return (await _sessions.FindAsync(result.Session!.Id, None))!;
    }

    private async Task<long> VersionAsync(string name) => (await test.Database.ReadAsync(session => session.AccountAsync(name), None))!.Version;

    private Task<int> StoreAsync(string code, string city) => test.Database.WriteAsync(tx => tx.ExecuteAsync(
        $"INSERT INTO store (id, code, name, city) VALUES (@id, @code, @code, @city) {tx.Dialect.OnConflictKeep("code")}", new { id = _ids.Next(), code, city }), None);
}

public sealed class SignInOnSqlite(SqliteTestDatabase database) : SignInContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SignInOnMySql(MySqlTestDatabase database) : SignInContract(database), IClassFixture<MySqlTestDatabase>;
