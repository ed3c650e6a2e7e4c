using System.Text.Json;
using Engagement.Api.Pos.Keys;
using Engagement.Members.Codes;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Pos;

/// <summary>What till systems say over HTTP, and what they are answered.</summary>
public abstract class PosSurfaceContract(PosFixture pos) : IAsyncLifetime
{
    private const string Tickets = "/api/pos/tickets";
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly PosApp _app = pos.App;
    private HttpClient _till = null!;

    public async Task InitializeAsync() => _till = await _app.TillAsync();

    public Task DisposeAsync()
    {
        _till.Dispose();
        return Task.CompletedTask;
    }

    [DatabaseFact]
    public async Task Two_hundred_requests_want_one_coupon_and_one_gets_it()
    {
        var coupon = await _app.CouponAsync();

        var said = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            using var answer = await _till.SendAsync("POST", "/api/pos/checkout/redeem", Checkout($"X{i}", coupon.Code));
            return ((int)answer.StatusCode, await answer.JsonAsync());
        })));

        var (_, winner) = Assert.Single(said, one => one.Item1 == 200);
        Assert.Equal(5000, winner.GetProperty("payableFen").GetInt64());
        var losers = said.Where(one => one.Item1 != 200).ToList();
        Assert.Equal(199, losers.Count);
        var ticket = await _app.Database.ReadAsync(session => session.ScalarAsync<string>("SELECT ticket_no FROM coupon_redemption WHERE coupon_id = @id", new { id = coupon.Id.Value }), None);
        Assert.All(losers, loser => Assert.Equal((409, "coupon.used", "S001", ticket), (loser.Item1, loser.Item2.GetProperty("code").GetString(),
            loser.Item2.GetProperty("refused")[0].GetProperty("heldBy").GetProperty("store").GetString(), loser.Item2.GetProperty("refused")[0].GetProperty("heldBy").GetProperty("ticket").GetString())));
    }

    [DatabaseFact]
    public async Task Two_hundred_requests_want_the_same_points_and_one_gets_them()
    {
        await _app.GivePointsAsync(500, "M1");
        var member = await ShownAsync();

        var said = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => _till.SendAsync("POST", "/api/pos/checkout/redeem", Points($"Y{i}", member, 500)).SaidAsync())));

        Assert.Single(said, one => one.Status == 200);
        Assert.Equal(199, said.Count(one => one == (409, "points.insufficient")));
    }

    [DatabaseFact]
    public async Task A_batch_says_of_each_ticket_what_became_of_it()
    {
        using var first = await _till.SendAsync("POST", Tickets, Batch(Sale("A1"), Sale("A2", quantity: 2)));
        Assert.Equal((200, "stored,stored"), ((int)first.StatusCode, Outcomes(await first.JsonAsync())));

        using var mixed = await _till.SendAsync("POST", Tickets, Batch(Sale("A1"), Sale("A2", quantity: 3), Sale("A3", sku: "NOSUCH"), Sale("A4")));
        var body = await mixed.JsonAsync();
        Assert.Equal((207, "unchanged,conflict,refused,stored"), ((int)mixed.StatusCode, Outcomes(body)));
        Assert.Equal((1, "sku", "unknown_product"), body.GetProperty("items")[2].GetProperty("faults")[0] is var fault
            ? (fault.GetProperty("line").GetInt32(), fault.GetProperty("field").GetString(), fault.GetProperty("code").GetString()) : default);
    }

    [DatabaseFact]
    public async Task A_ticket_with_other_content_is_409_and_changes_nothing()
    {
        await _till.SendAsync("POST", Tickets, Batch(Sale("C1")));
        var lines = await _app.CountAsync("purchase_line");

        Assert.Equal((409, "ticket_conflict"), await _till.SendAsync("POST", Tickets, Batch(Sale("C1", quantity: 9))).SaidAsync());
        Assert.Equal((422, "tickets_refused"), await _till.SendAsync("POST", Tickets, Batch(Sale("C1", quantity: 9), Sale("C2", sku: "NOSUCH"))).SaidAsync());
        Assert.Equal(lines, await _app.CountAsync("purchase_line"));
    }

    [DatabaseFact]
    public async Task A_key_brings_no_tickets_of_another_store()
    {
        using var till = await _app.TillAsync(["S002"], PosRight.Tickets);
        using var answer = await till.SendAsync("POST", Tickets, Batch(Sale("F1"), Sale("F2").Replace("S001", "S002", StringComparison.Ordinal).Replace(_app.Today, "2026-01-05", StringComparison.Ordinal)));

        Assert.Equal("refused,stored", Outcomes(await answer.JsonAsync()));
        Assert.Equal((422, "tickets_refused"), await till.SendAsync("POST", Tickets, Batch(Sale("F1"))).SaidAsync());
    }

    [DatabaseFact]
    public async Task A_refund_waits_for_its_sale_and_the_totals_count_it()
    {
        var refund = $$"""{"store":"S001","till":"9","ticket":"R1","event":"refund","businessDate":"{{_app.Today}}","originalTicket":"S1","lines":[{"line":1,"sku":"CREAM","quantity":-1,"unitPriceFen":6000,"netFen":-6000,"originalLine":1}]}""";
        using var parked = await _till.SendAsync("POST", Tickets, Batch(refund));
        Assert.Equal("parked", Outcomes(await parked.JsonAsync()));

        await _till.SendAsync("POST", Tickets, Batch(Sale("S1").Replace("\"till\":\"1\"", "\"till\":\"9\"", StringComparison.Ordinal)));
        using var again = await _till.SendAsync("POST", Tickets, Batch(refund));
        Assert.Equal("unchanged", Outcomes(await again.JsonAsync()));
        Assert.Equal(0, await _app.CountAsync("parked_refund"));
    }

    [DatabaseFact]
    public async Task Totals_are_compared_at_once()
    {
        using var till = await _app.TillAsync(["S002"], PosRight.Tickets, PosRight.Totals);
        await till.SendAsync("POST", Tickets, Batch(Sale("D1").Replace("S001", "S002", StringComparison.Ordinal)));

        using var told = await till.SendAsync("PUT", "/api/pos/totals", $$"""{"store":"S002","businessDate":"{{_app.Today}}","tickets":2,"lines":2,"netFen":12000}""");
        var day = await told.JsonAsync();
        Assert.Equal(("open", 1, 6000L), (day.GetProperty("state").GetString(), day.GetProperty("missing").GetProperty("tickets").GetInt32(), day.GetProperty("missing").GetProperty("netFen").GetInt64()));

        using var list = await till.SendAsync("GET", "/api/pos/totals?store=S002");
        Assert.Equal(1, (await list.JsonAsync()).GetProperty("items").GetArrayLength());
        foreach (var wrong in (string[])[$$"""{"store":"S002","businessDate":"{{_app.Today}}","tickets":-1,"lines":2,"netFen":1}""", """{"store":"S002","businessDate":"2999-01-01","tickets":1,"lines":2,"netFen":1}""",
                     $$"""{"store":"S002","businessDate":"{{_app.Today}}","tickets":3,"lines":2,"netFen":1}""", $$"""{"store":"S002","businessDate":"{{_app.Today}}","tickets":1,"lines":2,"netFen":9223372036854775807}"""])
        {
            Assert.Equal((400, "fields_invalid"), await till.SendAsync("PUT", "/api/pos/totals", wrong).SaidAsync());
        }

        Assert.Equal((400, "fields_invalid"), await till.SendAsync("GET", "/api/pos/totals?store=S002&from=2020-01-01").SaidAsync());
    }

    [DatabaseFact]
    public async Task A_member_is_found_by_code_card_or_phone_masked_and_in_the_log()
    {
        var coupon = await _app.CouponAsync();
        await _app.GivePointsAsync(70);
        var shown = await LookAsync($"\"code\":\"{(await CodeAsync("M1")).Code}\"");
        var card = await LookAsync("\"card\":\"M1\"");
        var phone = await LookAsync("\"phone\":\"138-0013-8002\"");

        Assert.Equal((true, "王**", "138****8001"), (shown[0].GetProperty("present").GetBoolean(), shown[0].GetProperty("name").GetString(), shown[0].GetProperty("phone").GetString()));
        Assert.Contains(shown[0].GetProperty("coupons").EnumerateArray(), held => held.GetProperty("code").GetString() == coupon.Code);
        Assert.Equal((false, 0), (card[0].GetProperty("present").GetBoolean(), card[0].GetProperty("coupons").GetArrayLength()));
        Assert.Equal(2, phone.GetArrayLength());
        foreach (var nobody in (string[])["\"phone\":\"13900000000\"", "\"phone\":\"' OR 1=1 --\"", "\"card\":\"%\"", "\"code\":\"88000000000000000000\"", "\"code\":\"" + new string('8', 64) + "\""]) Assert.Equal(0, (await LookAsync(nobody)).GetArrayLength());
        foreach (var wrong in (string[])["\"phone\":\"1\",\"card\":\"M1\"", "\"phone\":\"\"", "\"card\":\"" + new string('9', 65) + "\""])
        {
            Assert.Equal((400, "fields_invalid"), await _till.SendAsync("POST", "/api/pos/members", $$"""{"store":"S001",{{wrong}}}""").SaidAsync());
        }

        var log = await _app.AuditAsync("member.lookup");
        Assert.Contains(log, row => row.Entry.MemberId is not null && row.Entry.Actor.Role == "pos_key" && row.Entry.Actor.StoreId is not null);
        Assert.Contains(log, row => row.Entry.MemberId is null && row.Entry.Outcome == "refused");
    }

    [DatabaseFact]
    public async Task Points_are_for_who_shows_the_code()
    {
        await _app.GivePointsAsync(50, "M3");
        var byCard = (await LookAsync("\"card\":\"M3\""))[0].GetProperty("ref").GetString()!;
        var shown = await ShownAsync("M3");

        Assert.Equal((409, "points.code_needed"), await _till.SendAsync("POST", "/api/pos/checkout/redeem", Points("Z1", byCard, 10)).SaidAsync());
        Assert.Equal((404, "member_ref_unknown"), await _till.SendAsync("POST", "/api/pos/checkout/redeem", Points("Z1", shown[..^1] + (shown[^1] == 'A' ? "Q" : "A"), 10)).SaidAsync());
        Assert.Equal((404, "member_ref_unknown"), await _till.SendAsync("POST", "/api/pos/checkout/redeem", Points("Z1", (await _app.MemberAsync("M3")).ToString(), 10)).SaidAsync());
        Assert.Equal((200, null), await _till.SendAsync("POST", "/api/pos/checkout/reserve", Points("Z1", shown, 10)).SaidAsync());
        using var released = await _till.SendAsync("POST", "/api/pos/checkout/release", """{"store":"S001","till":"1","ticket":"Z1"}""");
        Assert.Equal(10, (await released.JsonAsync()).GetProperty("points").GetInt64());
    }

    [DatabaseFact]
    public async Task A_coupon_is_quoted_reserved_and_confirmed()
    {
        var coupon = await _app.CouponAsync();
        using var quote = await _till.SendAsync("POST", "/api/pos/checkout/quote", $$"""{"store":"S001","lines":[{"line":1,"sku":"CREAM","quantity":1,"netFen":6000}],"coupons":["{{coupon.Code}}","WRONG"]}""");
        var quoted = await quote.JsonAsync();
        Assert.Equal((1000, "coupon.code_invalid"), (quoted.GetProperty("discountFen").GetInt32(), quoted.GetProperty("refused")[0].GetProperty("reason").GetProperty("code").GetString()));

        Assert.Equal((200, null), await _till.SendAsync("POST", "/api/pos/checkout/reserve", Checkout("Q1", coupon.Code)).SaidAsync());
        Assert.Equal((409, "coupon.reserved"), await _till.SendAsync("POST", "/api/pos/checkout/redeem", Checkout("Q2", coupon.Code)).SaidAsync());
        using var confirmed = await _till.SendAsync("POST", "/api/pos/checkout/confirm", """{"store":"S001","till":"1","ticket":"Q1"}""");
        Assert.Equal(coupon.Code, (await confirmed.JsonAsync()).GetProperty("coupons")[0].GetProperty("code").GetString());
        Assert.Equal((409, "coupon.nothing_reserved"), await _till.SendAsync("POST", "/api/pos/checkout/confirm", """{"store":"S001","till":"1","ticket":"Q9"}""").SaidAsync());
    }

    [DatabaseFact]
    public async Task Nonsense_is_refused_and_changes_nothing()
    {
        await _app.GivePointsAsync(100, "M2");
        var entries = await _app.CountAsync("points_entry");
        foreach (var (path, body) in ((string, string)[])
        [
            (Tickets, """{"tickets":[]}"""), (Tickets, """{"tickets":[null]}"""), (Tickets, """{"tickets":{}}"""), (Tickets, "[]"), (Tickets, Batch(Sale("N1").Replace("}]", "},null]", StringComparison.Ordinal))),
            (Tickets, Batch(Sale("N1").Replace("\"quantity\":1", "\"quantity\":9999999999", StringComparison.Ordinal))), (Tickets, Batch(Sale("N1").Replace("6000", "1e3", StringComparison.Ordinal))),
            (Tickets, Batch(Sale("N1").Replace("\"sku\"", "\"skuu\"", StringComparison.Ordinal))), (Tickets, Batch(Sale("N1").Replace(_app.Today, "2026-02-30", StringComparison.Ordinal))),
            ("/api/pos/checkout/redeem", Checkout("N1", "X").Replace("6000", "-1", StringComparison.Ordinal)), ("/api/pos/checkout/redeem", Checkout(new string('9', 65), "X")),
            ("/api/pos/checkout/redeem", Checkout("N1", "X").Replace("\"X\"", "null", StringComparison.Ordinal)), ("/api/pos/checkout/redeem", Checkout("N1", "X").Replace("{\"line\"", "null,{\"line\"", StringComparison.Ordinal)),
            ("/api/pos/checkout/redeem", Points("N1", await ShownAsync("M2"), -5)), ("/api/pos/checkout/redeem", Points("N1", await ShownAsync("M2"), long.MaxValue)),
            ("/api/pos/checkout/reserve", Checkout("N1", "X").Replace("\"till\"", "\"minutes\":0,\"till\"", StringComparison.Ordinal)), ("/api/pos/checkout/release", """{"store":"S001","till":"","ticket":"T"}"""),
            ("/api/pos/checkout/confirm", """{"store":"S001","till":"1"}"""), ("/api/pos/members", """{"store":"S001"}"""), ("/api/pos/members", "\"x\""), ("/api/pos/members", """{"store":"S001","phone":"\ud800"}"""),
        ])
        {
            Assert.Equal((path, body, 400), (path, body, (await _till.SendAsync("POST", path, body).SaidAsync()).Status));
        }

        foreach (var (body, status) in ((string, int)[])[(Batch(Sale("N1").Replace("6000", "9223372036854775807", StringComparison.Ordinal)), 422), (Batch(Sale("'); DROP TABLE purchase; --")), 200), (Batch(Sale("{{ 7*7 }}<script>")), 200)])
        {
            Assert.Equal((body, status), (body, (await _till.SendAsync("POST", Tickets, body).SaidAsync()).Status));
        }

        Assert.Equal(entries, await _app.CountAsync("points_entry"));
        Assert.Equal(0, await _app.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM purchase WHERE ticket_no = 'N1'"), None));
    }

    private async Task<JsonElement> LookAsync(string by)
    {
        using var answer = await _till.SendAsync("POST", "/api/pos/members", $$"""{"store":"S001",{{by}}}""");
        Assert.Equal(200, (int)answer.StatusCode);
        return (await answer.JsonAsync()).GetProperty("items");
    }

    private async Task<string> ShownAsync(string member = "M1") => (await LookAsync($"\"code\":\"{(await CodeAsync(member)).Code}\""))[0].GetProperty("ref").GetString()!;

    private async Task<MemberCode> CodeAsync(string member) => await _app.Service<MemberCodes>().IssueAsync(await _app.MemberAsync(member), None);

    private string Sale(string ticket, int quantity = 1, string sku = "CREAM") =>
        $$"""{"store":"S001","till":"1","ticket":"{{ticket}}","event":"sale","businessDate":"{{_app.Today}}","lines":[{"line":1,"sku":"{{sku}}","quantity":{{quantity}},"unitPriceFen":6000,"netFen":{{quantity * 6000}}}]}""";

    private static string Batch(params string[] tickets) => $$"""{"tickets":[{{string.Join(',', tickets)}}]}""";

    private static string Checkout(string ticket, string coupon) =>
        $$"""{"store":"S001","till":"1","ticket":"{{ticket}}","lines":[{"line":1,"sku":"CREAM","quantity":1,"netFen":6000}],"coupons":["{{coupon}}"]}""";

    private static string Points(string ticket, string member, long points) =>
        $$"""{"store":"S001","till":"1","ticket":"{{ticket}}","lines":[{"line":1,"sku":"CREAM","quantity":1,"netFen":6000}],"member":"{{member}}","points":{{points}}}""";

    private static string Outcomes(JsonElement body) => string.Join(',', body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("outcome").GetString()));
}

public sealed class PosSurfaceOnSqlite(SqlitePos pos) : PosSurfaceContract(pos), IClassFixture<SqlitePos>;

public sealed class PosSurfaceOnMySql(MySqlPos pos) : PosSurfaceContract(pos), IClassFixture<MySqlPos>;
