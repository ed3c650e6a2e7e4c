using System.Net;
using System.Text.Json;
using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Members.Stores;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Tests.Api.Staff;

namespace Engagement.Tests.Api.Member;

/// <summary>Home, code, points, tier, coupons, referral, birthday and stores as the mini-program asks for them.</summary>
public sealed class MemberWallet(StaffApp app) : IClassFixture<StaffApp>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static long s_next = 1_000;

    private HttpClient _http = null!;
    private MemberId _member;

    public async Task InitializeAsync()
    {
        _member = await JoinAsync();
        _http = await app.MemberAsync(_member.Value);
    }

    public Task DisposeAsync()
    {
        _http.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_visitor_sees_a_home_without_a_member_and_the_stores_and_nothing_else()
    {
        using var visitor = await app.MemberAsync(null, $"visitor{Interlocked.Increment(ref s_next)}");

        var home = await GetAsync(visitor, "/home");
        Assert.Equal(("visitor", JsonValueKind.Null), (Text(home, "state"), home.GetProperty("member").ValueKind));
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/api/member/stores")).StatusCode);
        foreach (var path in (string[])["code", "points", "points/ledger", "points/catalogue", "tier", "coupons", "coupons/centre", "coupons/1", "referral", "birthday"])
        {
            Assert.Equal((403, "phone_needed"), await visitor.GetAsync($"/api/member/{path}").SaidAsync());
        }
    }

    [Fact]
    public async Task Without_a_token_there_is_nothing()
    {
        using var stranger = app.Client();
        foreach (var path in (string[])["home", "code", "points", "tier", "coupons", "coupons/centre", "referral", "birthday", "stores"]) Assert.Equal((401, "signed_out"), await stranger.GetAsync($"/api/member/{path}").SaidAsync());
    }

    [Fact]
    public async Task Home_says_it_all_in_one_request_and_in_Chinese_as_it_is()
    {
        await GivePointsAsync(80);
        await StartTiersAsync();
        var definition = await PublishAsync(Terms());
        await ClaimAsync(definition);

        using var answer = await _http.GetAsync("/api/member/home");
        var text = await answer.Content.ReadAsStringAsync();
        var home = JsonDocument.Parse(text).RootElement;

        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(text), answer.Content.Headers.ContentLength);
        Assert.Contains("普卡会员", text);
        Assert.Equal(("member", _member.ToString()), (Text(home, "state"), Text(home.GetProperty("member"), "id")));
        Assert.Matches(@"^20\d\d-\d\d-\d\dT.*\+08:00$", Text(home, "now"));
        Assert.Equal(80, home.GetProperty("member").GetProperty("points").GetProperty("active").GetInt64());
        Assert.Equal(("basic", 30_000), (Text(home.GetProperty("member").GetProperty("tier"), "code"), home.GetProperty("member").GetProperty("tier").GetProperty("toNextFen").GetInt64()));
        Assert.Equal(1, home.GetProperty("coupons").GetProperty("usable").GetInt32());
        Assert.Equal(JsonValueKind.Array, home.GetProperty("reminders").ValueKind);
        Assert.Equal(0, home.GetProperty("unread").GetInt32());
    }

    [Fact]
    public async Task A_code_is_good_for_a_minute_and_drawn()
    {
        var code = await GetAsync(_http, "/code");

        Assert.Matches("^88[0-9]{18}$", Text(code, "code"));
        Assert.InRange((DateTimeOffset.Parse(Text(code, "expiresAt")!) - TimeProvider.System.GetUtcNow()).TotalSeconds, 30, 60);
        Assert.StartsWith("<svg", Text(code, "qrSvg"));
        Assert.StartsWith("<svg", Text(code, "barcodeSvg"));
    }

    [Fact]
    public async Task Points_and_ledger_come_in_plain_words_and_pages()
    {
        for (var i = 1; i <= 5; i++) await GivePointsAsync(i);

        var points = await GetAsync(_http, "/points");
        Assert.Equal((15, 0, 0), (points.GetProperty("active").GetInt64(), points.GetProperty("pending").GetInt64(), points.GetProperty("owed").GetInt64()));
        var seen = new List<long>();
        for (string? cursor = null; ;)
        {
            var page = await GetAsync(_http, $"/points/ledger?limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("points").GetInt64()));
            Assert.All(page.GetProperty("items").EnumerateArray(), item => Assert.Equal(("earned", "测试"), (Text(item, "kind"), Text(item, "text"))));
            if ((cursor = Text(page, "next")) is null) break;
        }

        Assert.Equal([5, 4, 3, 2, 1], seen);
        Assert.Equal((400, "cursor_invalid"), await _http.GetAsync("/api/member/points/ledger?cursor=%27%20OR%201=1").SaidAsync());
    }

    [Fact]
    public async Task The_tier_page_names_all_tiers_in_the_language_of_the_caller()
    {
        await StartTiersAsync();

        Assert.Equal(["普卡会员", "银卡会员"], (await GetAsync(_http, "/tier")).GetProperty("tiers").EnumerateArray().Select(tier => Text(tier, "name")));
        using var english = await _http.SendAsync("GET", "/api/member/tier", (string?)null, ("Accept-Language", "en"));
        Assert.Equal("Basic", Text(await english.JsonAsync(), "name"));
    }

    [Fact]
    public async Task A_coupon_is_claimed_once_for_a_key_and_shown_with_its_code()
    {
        var definition = await PublishAsync(Terms() with { PerMember = 2 });

        using var first = await ClaimAsync(definition, "key-1");
        using var again = await ClaimAsync(definition, "key-1");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        var coupon = await first.JsonAsync();
        Assert.Equal(coupon.GetRawText(), (await again.JsonAsync()).GetRawText());
        Assert.Equal(("满50元减5元", "claimed"), (Text(coupon, "value"), Text(coupon, "state")));

        var shown = await GetAsync(_http, $"/coupons/{Text(coupon, "id")}");
        Assert.Equal(Text(coupon, "code"), Text(shown, "code"));
        Assert.StartsWith("<svg", Text(shown, "qrSvg"));
        Assert.Contains("处方药、甲类非处方药和未分类商品不参加", shown.GetProperty("terms").EnumerateArray().Select(term => term.GetString()));
        Assert.Single((await GetAsync(_http, "/coupons?state=usable")).GetProperty("items").EnumerateArray());
        Assert.Empty((await GetAsync(_http, "/coupons?state=over")).GetProperty("items").EnumerateArray());
        Assert.Equal((400, "coupon_state_invalid"), await _http.GetAsync("/api/member/coupons?state=all").SaidAsync());
    }

    [Fact]
    public async Task Nobody_sees_a_coupon_of_somebody_else()
    {
        var definition = await PublishAsync(Terms());
        var id = Text(await (await ClaimAsync(definition)).JsonAsync(), "id");
        using var other = await app.MemberAsync((await JoinAsync()).Value);

        Assert.Equal((404, "not_found"), await other.GetAsync($"/api/member/coupons/{id}").SaidAsync());
        Assert.Equal((404, "not_found"), await _http.GetAsync("/api/member/coupons/12345").SaidAsync());
        Assert.Equal((404, "not_found"), await _http.GetAsync("/api/member/coupons/%27%20OR%201=1").SaidAsync());
        Assert.Empty((await GetAsync(other, "/coupons")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_centre_says_why_and_a_claim_is_refused_with_the_same_code()
    {
        var priced = await PublishAsync(Terms() with { PointsPrice = 100, Advertising = new Advertising { RulesPage = "/pages/rules/coupons" } });
        var catalogue = await GetAsync(_http, "/points/catalogue");
        var offer = catalogue.GetProperty("items").EnumerateArray().Single(item => Text(item, "definitionId") == priced.ToString());
        Assert.Equal((100, true), (offer.GetProperty("pointsPrice").GetInt64(), offer.GetProperty("claimable").GetBoolean()));
        Assert.Equal((409, "coupon.points"), await SaidAsync(ClaimAsync(priced)));

        await GivePointsAsync(150);
        Assert.Equal(HttpStatusCode.Created, (await ClaimAsync(priced)).StatusCode);
        Assert.Equal(50, (await GetAsync(_http, "/points")).GetProperty("active").GetInt64());
        Assert.Equal("兑换：五元券", Text((await GetAsync(_http, "/points/ledger")).GetProperty("items")[0], "text"));

        Assert.Equal((409, "coupon.limit_member"), await SaidAsync(ClaimAsync(priced)));
        var now = (await GetAsync(_http, "/coupons/centre")).GetProperty("items").EnumerateArray().Single(item => Text(item, "definitionId") == priced.ToString());
        Assert.Equal((false, "coupon.limit_member", "已达到每位会员的领取上限"), (now.GetProperty("claimable").GetBoolean(), Text(now.GetProperty("reason"), "code"), Text(now.GetProperty("reason"), "text")));
        Assert.Equal((404, "coupon.unknown_definition"), await SaidAsync(ClaimAsync(new CouponDefinitionId(1))));
    }

    [Fact]
    public async Task A_coupon_for_a_tier_asks_for_the_tier_that_purchases_have_earned()
    {
        await StartTiersAsync();
        Assert.Equal((409, "coupon.tier"), await SaidAsync(ClaimAsync(await PublishAsync(Terms() with { Tiers = ["silver"] }))));
        Assert.Equal(HttpStatusCode.Created, (await ClaimAsync(await PublishAsync(Terms() with { Tiers = ["basic"] }))).StatusCode);
    }

    [Fact]
    public async Task A_claim_wants_a_key_and_a_body_that_is_one()
    {
        Assert.Equal((400, "idempotency_key_missing"), await _http.SendAsync("POST", "/api/member/coupons/claims", """{"definitionId":"1"}""").SaidAsync());
        foreach (var body in (string[])["{}", "[]", "null", """{"definitionId":1}""", """{"definitionId":"x"}""", """{"definitionId":"1","points":0}""", """{"definitionId":"99999999999999999999"}"""])
        {
            var (status, _) = await _http.SendAsync("POST", "/api/member/coupons/claims", body, ("Idempotency-Key", $"k{Interlocked.Increment(ref s_next)}")).SaidAsync();
            Assert.Equal(400, status);
        }
    }

    [Fact]
    public async Task A_referral_code_brings_together_whoever_joined_today()
    {
        var mine = await GetAsync(_http, "/referral");
        Assert.Equal(Text(mine, "code"), Text(await GetAsync(_http, "/referral"), "code"));
        Assert.EndsWith($"?ref={Text(mine, "code")}", Text(mine, "page"));
        Assert.Equal((409, "referral.self"), await JoinWithAsync(_http, Text(mine, "code")!));
        Assert.Equal((404, "referral.unknown_code"), await JoinWithAsync(_http, "NOBODY00"));
        using var friend = await app.MemberAsync((await JoinAsync()).Value);
        Assert.Equal((204, null), await JoinWithAsync(friend, Text(mine, "code")!.ToLowerInvariant()));
        Assert.Equal((409, "referral.not_new"), await JoinWithAsync(friend, Text(mine, "code")!));
        Assert.Equal((1, 0), ((await GetAsync(_http, "/referral")).GetProperty("invited").GetInt32(), (await GetAsync(_http, "/referral")).GetProperty("rewarded").GetInt32()));
    }

    [Fact]
    public async Task The_birthday_gift_is_taken_once()
    {
        Assert.Equal("no_birthday", Text(await GetAsync(_http, "/birthday"), "state"));
        Assert.Equal((409, "birthday.unknown"), await TakeAsync());
        var today = ChinaTime.DateOf(app.Service<Clocks>().Business.GetUtcNow());
        await BornAsync(today.AddMonths(3));
        Assert.Equal("not_yet", Text(await GetAsync(_http, "/birthday"), "state"));
        Assert.Equal((409, "birthday.not_now"), await TakeAsync());
        await BornAsync(today);
        Assert.Equal(("available", today.AddDays(-7).ToString("yyyy-MM-dd")), (Text(await GetAsync(_http, "/birthday"), "state"), Text(await GetAsync(_http, "/birthday"), "from")));
        Assert.Contains((await GetAsync(_http, "/home")).GetProperty("reminders").EnumerateArray(), reminder => Text(reminder, "kind") == "birthday");

        Assert.Equal((201, null), await TakeAsync());
        Assert.Equal((409, "birthday.taken"), await TakeAsync());
        Assert.Equal("taken", Text(await GetAsync(_http, "/birthday"), "state"));
        Assert.Equal(50, (await GetAsync(_http, "/points")).GetProperty("active").GetInt64());
        Assert.DoesNotContain((await GetAsync(_http, "/home")).GetProperty("reminders").EnumerateArray(), reminder => Text(reminder, "kind") == "birthday");
    }

    [Fact]
    public async Task A_store_shows_hours_and_says_when_no_pharmacist_is_there()
    {
        var store = (await app.Database.ReadAsync(session => StoreBook.FindAsync(session, new StoreId(app.HomeStore)), None))!;
        await SaveAsync(store with { Hours = Week(0, 1440), Duties = [.. Enumerable.Range(1, 7).Select(day => new PharmacistDuty(day, 0, 1440, "李药师", "3312"))] });
        var shown = await StoreAsync();
        Assert.Equal((true, "李药师", 7), (shown.GetProperty("open").GetBoolean(), Text(shown.GetProperty("pharmacist"), "name"), shown.GetProperty("hours").GetArrayLength()));
        Assert.Equal((1, "00:00", "24:00"), (shown.GetProperty("hours")[0].GetProperty("day").GetInt32(), Text(shown.GetProperty("hours")[0], "from"), Text(shown.GetProperty("hours")[0], "to")));

        var weekday = ChinaTime.In(app.Service<Clocks>().Business.GetUtcNow()).DayOfWeek;
        var other = (int)weekday % 7 + 1 == (weekday == DayOfWeek.Sunday ? 7 : (int)weekday) ? 1 : (int)weekday % 7 + 1;
        await SaveAsync(store with { Version = store.Version + 1, Hours = Week(0, 1440), Duties = [new PharmacistDuty(other, 0, 1, "李药师", "3312")] });
        shown = await StoreAsync();
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("pharmacist").ValueKind);
        Assert.Contains("药师暂不在岗", Text(shown, "notice"));
    }

    private static List<OpeningHours> Week(int opens, int closes) => [.. Enumerable.Range(1, 7).Select(day => new OpeningHours(day, opens, closes))];

    private async Task SaveAsync(StorePlace store) => Assert.Equal((StoreEdit.Saved, null), await app.Database.WriteAsync(tx => StoreBook.SaveAsync(tx, store), None));

    private async Task<JsonElement> StoreAsync() => (await GetAsync(_http, "/stores")).GetProperty("items").EnumerateArray().Single(store => Text(store, "id") == app.HomeStore.ToString());

    private static CouponTerms Terms() => new()
    {
        Title = "五元券", Kind = CouponKind.AmountOff, Value = 500, ThresholdFen = 5000, DaysAfterClaim = 30,
        ClaimFrom = TimeProvider.System.GetUtcNow().AddDays(-1), ClaimUntil = TimeProvider.System.GetUtcNow().AddDays(30),
    };

    private async Task<CouponDefinitionId> PublishAsync(CouponTerms terms)
    {
        var desk = app.Service<CouponDefinitions>();
        var saved = Assert.IsType<SaveOutcome.Saved>(await desk.CreateAsync($"T{Interlocked.Increment(ref s_next)}", terms, 1, None));
        Assert.IsType<PublishOutcome.Published>(await desk.PublishAsync(saved.Id, saved.Version, 2, None));
        return saved.Id;
    }

    private Task<HttpResponseMessage> ClaimAsync(CouponDefinitionId definition, string? key = null) =>
        _http.SendAsync("POST", "/api/member/coupons/claims", $$"""{"definitionId":"{{definition}}"}""", ("Idempotency-Key", key ?? $"k{Interlocked.Increment(ref s_next)}"));

    private static Task<(int, string?)> SaidAsync(Task<HttpResponseMessage> answer) => answer.SaidAsync();

    private static Task<(int, string?)> JoinWithAsync(HttpClient http, string code) =>
        http.SendAsync("POST", "/api/member/referral", $$"""{"code":"{{code}}"}""", ("Idempotency-Key", $"k{Interlocked.Increment(ref s_next)}")).SaidAsync();

    private Task<(int, string?)> TakeAsync() => _http.SendAsync("POST", "/api/member/birthday/benefit", (string?)null, ("Idempotency-Key", $"k{Interlocked.Increment(ref s_next)}")).SaidAsync();

    private async Task GivePointsAsync(long points) => await app.Database.WriteAsync(
        tx => app.Service<PointsDesk>().GiveAsync(tx, _member, points, PointsPart.None, $"test:{Interlocked.Increment(ref s_next)}", 365, "测试"), None);

    private async Task StartTiersAsync()
    {
        var store = app.Service<TierRulesStore>();
        if ((await store.ListAsync(None)).Count > 0) return;
        await store.AddAsync(new TierRules { Levels = [new("普卡会员", "Basic", 0, "basic"), new("银卡会员", "Silver", 300_00, "silver")] }, app.Service<Clocks>().Business.Today(), "test", None);
    }

    private async Task BornAsync(DateOnly date) => await app.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE member SET birth_md = @md WHERE id = @id", new { md = date.Month * 100 + date.Day, id = _member.Value }), None);

    private async Task<MemberId> JoinAsync()
    {
        var id = app.Service<IdGenerator>().Next();
        await app.Database.WriteAsync(tx => tx.ExecuteAsync("""
            INSERT INTO member (id, source, member_no, ref, sex, store_id, joined_day, private_mode, field_sources, content_hash, gate_version, version)
            VALUES (@id, 'app', @no, @no, 0, @store, @today, 0, '{}', '', 1, 1)
            """, new { id, no = $"W{id}", store = app.HomeStore, today = app.Service<Clocks>().Business.Today() }), None);
        return new MemberId(id);
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync($"/api/member{path}");
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
