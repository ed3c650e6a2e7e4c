using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Engagement.Api.Staff.Roles;
using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Staff;
using Engagement.Members.Tips;
using Engagement.Storage;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Member;

/// <summary>Care, inbox, tips, surveys, cases and recalls as the mini-program speaks to them.</summary>
public sealed partial class CareSurfaceTests(StaffApp app) : IClassFixture<StaffApp>
{
    private int _keys;

    [Fact]
    public async Task Without_a_health_consent_the_plan_is_empty_and_takes_nothing()
    {
        using var phone = await app.MemberAsync(app.ForeignMember);

        var plan = await (await phone.GetAsync("/api/member/care-plan")).JsonAsync();

        Assert.False(plan.GetProperty("healthConsent").GetBoolean());
        Assert.Equal((403, "health_consent_needed"), await SendAsync(phone, "POST", "/api/member/care-plan/lines", """{"name":"别处的药"}""").SaidAsync());
        Assert.Equal((403, "health_consent_needed"), await SendAsync(phone, "PUT", "/api/member/care-plan/health", """{"conditions":["高血压"],"allergies":[]}""").SaidAsync());
    }

    [Fact]
    public async Task Under_fourteen_an_enrolment_asks_for_the_guardian_first()
    {
        using var phone = await app.MemberAsync(app.ForeignMember, "o-child");
        var (_, code, _) = await app.Service<Enrolments>().EnterAsync(new MemberId(app.ForeignMember), "airways", [new NewTherapy("别处的药")], null, new StaffId(7), CancellationToken.None);
        await BornAsync(DateTimeOffset.UtcNow.Year - 10);

        Assert.Equal((403, "guardian_needed"), await SendAsync(phone, "POST", $"/api/member/care-plan/enrolments/{code}", """{"accept":true}""").SaidAsync());

        Assert.Equal(204, (await SendAsync(phone, "POST", $"/api/member/care-plan/enrolments/{code}", """{"accept":false}""").SaidAsync()).Status);
        await BornAsync(null);

        Task BornAsync(int? year) => app.Database.WriteAsync(
            tx => tx.ExecuteAsync("UPDATE member SET birth_year = @year, birth_md = @day WHERE id = @id", new { year, day = year is null ? (int?)null : 101, id = app.ForeignMember }), CancellationToken.None);
    }

