using System.Text.Json;
using System.Text.RegularExpressions;
using Engagement.Members.Privacy;
using Engagement.Storage.Audit;
using Engagement.Tests.Api.Staff;

namespace Engagement.Tests.Api.Member;

/// <summary>The member surface through the front door, with WeChat and the SMS provider played by the sandbox.</summary>
public sealed partial class MemberSurface(MemberApp app) : IClassFixture<MemberApp>
{
    private const string Base = "/api/member";

    [Fact]
    public async Task A_visitor_browses_presses_the_phone_button_and_is_a_member()
    {
        await app.Sandbox.PostAsync("/_sandbox/people", new[] { new { openid = "oVisitor", phone = "13900000001" } });
        using var visitor = await app.OpenAsync("oVisitor");
        Assert.Equal((403, "phone_needed"), await visitor.SendAsync("GET", $"{Base}/profile").SaidAsync());
        using var stranger = app.Client();
        Assert.Equal((200, null), await stranger.SendAsync("GET", $"{Base}/privacy-guide").SaidAsync());
        Assert.Equal((401, "signed_out"), await stranger.SendAsync("GET", $"{Base}/profile").SaidAsync());

        var code = await app.CodeAsync("oVisitor", "phone");
        var bound = await (await visitor.SendAsync("POST", $"{Base}/phone", $$"""{"code":"{{code}}"}""")).JsonAsync();

        Assert.Equal(("member", "new"), (bound.GetProperty("state").GetString(), bound.GetProperty("outcome").GetString()));
        // The same token is a member's now, and the code is used up.
        var profile = await (await visitor.GetAsync($"{Base}/profile")).JsonAsync();
        Assert.Equal(("139****0001", "会员0001"), (profile.GetProperty("phoneMasked").GetString(), profile.GetProperty("displayName").GetString()));
        Assert.Equal((400, "wechat_code_refused"), await visitor.SendAsync("POST", $"{Base}/phone", $$"""{"code":"{{code}}"}""").SaidAsync());
        // Somebody else's phone code is nobody's here.
        await app.Sandbox.PostAsync("/_sandbox/people", new[] { new { openid = "oThief", phone = "13900000009" } });
        Assert.Equal((400, "wechat_code_refused"), await visitor.SendAsync("POST", $"{Base}/phone", $$"""{"code":"{{await app.CodeAsync("oThief", "phone")}}"}""").SaidAsync());
    }

    [Fact]
    public async Task Used_forged_and_revoked_tokens_open_nothing()
    {
        using var stranger = app.Client();
        var code = await app.CodeAsync("oTokens");
        var first = await (await stranger.SendAsync("POST", $"{Base}/session", $$"""{"code":"{{code}}"}""")).JsonAsync();
        Assert.Equal((400, "wechat_code_refused"), await stranger.SendAsync("POST", $"{Base}/session", $$"""{"code":"{{code}}"}""").SaidAsync());
        Assert.Equal((400, "wechat_code_refused"), await stranger.SendAsync("POST", $"{Base}/session", """{"code":"' OR 1=1 --"}""").SaidAsync());

        var (access, refresh) = (first.GetProperty("accessToken").GetString()!, first.GetProperty("refreshToken").GetString()!);
        Assert.Equal("visitor", first.GetProperty("state").GetString());
        using var holder = app.Client(access);
        var second = await (await stranger.SendAsync("POST", $"{Base}/session/refresh", $$"""{"refreshToken":"{{refresh}}"}""")).JsonAsync();
        Assert.NotEqual(refresh, second.GetProperty("refreshToken").GetString());
        // One kind of token is not the other.
        Assert.Equal((401, "signed_out"), await stranger.SendAsync("POST", $"{Base}/session/refresh", $$"""{"refreshToken":"{{access}}"}""").SaidAsync());
        using var swapped = app.Client(refresh);
        using var forged = app.Client(access[..^4] + "AAAA");
        Assert.Equal((401, "signed_out"), await swapped.SendAsync("DELETE", $"{Base}/session").SaidAsync());
        Assert.Equal((401, "signed_out"), await forged.SendAsync("DELETE", $"{Base}/session").SaidAsync());

        Assert.Equal((204, null), await holder.SendAsync("DELETE", $"{Base}/session").SaidAsync());
        Assert.Equal((401, "signed_out"), await holder.SendAsync("DELETE", $"{Base}/session").SaidAsync());
        Assert.Equal((401, "signed_out"), await stranger.SendAsync("POST", $"{Base}/session/refresh", $$"""{"refreshToken":"{{second.GetProperty("refreshToken").GetString()}}"}""").SaidAsync());
    }

