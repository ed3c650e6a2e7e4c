using Engagement.Api.Pos.Keys;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Members.CarePlans;
using Engagement.Members.Codes;
using Engagement.Members.Consents;
using Engagement.Storage.Audit;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Pos;

/// <summary>Who sees allergies and medicines at the till, and what of it.</summary>
public abstract class HealthStripContract(PosFixture pos) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly PosApp _app = pos.App;
    private HttpClient _till = null!;

    public async Task InitializeAsync()
    {
        _till = await _app.TillAsync(["S001"]);
        foreach (var (name, role, store) in ((string, StaffRole, string)[])
                 [("zhao.lei", StaffRole.Pharmacist, "S001"), ("li.na", StaffRole.Cashier, "S001"), ("wang.min", StaffRole.StoreManager, "S001"), ("chen.yu", StaffRole.Pharmacist, "S002")])
        {
            await _app.Service<AccountDesk>().AddAsync(AuditActor.CommandLine, name, new AccountFile(name, role, false, [new StaffPlace(PlaceKind.Store, store)]), None);
        }

        foreach (var member in (string[])["M1", "M2"])
        {
            await ConsentAsync(member, true);
            await _app.Service<HealthBook>().SetAsync(await _app.MemberAsync(member), new HealthProfile(["高血压"], ["青霉素"]), None);
        }

        using var sale = await _till.SendAsync("POST", "/api/pos/tickets", $$"""
            {"tickets":[{"store":"S001","till":"1","ticket":"H1","event":"sale","businessDate":"{{_app.Today}}","member":{"card":"M1"},"lines":[{"line":1,"sku":"AML28","quantity":1,"unitPriceFen":2800,"netFen":2800},
            {"line":2,"sku":"IBU","quantity":1,"unitPriceFen":1690,"netFen":1690},{"line":3,"sku":"CREAM","quantity":1,"unitPriceFen":6000,"netFen":6000}]}]}
            """);
        Assert.Equal(200, (int)sale.StatusCode);
    }

    public Task DisposeAsync()
    {
        _till.Dispose();
        return Task.CompletedTask;
    }

    [DatabaseFact]
    public async Task A_pharmacist_sees_allergies_and_medicines_and_it_is_in_the_log()
    {
        using var answer = await ReadAsync(await RefAsync("\"card\":\"M1\""), "zhao.lei");
        var strip = await answer.JsonAsync();

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("青霉素", strip.GetProperty("allergies")[0].GetString());
        var medicines = strip.GetProperty("medicines").EnumerateArray().ToList();
        Assert.Equal(["苯磺酸氨氯地平片", "布洛芬片"], medicines.Select(medicine => medicine.GetProperty("name").GetString()));
        Assert.Equal([true, false], medicines.Select(medicine => medicine.GetProperty("longTerm").GetBoolean()));
        Assert.NotEqual(default, medicines[0].GetProperty("coveredUntil").GetString());
        var entry = (await _app.AuditAsync("member.read_health"))[0].Entry;
        Assert.Equal(("zhao.lei", "pharmacist", "核对用药", AuditEntry.Done), (entry.Actor.Name, entry.Actor.Role, entry.Purpose, entry.Outcome));
        Assert.Equal((await _app.MemberAsync("M1")).Value, entry.MemberId);
        Assert.DoesNotContain("青霉素", entry.Detail + entry.Subject, StringComparison.Ordinal);
    }

    [DatabaseFact]
    public async Task A_cashier_sees_that_there_is_something_to_mind_and_a_manager_nothing()
    {
        using var cashier = await ReadAsync(await RefAsync("\"card\":\"M1\""), "li.na");
        var text = await cashier.Content.ReadAsStringAsync();

        Assert.Equal("""{"caution":true,"allergies":null,"medicines":null}""", text);
        foreach (var staff in (string[])["wang.min", "chen.yu", "nobody", "' OR 1=1 --", ""]) Assert.Equal((403, "staff_refused"), await ReadAsync(await RefAsync("\"card\":\"M1\""), staff).SaidAsync());
        Assert.Contains(await _app.AuditAsync("member.read_health"), row => row.Entry.Outcome == "staff_refused");
    }

    [DatabaseFact]
    public async Task A_purpose_the_consent_and_for_other_stores_the_code_are_needed()
    {
        Assert.Equal((400, "purpose_needed"), await ReadAsync(await RefAsync("\"card\":\"M1\""), "zhao.lei", " ").SaidAsync());
        Assert.Equal((403, "member_code_needed"), await ReadAsync(await RefAsync("\"card\":\"M2\""), "zhao.lei").SaidAsync());
        var shown = await RefAsync($"\"code\":\"{(await _app.Service<MemberCodes>().IssueAsync(await _app.MemberAsync("M2"), None)).Code}\"");
        Assert.Equal((200, null), await ReadAsync(shown, "zhao.lei").SaidAsync());
        Assert.Contains("break_glass", (await _app.AuditAsync("member.read_health"))[0].Entry.Detail, StringComparison.Ordinal);

        await ConsentAsync("M1", false);
        Assert.Equal((403, "health_not_consented"), await ReadAsync(await RefAsync("\"card\":\"M1\""), "zhao.lei").SaidAsync());
        Assert.Equal((404, "member_ref_unknown"), await ReadAsync("AAAAAAAAAAAAAAAAAAAAAA", "zhao.lei").SaidAsync());
        using var without = await _app.TillAsync(["S001"], PosRight.Members, PosRight.Redeem);
        Assert.Equal((403, "key_right_missing"), await without.SendAsync("POST", "/api/pos/members/health", Body(shown, "zhao.lei", "核对用药")).SaidAsync());
    }

    private Task ConsentAsync(string member, bool granted) => _app.Database.WriteAsync(async tx => await _app.Service<ConsentStore>().RecordAsync(
        tx, [new ConsentChange(new(await tx.ScalarAsync<long>("SELECT id FROM member WHERE member_no = @member", new { member })), Purpose.Health, granted, "v1", "form", "表 1", 1)]), None);

    private async Task<string> RefAsync(string by)
    {
        using var answer = await _till.SendAsync("POST", "/api/pos/members", $$"""{"store":"S001",{{by}}}""");
        return (await answer.JsonAsync()).GetProperty("items")[0].GetProperty("ref").GetString()!;
    }

    private Task<HttpResponseMessage> ReadAsync(string member, string staff, string purpose = "核对用药") => _till.SendAsync("POST", "/api/pos/members/health", Body(member, staff, purpose));

    private static string Body(string member, string staff, string purpose) => $$"""{"store":"S001","member":"{{member}}","staff":"{{staff}}","purpose":"{{purpose}}"}""";
}

public sealed class HealthStripOnSqlite(SqlitePos pos) : HealthStripContract(pos), IClassFixture<SqlitePos>;

public sealed class HealthStripOnMySql(MySqlPos pos) : HealthStripContract(pos), IClassFixture<MySqlPos>;
