using System.Net;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Engagement.Tests.Api.Staff;

/// <summary>Sign-in, accounts, audit log and break-glass through the front door.</summary>
public sealed class StaffSurface(StaffApp app) : IClassFixture<StaffApp>
{
    private const string Accounts = "/api/staff/accounts";
    private const string Chosen = "five words nobody guesses";

    [Fact]
    public async Task A_new_cashier_signs_in_changes_the_password_and_signs_out()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        var (_, password) = await AddAsync(admin, "liu.fang", "cashier", "S001");
        using var cashier = app.Client();

        var signedIn = await (await cashier.SendAsync("POST", "/api/staff/session", $$"""{"name":"liu.fang","password":"{{password}}"}""")).JsonAsync();
        Assert.Equal("password", signedIn.GetProperty("stage").GetString());
        Assert.Equal((403, "password_change_needed"), await cashier.SendAsync("GET", "/api/staff/audit").SaidAsync());
        Assert.Equal((403, "password_wrong"), await cashier.SendAsync("POST", "/api/staff/session/password", $$"""{"current":"x","password":"{{Chosen}}"}""").SaidAsync());
        Assert.Equal((200, null), await cashier.SendAsync("POST", "/api/staff/session/password", $$"""{"current":"{{password}}","password":"{{Chosen}}"}""").SaidAsync());