    [Fact]
    public async Task A_pharmacist_enters_and_the_member_alone_confirms_and_then_lives_with_the_plan()
    {
        using var pharmacist = await app.InRoleAsync(StaffRole.Pharmacist);
        using var phone = await app.MemberAsync(app.HomeMember);
        var path = $"/api/staff/members/{app.HomeMember}/care-plan";
        const string body = """{"programme":"hypertension","purpose":"会员在柜台建档","medicines":[{"name":"别处的降压药","dose":{"amount":1,"unit":"片","timesPerDay":1,"times":["08:00"]},"daysLeft":20}]}""";

        Assert.Equal((403, "health_consent_needed"), await SendAsync(phone, "POST", "/api/member/care-plan/lines", """{"name":"药"}""").SaidAsync());
        var entered = await (await SendAsync(pharmacist, "POST", $"{path}/enrolments", body)).JsonAsync();
        var code = entered.GetProperty("code").GetString();
        Assert.StartsWith("<svg", entered.GetProperty("qrSvg").GetString(), StringComparison.Ordinal);
        Assert.False((await (await pharmacist.GetAsync($"{path}?purpose=%E6%9F%A5%E7%9C%8B%E7%94%A8%E8%8D%AF")).JsonAsync()).GetProperty("healthConsent").GetBoolean());

        var offer = await (await phone.GetAsync($"/api/member/care-plan/enrolments/{code}")).JsonAsync();
        Assert.Equal(1, offer.GetProperty("medicines").GetInt32());
        Assert.Equal(204, (await SendAsync(phone, "POST", $"/api/member/care-plan/enrolments/{code}", """{"accept":true}""").SaidAsync()).Status);
        Assert.Equal((409, "enrolment_over"), await SendAsync(phone, "POST", $"/api/member/care-plan/enrolments/{code}", """{"accept":true}""").SaidAsync());

        var plan = await (await phone.GetAsync("/api/member/care-plan")).JsonAsync();
        var line = Assert.Single(plan.GetProperty("lines").EnumerateArray());
        Assert.Equal(("pharmacist", 20), (line.GetProperty("source").GetString(), line.GetProperty("daysLeft").GetInt32()));
        Assert.Equal("due", Assert.Single(plan.GetProperty("today").EnumerateArray()).GetProperty("state").GetString());
        var id = line.GetProperty("id").GetString();

        Assert.Equal(204, (await SendAsync(phone, "POST", $"/api/member/care-plan/lines/{id}/answer", """{"answer":"still_have","days":3}""").SaidAsync()).Status);
        Assert.Equal((400, "days_needed"), await SendAsync(phone, "POST", $"/api/member/care-plan/lines/{id}/answer", """{"answer":"still_have"}""").SaidAsync());
        Assert.Equal((400, "dose_invalid"), await SendAsync(phone, "PUT", $"/api/member/care-plan/lines/{id}/dose", """{"amount":1000,"unit":"片","timesPerDay":1}""").SaidAsync());
        Assert.Equal((400, "dose_invalid"), await SendAsync(phone, "PUT", $"/api/member/care-plan/lines/{id}/dose", """{"amount":0,"unit":"片","timesPerDay":1}""").SaidAsync());
        Assert.Equal((404, "not_found"), await SendAsync(phone, "PUT", "/api/member/care-plan/lines/4711/dose", """{"amount":1,"unit":"片","timesPerDay":1}""").SaidAsync());
        Assert.Equal("健康提醒", (await (await phone.GetAsync($"/api/member/care-plan/lines/{id}/calendar")).JsonAsync()).GetProperty("title").GetString());
        var measured = await (await SendAsync(phone, "POST", "/api/member/care-plan/measurements", $$"""{"kind":"blood_pressure","values":{"systolic":150,"diastolic":90},"at":"{{DateTimeOffset.UtcNow.AddMinutes(-1):O}}"}""")).JsonAsync();
        Assert.True(measured.GetProperty("outOfRange").GetBoolean());
        Assert.Equal((400, "time_invalid"), await SendAsync(phone, "POST", "/api/member/care-plan/measurements", """{"kind":"weight","values":{"weight":60},"at":"9999-12-31T23:59:59+08:00"}""").SaidAsync());

        using var other = await app.MemberAsync(app.ForeignMember);
        // Whose line it is, nobody without a consent of their own is told.
        Assert.Equal((403, "health_consent_needed"), await SendAsync(other, "POST", $"/api/member/care-plan/lines/{id}/answer", """{"answer":"stopped"}""").SaidAsync());
    }

    [Fact]
    public async Task The_same_request_twice_adds_one_medicine_and_two_phones_of_one_member_see_one_plan()
    {
        using var phone = await app.MemberAsync(app.HomeMember, "o-first");
        using var tablet = await app.MemberAsync(app.HomeMember, "o-second");
        await app.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM consent WHERE member_id = @id AND purpose = 2", new { id = app.HomeMember }), CancellationToken.None);
        await app.Database.WriteAsync(tx => tx.ExecuteAsync(
            "INSERT INTO consent (member_id, purpose, granted, text_version, source, changed_at) VALUES (@id, 2, 1, 'v1', 'test', 1)", new { id = app.HomeMember }), CancellationToken.None);

        const string medicine = """{"name":"断网时加的药"}""";
        var first = await phone.SendAsync("POST", "/api/member/care-plan/lines", medicine, ("Idempotency-Key", "offline-1"));
        var again = await phone.SendAsync("POST", "/api/member/care-plan/lines", medicine, ("Idempotency-Key", "offline-1"));

        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        var plans = await Task.WhenAll(((HttpClient[])[phone, tablet]).Select(async one => await one.GetStringAsync("/api/member/care-plan")));
        Assert.Equal(plans[0], plans[1]);
        Assert.Single(JsonDocument.Parse(plans[0]).RootElement.GetProperty("lines").EnumerateArray(), line => line.GetProperty("title").GetString() == "断网时加的药");
    }

    [Fact]
    public async Task The_page_of_a_tip_leads_nowhere()
    {
        var tip = await PublishAsync();
        using var visitor = await app.MemberAsync(null, "o-visitor");

        var feed = await (await visitor.GetAsync("/api/member/tips")).JsonAsync();
        Assert.Contains(feed.GetProperty("items").EnumerateArray(), item => item.GetProperty("id").GetString() == tip && item.GetProperty("reason").GetString()!.Length > 0);
        var page = await visitor.GetStringAsync($"/api/member/tips/{tip}");
        var fields = JsonDocument.Parse(page).RootElement.EnumerateObject().Select(field => field.Name);

        Assert.Equal(["id", "title", "paragraphs", "source", "reviewer", "reviewedOn", "version", "validUntil"], fields);
        Assert.Empty(TipCheck.Selling(Regex.Unescape(page)).Select(finding => finding.En));
        Assert.DoesNotMatch(Leading(), page);
        Assert.Equal(404, (int)(await visitor.GetAsync("/api/member/tips/4711")).StatusCode);
    }