    [Fact]
    public async Task A_code_by_sms_does_what_the_button_does()
    {
        using var visitor = await app.OpenAsync("oSms");
        Assert.Equal((202, null), await visitor.SendAsync("POST", $"{Base}/phone/sms", """{"phone":"139 0000 0002"}""").SaidAsync());
        Assert.Equal((429, "phone_codes_too_many"), await visitor.SendAsync("POST", $"{Base}/phone/sms", """{"phone":"13900000002"}""").SaidAsync());
        Assert.Equal((400, "phone_invalid"), await visitor.SendAsync("POST", $"{Base}/phone/sms", """{"phone":"02161234567"}""").SaidAsync());
        var code = SixDigits().Match((await app.Sandbox.MessagesAsync("?to=13900000002"))[^1].GetRawText().Replace("13900000002", "", StringComparison.Ordinal)).Value;

        Assert.Equal((400, "phone_code_refused"), await visitor.SendAsync("POST", $"{Base}/phone/sms/confirm", """{"phone":"13900000003","code":"000000"}""").SaidAsync());
        var bound = await (await visitor.SendAsync("POST", $"{Base}/phone/sms/confirm", $$"""{"phone":"13900000002","code":"{{code}}"}""")).JsonAsync();

        Assert.Equal("new", bound.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Profile_consents_and_switches_are_in_the_members_hand()
    {
        using var member = await app.MemberAsync("oHand", "13900000004");
        var profile = await (await member.SendAsync("PATCH", $"{Base}/profile", """{"name":"王秀兰","birthday":"1958-03-11","gender":"female"}""")).JsonAsync();
        Assert.Equal(("王秀兰", "1958-03-11", "female", false), (profile.GetProperty("name").GetString(), profile.GetProperty("birthday").GetString(), profile.GetProperty("gender").GetString(), profile.GetProperty("under14").GetBoolean()));
        Assert.Equal((400, "fields_invalid"), await member.SendAsync("PATCH", $"{Base}/profile", """{"name":"<script>1</script>","birthday":"2026-02-30"}""").SaidAsync());

        var consents = (await (await member.GetAsync($"{Base}/consents")).JsonAsync()).GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("purpose").GetString()!);
        Assert.Equal(("given", "never"), (consents["membership"].GetProperty("state").GetString(), consents["health"].GetProperty("state").GetString()));
        var version = consents["health"].GetProperty("textVersion").GetString();
        Assert.Equal((409, "consent_text_stale"), await member.SendAsync("PUT", $"{Base}/consents/health", """{"given":true,"textVersion":"1"}""").SaidAsync());
        Assert.Equal((200, null), await member.SendAsync("PUT", $"{Base}/consents/health", $$"""{"given":true,"textVersion":"{{version}}"}""").SaidAsync());
        Assert.Equal("withdrawn", (await (await member.SendAsync("PUT", $"{Base}/consents/health", """{"given":false}""")).JsonAsync()).GetProperty("state").GetString());
        Assert.Equal((409, "consent_is_contract"), await member.SendAsync("PUT", $"{Base}/consents/membership", """{"given":false}""").SaidAsync());
        Assert.Equal((404, "not_found"), await member.SendAsync("PUT", $"{Base}/consents/everything", """{"given":true}""").SaidAsync());

        var switched = await (await member.SendAsync("PUT", $"{Base}/preferences", """{"kinds":{"promotion":false},"largeText":true}""")).JsonAsync();
        Assert.False(switched.GetProperty("kinds").GetProperty("promotion").GetBoolean());
        Assert.True(switched.GetProperty("kinds").GetProperty("refill").GetBoolean());
        Assert.Equal("member", switched.GetProperty("origins").GetProperty("kind:promotion").GetProperty("origin").GetString());
        Assert.False(switched.GetProperty("kinds").TryGetProperty("recall", out _));
        Assert.Equal((400, "fields_invalid"), await member.SendAsync("PUT", $"{Base}/preferences", """{"kinds":{"recall":false}}""").SaidAsync());
        Assert.Equal((400, "fields_invalid"), await member.SendAsync("POST", $"{Base}/grants", """{"results":[{"templateId":"x","result":"accept"}],"moment":"taken"}""", ("Idempotency-Key", "grants-1")).SaidAsync());
        Assert.Equal((400, "fields_invalid"), await member.SendAsync("GET", $"{Base}/subscribe-templates?moment=always").SaidAsync());
    }

    [Fact]
    public async Task My_data_my_copy_and_who_looked_are_mine_alone()
    {
        using var member = await app.MemberAsync("oMine", "13900000005");
        using var other = await app.MemberAsync("oOther", "13900000006");
        var id = long.Parse((await (await member.GetAsync($"{Base}/profile")).JsonAsync()).GetProperty("id").GetString()!);
        await app.Database.WriteAsync(tx => app.Service<AuditLog>().AppendAsync(tx,
        [
            new AuditEntry(new AuditActor(1, "li.lei", "pharmacist"), "member.read_health") { MemberId = id, Purpose = "核对过敏史" },
            new AuditEntry(new AuditActor(1, "li.lei", "pharmacist"), "member.read") { MemberId = id },
        ]), CancellationToken.None);

        var look = (await (await member.GetAsync($"{Base}/privacy/looks")).JsonAsync()).GetProperty("items").EnumerateArray().Single();
        Assert.Equal(("核对过敏史", "药师"), (look.GetProperty("purpose").GetString(), look.GetProperty("who").GetString()));
        Assert.Equal(0, (await (await other.GetAsync($"{Base}/privacy/looks")).JsonAsync()).GetProperty("items").GetArrayLength());

        // On a screen the number is masked, in the copy it stands.
        var data = await (await member.GetAsync($"{Base}/privacy/data")).Content.ReadAsStringAsync();
        Assert.Contains("139****0005", data);
        Assert.DoesNotContain("13900000005", data);
        var request = (await (await member.SendAsync("POST", $"{Base}/privacy/exports")).JsonAsync()).GetProperty("id").GetString();
        await app.Service<PrivacyDesk>().RunDueAsync(CancellationToken.None);
        var ready = await (await member.GetAsync($"{Base}/privacy/exports/{request}")).JsonAsync();
        Assert.Equal("fulfilled", ready.GetProperty("state").GetString());
        var file = await member.GetAsync(ready.GetProperty("url").GetString());
        Assert.Contains("13900000005", JsonDocument.Parse(await file.Content.ReadAsStringAsync()).RootElement.GetRawText());
        Assert.Equal((404, "not_found"), await other.SendAsync("GET", $"{Base}/privacy/exports/{request}").SaidAsync());
        Assert.Equal((404, "not_found"), await other.SendAsync("GET", $"{Base}/privacy/exports/{request}/file").SaidAsync());

        Assert.Equal((400, "erasure_not_confirmed"), await member.SendAsync("POST", $"{Base}/privacy/erasure", """{"confirm":false}""").SaidAsync());
        Assert.Equal((404, "not_found"), await member.SendAsync("DELETE", $"{Base}/privacy/erasure").SaidAsync());
        Assert.Equal((202, null), await member.SendAsync("POST", $"{Base}/privacy/erasure", """{"confirm":true}""").SaidAsync());
        Assert.Equal((204, null), await member.SendAsync("DELETE", $"{Base}/privacy/erasure").SaidAsync());
        var kinds = (await (await member.GetAsync($"{Base}/privacy/requests")).JsonAsync()).GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("kind").GetString(), item.GetProperty("state").GetString()));
        Assert.Equal([("erasure", "withdrawn"), ("export", "fulfilled")], kinds);
    }

    [GeneratedRegex("(?<![0-9])[0-9]{6}(?![0-9])")]
    private static partial Regex SixDigits();
}
