using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Members;
using Engagement.Members.Codes;
using Engagement.Messaging.Receipts;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Api.Staff;

/// <summary>The application with two stores: S001, where the demo's people of stores work, and S999, whose data they must never see.</summary>
public sealed class StaffApp : IAsyncLifetime
{
    /// <summary>Stands in every text of the foreign store's data.</summary>
    internal const string ForeignMark = "外店标记";

    private readonly TempFolder _folder = new();
    private Installation? _installation;
    private WebApplication? _app;

    internal Database Database => _installation!.Database;

    internal long HomeStore { get; private set; }

    internal long ForeignStore { get; private set; }

    internal long HomeMember { get; private set; }

    internal long ForeignMember { get; private set; }

    /// <summary>An answer by SMS from the foreign store's member.</summary>
    internal long ForeignReply { get; private set; }

    internal string ForeignRef { get; } = "foreignforeignforeign0";

    /// <summary>What the foreign store's member shows now.</summary>
    internal async Task<string> ForeignCodeAsync() => (await Service<MemberCodes>().IssueAsync(new MemberId(ForeignMember), CancellationToken.None)).Code;

    /// <summary>A desk of the running application.</summary>
    internal T Service<T>() where T : notnull => _app!.Services.GetRequiredService<T>();

    internal IReadOnlyList<RouteEndpoint> Endpoints => [.. _app!.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public async Task InitializeAsync()
    {
        KeyRing.Create(_folder["keys"], demo: true);
        var settings = Settings.Read(_folder.Path,
        [
            .. DemoSettings.For(FakeProvider.NobodyThere()), DemoSettings.OneClick,
            // One address stands for a whole chain here; the limits have tests of their own.
            new("Limits:PerAddress", "100000"), new("Limits:PerPerson", "100000"), new("Limits:PerKey", "1000000"), new("Limits:SignIns", "100000"),
        ]);
        _installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        (HomeStore, HomeMember) = await SeedAsync("S001", "home-home-home-home-00", "本店");
        (ForeignStore, ForeignMember) = await SeedAsync("S999", ForeignRef, ForeignMark);
        await AddForeignTracesAsync();
        _app = EngagementApp.Build(_installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_installation is not null) await _installation.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A caller with a cookie jar of their own.</summary>
    internal HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(EngagementApp.Address(_app!)) };

    /// <summary>Somebody in a role, signed in with one click.</summary>
    internal async Task<HttpClient> InRoleAsync(StaffRole role)
    {
        var client = Client();
        var answer = await client.PostAsJsonAsync("/api/staff/session/demo", new { role = RoleMatrix.Code(role) });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return client;
    }

    internal Task<IReadOnlyList<AuditRecord>> AuditAsync(string action) =>
        Database.ReadAsync(session => AuditLog.SearchAsync(session, new AuditQuery { Action = action }), CancellationToken.None);

    // What a member of the foreign store leaves behind: an answer by SMS, and a correction of points that waits.
    private async Task AddForeignTracesAsync()
    {
        ForeignReply = _installation!.Ids.Next();
        var text = new FieldCipher(_installation.Keys).Encrypt(ReplyDesk.Text, ForeignReply, ForeignMark);
        await Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE member SET phone_index = 'foreign-phone' WHERE id = @member", new { member = ForeignMember });
            await tx.ExecuteAsync("INSERT INTO sms_reply (id, provider, sequence, phone_index, text_cipher, said_at, state) VALUES (@id, 'aliyun', '1', 'foreign-phone', @text, 1, 1)", new { id = ForeignReply, text });
            await tx.ExecuteAsync("INSERT INTO points_adjustment (id, member_id, points, reason, state, proposed_by, proposed_at) VALUES (@id, @member, 1000, @mark, 1, '1', 1)",
                new { id = _installation.Ids.Next(), member = ForeignMember, mark = ForeignMark });
        }, CancellationToken.None);
    }

    private async Task<(long Store, long Member)> SeedAsync(string code, string reference, string mark)
    {
        var (store, member) = (_installation!.Ids.Next(), _installation.Ids.Next());
        await Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("INSERT INTO store (id, code, name, city) VALUES (@store, @code, @mark, @mark)", new { store, code, mark });
            await tx.ExecuteAsync("""
                INSERT INTO member (id, source, member_no, ref, sex, store_id, joined_day, private_mode, field_sources, content_hash, gate_version, version)
                VALUES (@member, 'pos', @code, @reference, 0, @store, 20000, 0, '{}', '', 1, 1)
                """, new { member, code, reference, store });
            await tx.ExecuteAsync("""
                INSERT INTO break_glass (id, staff_id, member_id, home_store_id, purpose, opened_at, expires_at) SELECT @id, @id, @member, @store, @mark, 1, 2
                """, new { id = _installation.Ids.Next(), member, store, mark });
            // Whoever opened it, so that the list has a name to show.
            await tx.ExecuteAsync("""
                INSERT INTO staff (id, name, display_name, role, password_hash, totp_state, totp_step, failures, locked_until, disabled, version, created_at)
                SELECT staff_id, @code, @code, 4, '', 0, 0, 0, 0, 0, 1, 1 FROM break_glass WHERE member_id = @member
                """, new { code, member });
        }, CancellationToken.None);
        return (store, member);
    }
}

/// <summary>Short forms of what tests say over HTTP.</summary>
internal static class Speaking
{
    public static Task<HttpResponseMessage> SendAsync(this HttpClient client, string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return client.SendAsync(request);
    }

    /// <summary>Sends what an endpoint gives as its example, as what it is.</summary>
    public static Task<HttpResponseMessage> SendAsync(this HttpClient client, string method, string path, ExampleBody? example, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (example is not null) request.Content = new StringContent(example.Json, Encoding.UTF8, example.MediaType);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return client.SendAsync(request);
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    /// <summary>Status and code of a refusal, or the status alone.</summary>
    public static async Task<(int Status, string? Code)> SaidAsync(this Task<HttpResponseMessage> pending)
    {
        using var answer = await pending;
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, (int)answer.StatusCode >= 400 && text.StartsWith('{') ? JsonDocument.Parse(text).RootElement.GetProperty("code").GetString() : null);
    }
}