    [Fact]
    public async Task A_case_with_a_picture_is_told_over_both_sides()
    {
        using var phone = await app.MemberAsync(app.HomeMember, "o-case");
        using var manager = await app.InRoleAsync(StaffRole.StoreManager);
        using var form = new MultipartFormDataContent { { Picture([0xFF, 0xD8, 0xFF, 0xE0, 1, 2]), "file", "a.jpg" } };
        var photo = (await (await phone.PostAsync("/api/member/photos", form)).JsonAsync()).GetProperty("id").GetString();

        var opened = await (await SendAsync(phone, "POST", "/api/member/cases", $$"""{"category":"complaint","text":"药盒破了<script>😀","photos":["{{photo}}"]}""")).JsonAsync();
        var id = opened.GetProperty("id").GetString();
        Assert.Contains((await (await manager.GetAsync("/api/staff/cases")).JsonAsync()).GetProperty("items").EnumerateArray(), item => item.GetProperty("id").GetString() == id);
        Assert.Equal("image/jpeg", (await manager.GetAsync($"/api/staff/cases/{id}/photos/{photo}")).Content.Headers.ContentType!.MediaType);
        Assert.Equal(204, (await SendAsync(manager, "POST", $"/api/staff/cases/{id}/messages", """{"text":"已换货","channel":"mini_program","internal":false,"done":true}""").SaidAsync()).Status);

        var seen = await (await phone.GetAsync($"/api/member/cases/{id}")).JsonAsync();
        Assert.Equal(("done", "已换货"), (seen.GetProperty("state").GetString(), seen.GetProperty("done").GetString()));
        Assert.Equal(204, (await SendAsync(phone, "POST", $"/api/member/cases/{id}/rating", """{"score":5}""").SaidAsync()).Status);
        Assert.Equal((409, "case_not_now"), await SendAsync(phone, "POST", $"/api/member/cases/{id}/rating", """{"score":6}""").SaidAsync());

        using var large = new MultipartFormDataContent { { Picture([0xFF, 0xD8, 0xFF, .. new byte[20 * 1024 * 1024]]), "file", "b.jpg" } };
        // The server says no before the picture is on its way.
        using var tooLarge = new HttpRequestMessage(HttpMethod.Post, "/api/member/photos") { Content = large, Headers = { ExpectContinue = true } };
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await phone.SendAsync(tooLarge)).StatusCode);
        using var script = new MultipartFormDataContent { { Picture("<svg/>"u8.ToArray()), "file", "c.jpg" } };
        Assert.Equal(HttpStatusCode.BadRequest, (await phone.PostAsync("/api/member/photos", script)).StatusCode);
    }

    [Fact]
    public async Task A_survey_is_answered_once()
    {
        using var lead = await app.InRoleAsync(StaffRole.Marketer);
        using var phone = await app.MemberAsync(app.HomeMember, "o-survey");
        var published = await (await SendAsync(lead, "POST", "/api/staff/surveys",
            """{"code":"visit","content":{"title":"到店服务评价","anonymousAllowed":true,"questions":[{"id":"overall","text":"总体满意吗？","kind":"score5","indicator":"overall"}]},"until":"2099-12-31"}""")).JsonAsync();
        var id = published.GetProperty("id").GetString();

        Assert.Equal("score5", (await (await phone.GetAsync($"/api/member/surveys/{id}")).JsonAsync()).GetProperty("questions")[0].GetProperty("kind").GetString());
        Assert.Equal((400, "answers_invalid"), await SendAsync(phone, "POST", $"/api/member/surveys/{id}/answers", """{"version":1,"anonymous":true,"answers":{}}""").SaidAsync());
        Assert.Equal(201, (await SendAsync(phone, "POST", $"/api/member/surveys/{id}/answers", """{"version":1,"anonymous":true,"answers":{"overall":5}}""").SaidAsync()).Status);
        Assert.Equal((409, "survey_answered"), await SendAsync(phone, "POST", $"/api/member/surveys/{id}/answers", """{"version":1,"anonymous":false,"answers":{"overall":5}}""").SaidAsync());
        Assert.Equal(204, (await SendAsync(lead, "POST", $"/api/staff/surveys/{id}/close").SaidAsync()).Status);
        using var late = await app.MemberAsync(app.ForeignMember, "o-late");
        Assert.Equal((409, "survey_closed"), await SendAsync(late, "POST", $"/api/member/surveys/{id}/answers", """{"version":1,"anonymous":true,"answers":{"overall":5}}""").SaidAsync());
    }

    [Fact]
    public async Task The_inbox_is_empty_at_first_and_safety_cannot_be_switched_off()
    {
        using var phone = await app.MemberAsync(app.ForeignMember, "o-inbox");

        Assert.Equal(0, (await (await phone.GetAsync("/api/member/inbox/unread")).JsonAsync()).GetProperty("count").GetInt64());
        Assert.Equal(204, (await SendAsync(phone, "PUT", "/api/member/inbox/switches/promotion", """{"on":false}""").SaidAsync()).Status);
        Assert.Equal((400, "no_switch"), await SendAsync(phone, "PUT", "/api/member/inbox/switches/recall", """{"on":false}""").SaidAsync());
        Assert.Equal((404, "not_found"), await SendAsync(phone, "PUT", "/api/member/inbox/switches/nothing", """{"on":false}""").SaidAsync());
        Assert.Contains((await (await phone.GetAsync("/api/member/inbox/switches")).JsonAsync()).GetProperty("items").EnumerateArray(),
            item => item.GetProperty("kind").GetString() == "promotion" && !item.GetProperty("on").GetBoolean());
        Assert.Equal((404, "not_found"), await phone.GetAsync("/api/member/inbox/4711").SaidAsync());
        Assert.Equal((400, "trace_code_invalid"), await phone.GetAsync("/api/member/recalls?code=%27%20OR%201").SaidAsync());
        Assert.False((await (await phone.GetAsync("/api/member/recalls?code=B1")).JsonAsync()).GetProperty("recalled").GetBoolean());
    }

    private Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string? json = null) =>
        client.SendAsync(method, path, json, ("Idempotency-Key", $"care-{Interlocked.Increment(ref _keys)}-{Random.Shared.NextInt64()}"));

    [Fact]
    public async Task An_answer_in_WeChat_is_on_its_way_to_the_chat_in_which_the_member_wrote_and_a_note_among_staff_is_not()
    {
        using var phone = await app.MemberAsync(app.HomeMember, "o-chat");
        using var manager = await app.InRoleAsync(StaffRole.StoreManager);
        await app.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("INSERT INTO member_identity (account, openid, member_id) VALUES ('wx-chat', 'o-writes', @member)", new { member = app.HomeMember });
            await tx.ExecuteAsync("INSERT INTO wechat_chat (id, account, openid, message_type, state, said_at, ready_at) VALUES (77, 'wx-chat', 'o-writes', 'text', 6, @now, 0)", new { now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() });
        }, default);
        var id = (await (await SendAsync(phone, "POST", "/api/member/cases", """{"category":"complaint","text":"会员卡丢了"}""")).JsonAsync()).GetProperty("id").GetString();

        await SendAsync(manager, "POST", $"/api/staff/cases/{id}/messages", """{"text":"内部记一下","channel":"we_chat","internal":true,"done":false}""");
        Assert.Equal(6, await ChatStateAsync());
        Assert.Equal(204, (await SendAsync(manager, "POST", $"/api/staff/cases/{id}/messages", """{"text":"已补办","channel":"we_chat","internal":false,"done":true}""").SaidAsync()).Status);
        Assert.Equal(1, await ChatStateAsync());
    }

    private Task<long> ChatStateAsync() => app.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT state FROM wechat_chat WHERE id = 77"), default);

    private static ByteArrayContent Picture(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        return content;
    }

    private async Task<string> PublishAsync()
    {
        var (desk, file) = (app.Service<TipDesk>(), TipFile.Parse(await File.ReadAllTextAsync(Repository.Path("samples", "tips", "walking.json"))));
        var today = DateOnly.FromDateTime(DateTimeOffset.UtcNow.AddHours(8).Date);
        var (_, id, _, _) = await desk.WriteAsync(null, 0, file, today, today.AddDays(300), new StaffId(1), CancellationToken.None);
        await app.Database.WriteAsync(tx => TipDesk.KeepLicenceAsync(tx, new PharmacistLicence(new StaffId(2), "林静", "330000000000001", "康宁大药房", ChinaTime.DayOf(today) + 9)), CancellationToken.None);
        Assert.Equal(TipOutcome.Done, await desk.ReviewAsync(id, 1, true, new StaffId(2), CancellationToken.None));
        return id.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("(?i)product|coupon|phone|store|shop|link|http|price")]
    private static partial Regex Leading();
}