        var me = await (await cashier.GetAsync("/api/staff/session")).JsonAsync();
        Assert.Equal(("complete", "cashier", "store"), (me.GetProperty("stage").GetString(), me.GetProperty("role").GetString(), me.GetProperty("rights").GetProperty("member_lookup").GetString()));
        Assert.False(me.GetProperty("rights").TryGetProperty("member_health", out _));
        Assert.Equal([app.HomeStore.ToString()], me.GetProperty("stores").EnumerateArray().Select(store => store.GetString()));
        Assert.Equal((204, null), await cashier.SendAsync("DELETE", "/api/staff/session").SaidAsync());
        Assert.Equal((401, "signed_out"), await cashier.SendAsync("GET", "/api/staff/session").SaidAsync());
    }

    [Fact]
    public async Task A_marketer_enrols_an_authenticator_and_gives_its_code_from_then_on()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        var (_, oneTime) = await AddAsync(admin, "wang.min", "marketer");
        using var client = app.Client();
        await client.SendAsync("POST", "/api/staff/session", $$"""{"name":"wang.min","password":"{{oneTime}}"}""");
        Assert.Equal((403, "password_change_needed"), await client.SendAsync("POST", "/api/staff/session/second-factor").SaidAsync());
        var changed = await (await client.SendAsync("POST", "/api/staff/session/password", $$"""{"current":"{{oneTime}}","password":"{{Chosen}}"}""")).JsonAsync();
        Assert.Equal("enrolment", changed.GetProperty("stage").GetString());

        var enrolment = await (await client.SendAsync("POST", "/api/staff/session/second-factor")).JsonAsync();
        var secret = enrolment.GetProperty("secret").GetString()!;
        Assert.StartsWith("otpauth://totp/", enrolment.GetProperty("otpauthUri").GetString(), StringComparison.Ordinal);
        var code = TotpTests.Code(secret, TimeProvider.System.GetUtcNow());
        Assert.Equal((200, null), await client.SendAsync("POST", "/api/staff/session/second-factor/confirm", $$"""{"code":"{{code}}"}""").SaidAsync());
        Assert.Equal((409, "sign_in_step_done"), await client.SendAsync("POST", "/api/staff/session/second-factor").SaidAsync());

        using var again = app.Client();
        var half = await (await again.SendAsync("POST", "/api/staff/session", $$"""{"name":"wang.min","password":"{{Chosen}}"}""")).JsonAsync();
        Assert.Equal("code", half.GetProperty("stage").GetString());
        Assert.Equal((403, "second_factor_needed"), await again.SendAsync("GET", Accounts).SaidAsync());
        Assert.Equal((401, "code_refused"), await again.SendAsync("POST", "/api/staff/session/code", $$"""{"code":"{{code}}"}""").SaidAsync());
    }

    [Fact]
    public async Task A_request_that_is_repeated_with_its_key_gets_the_first_answer()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        const string body = """{"name":"zhao.lei","displayName":"赵磊","role":"approver","disabled":false,"stores":[],"regions":[]}""";

        var first = await admin.SendAsync("POST", Accounts, body, ("Idempotency-Key", "key-1"));
        var second = await admin.SendAsync("POST", Accounts, body, ("Idempotency-Key", "key-1"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal((first.Headers.Location, "true"), (second.Headers.Location, string.Concat(second.Headers.GetValues("Idempotency-Replayed"))));
        Assert.Equal((422, "idempotency_key_reused"), await admin.SendAsync("POST", Accounts, body.Replace("赵磊", "赵雷"), ("Idempotency-Key", "key-1")).SaidAsync());
        Assert.Equal((409, "staff_name_taken"), await admin.SendAsync("POST", Accounts, body, ("Idempotency-Key", "key-2")).SaidAsync());
        // A refusal changed nothing, so its key is free again.
        Assert.Equal((201, null), await admin.SendAsync("POST", Accounts, body.Replace("zhao.lei", "zhao.l"), ("Idempotency-Key", "key-2")).SaidAsync());
        Assert.Equal((400, "idempotency_key_missing"), await admin.SendAsync("POST", Accounts, body).SaidAsync());
        Assert.Equal((400, "idempotency_key_missing"), await admin.SendAsync("POST", Accounts, body, ("Idempotency-Key", "a b")).SaidAsync());
        var kept = await app.Database.ReadAsync(session => session.QueryAsync<byte[]>("SELECT body_cipher FROM idempotency WHERE body_cipher IS NOT NULL"), CancellationToken.None);
        Assert.DoesNotContain(kept, body => System.Text.Encoding.UTF8.GetString(body).Contains("oneTime", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_account_that_is_made_disabled_signs_nobody_in_until_it_is_enabled()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);

        var made = await (await admin.SendAsync("POST", Accounts, """{"name":"qian.later","displayName":"钱后来","role":"approver","disabled":true,"stores":[],"regions":[]}""", ("Idempotency-Key", "later"))).JsonAsync();

        Assert.Equal(1, await app.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT disabled FROM staff WHERE name = 'qian.later'"), CancellationToken.None));
        using var later = app.Client();
        Assert.Equal((401, "sign_in_refused"), await later.SendAsync("POST", "/api/staff/session", $$"""{"name":"qian.later","password":"{{made.GetProperty("oneTimePassword").GetString()}}"}""").SaidAsync());
    }

    [Fact]
    public async Task Ten_repeats_at_once_make_one_account()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        const string body = """{"name":"sun.yan","displayName":"孙燕","role":"service_agent","disabled":false,"stores":[],"regions":[]}""";

        var said = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => admin.SendAsync("POST", Accounts, body, ("Idempotency-Key", "at-once")).SaidAsync()));

        Assert.All(said, one => Assert.Contains(one, new[] { (201, null), (409, "request_in_progress") }));
        Assert.Contains((201, null), said);
        Assert.Single(await app.AuditAsync("staff.added"), row => row.Entry.Detail.Contains("service_agent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_account_is_changed_only_by_who_has_seen_it_as_it_is()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        var (id, _) = await AddAsync(admin, "qian.li", "cashier", "S001");
        var read = await admin.GetAsync($"{Accounts}/{id}");
        const string change = """{"displayName":"钱丽","role":"pharmacist","disabled":false,"stores":["S001"],"regions":[]}""";

        Assert.Equal((428, "version_missing"), await admin.SendAsync("PUT", $"{Accounts}/{id}", change).SaidAsync());
        Assert.Equal((412, "version_unknown"), await admin.SendAsync("PUT", $"{Accounts}/{id}", change, ("If-Match", "*")).SaidAsync());
        Assert.Equal((204, null), await admin.SendAsync("PUT", $"{Accounts}/{id}", change, ("If-Match", read.Headers.ETag!.Tag)).SaidAsync());
        using var stale = await admin.SendAsync("PUT", $"{Accounts}/{id}", change.Replace("pharmacist", "store_manager"), ("If-Match", read.Headers.ETag!.Tag));
        var problem = await stale.JsonAsync();
        Assert.Equal((409, "stale_version", "role", "pharmacist"), ((int)stale.StatusCode, problem.GetProperty("code").GetString(),
            problem.GetProperty("changed")[0].GetProperty("field").GetString(), problem.GetProperty("changed")[0].GetProperty("now").GetString()));
    }

    [Fact]
    public async Task An_administrator_manages_neither_themselves_nor_an_auditor()
    {
        using var admin = await app.InRoleAsync(StaffRole.ItAdmin);
        using var auditor = await app.InRoleAsync(StaffRole.Auditor);
        var me = (await (await admin.GetAsync("/api/staff/session")).JsonAsync()).GetProperty("id").GetString();
        var other = (await (await auditor.GetAsync("/api/staff/session")).JsonAsync()).GetProperty("id").GetString();
        const string body = """{"displayName":"x","role":"marketer","disabled":false,"stores":[],"regions":[]}""";

        Assert.Equal((403, "own_account"), await admin.SendAsync("PUT", $"{Accounts}/{me}", body, ("If-Match", "\"v1\"")).SaidAsync());
        Assert.Equal((403, "auditor_apart"), await admin.SendAsync("PUT", $"{Accounts}/{other}", body, ("If-Match", "\"v1\"")).SaidAsync());
        Assert.Equal((403, "auditor_apart"), await admin.SendAsync("POST", $"{Accounts}/{other}/reset", """{"secondFactor":true}""", ("Idempotency-Key", "r")).SaidAsync());
        Assert.Equal((403, "auditor_apart"), await admin.SendAsync("POST", Accounts, """{"name":"me.too","displayName":"x","role":"auditor","disabled":false,"stores":[],"regions":[]}""", ("Idempotency-Key", "n")).SaidAsync());
        Assert.Equal((404, "not_found"), await admin.SendAsync("GET", $"{Accounts}/1").SaidAsync());
    }

    [Fact]
    public async Task A_pharmacist_opens_a_foreign_member_who_shows_the_code_and_the_home_store_sees_it()
    {
        using var pharmacist = await app.InRoleAsync(StaffRole.Pharmacist);
        const string path = "/api/staff/break-glass";

        var shown = await app.ForeignCodeAsync();
        Assert.Equal((404, "not_found"), await pharmacist.SendAsync("POST", path, """{"memberCode":"nobody","purpose":"核对用药"}""").SaidAsync());
        Assert.Equal((400, "purpose_needed"), await pharmacist.SendAsync("POST", path, $$"""{"memberCode":"{{shown}}","purpose":" "}""").SaidAsync());
        using var opened = await pharmacist.SendAsync("POST", path, $$"""{"memberCode":"{{shown}}","purpose":"会员在柜台核对用药"}""");
        var access = await opened.JsonAsync();

        Assert.Equal(app.ForeignMember.ToString(), access.GetProperty("memberId").GetString());
        Assert.Equal(TimeSpan.FromMinutes(30), access.GetProperty("expiresAt").GetDateTimeOffset() - access.GetProperty("openedAt").GetDateTimeOffset());
        Assert.Contains(await app.AuditAsync("member.break_glass"), row => row.Entry.MemberId == app.ForeignMember && row.Entry.Purpose == "会员在柜台核对用药");
        // The store of the demo's manager is not the member's home store; the pharmacy lead sees all.
        using var manager = await app.InRoleAsync(StaffRole.StoreManager);
        Assert.DoesNotContain("会员在柜台核对用药", await manager.GetStringAsync(path));
        Assert.Contains("本店", await manager.GetStringAsync(path));
        using var lead = await app.InRoleAsync(StaffRole.PharmacyLead);
        Assert.Contains("会员在柜台核对用药", await lead.GetStringAsync(path));
    }

    [Fact]
    public async Task The_audit_log_is_searched_page_by_page_and_each_look_is_in_it()
    {
        using var auditor = await app.InRoleAsync(StaffRole.Auditor);
        for (var i = 0; i < 3; i++) (await app.InRoleAsync(StaffRole.Cashier)).Dispose();

        var first = await (await auditor.GetAsync("/api/staff/audit?action=staff.demo_sign_in&limit=2")).JsonAsync();
        var next = await (await auditor.GetAsync($"/api/staff/audit?action=staff.demo_sign_in&limit=2&cursor={first.GetProperty("next").GetString()}")).JsonAsync();

        Assert.Equal(2, first.GetProperty("items").GetArrayLength());
        Assert.True(next.GetProperty("items")[0].GetProperty("seq").GetInt64() < first.GetProperty("items")[1].GetProperty("seq").GetInt64());
        Assert.Equal((400, "cursor_invalid"), await auditor.SendAsync("GET", "/api/staff/audit?cursor=1%20OR%201").SaidAsync());
        Assert.True((await app.AuditAsync("audit.search")).Count >= 2);
        Assert.True((await (await auditor.GetAsync("/api/staff/audit/chain")).JsonAsync()).GetProperty("whole").GetBoolean());
    }

    [Fact]
    public void One_click_sign_in_is_refused_anywhere_but_in_a_demo()
    {
        using var folder = new TempFolder();
        var (real, demo) = (KeyRing.Create(folder["real"], demo: false), KeyRing.Create(folder["demo"], demo: true));
        var (on, off) = (Settings.Read(folder.Path, [new(DemoSignIn.Setting, "true")]), Settings.Read(folder.Path));

        Assert.True(DemoSignIn.Allowed(on, demo, DatabaseProvider.Sqlite));
        Assert.False(DemoSignIn.Allowed(off, real, DatabaseProvider.MySql));
        Assert.False(DemoSignIn.Allowed(off, demo, DatabaseProvider.Sqlite));
        Assert.Equal("demo_sign_in", Assert.Throws<StorageException>(() => DemoSignIn.Allowed(on, real, DatabaseProvider.Sqlite)).Code);
        Assert.Equal("demo_sign_in", Assert.Throws<StorageException>(() => DemoSignIn.Allowed(on, demo, DatabaseProvider.MySql)).Code);
        Assert.Equal("demo_sign_in", Assert.Throws<StorageException>(() => DemoSignIn.Allowed(on, real, DatabaseProvider.MySql)).Code);
    }

    [Fact]
    public async Task The_keys_of_cookies_are_sealed_in_the_database()
    {
        (await app.InRoleAsync(StaffRole.Cashier)).Dispose();

        var kept = await app.Database.ReadAsync(session => session.QueryAsync<string>("SELECT xml FROM data_protection_key"), CancellationToken.None);

        Assert.NotEmpty(kept);
        Assert.All(kept, xml => Assert.Contains("<sealed", xml));
        Assert.All(kept, xml => Assert.DoesNotContain("masterKey", xml));
    }

    private static async Task<(string Id, string Password)> AddAsync(HttpClient admin, string name, string role, params string[] stores)
    {
        using var answer = await admin.SendAsync("POST", Accounts,
            $$"""{"name":"{{name}}","displayName":"员工","role":"{{role}}","disabled":false,"stores":[{{string.Join(',', stores.Select(store => $"\"{store}\""))}}],"regions":[]}""", ("Idempotency-Key", $"add-{name}".Replace('.', '-')));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var made = await answer.JsonAsync();
        return (made.GetProperty("id").GetString()!, made.GetProperty("oneTimePassword").GetString()!);
    }
}
