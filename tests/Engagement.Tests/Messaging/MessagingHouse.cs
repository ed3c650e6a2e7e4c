using System.Net.Http.Json;
using Engagement.Api.Demo;
using Engagement.Api.Webhooks;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Members.Profiles;
using Engagement.Messaging;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Content;
using Engagement.Messaging.Dispatch;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Runs;
using Engagement.Messaging.Settling;
using Engagement.Sandbox;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Tests.Messaging;

/// <summary>The messaging part of an installation, whole: a real database, the real sandbox over HTTP, the real webhooks.</summary>
/// <remarks>Only the loops do not turn by themselves: a test calls a round, or the application of what was pushed. The business clock stands still.</remarks>
internal sealed class MessagingHouse : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly string[] s_tables =
    [
        "store", "product", "product_change", "member", "member_alias", "member_change", "member_identity", "consent", "consent_change", "suppression",
        "merge_review", "purchase", "purchase_line", "parked_refund", "therapy_line", "member_fact", "member_product", "template", "template_version", "campaign",
        "run", "run_member", "message", "message_text", "message_key", "attempt", "dead_letter", "shard", "inbound", "wechat_grant", "setting", "sweep", "event", "wechat_window", "wechat_follower", "wechat_chat", "service_case", "case_entry", "provider_template",
        "sms_approval", "sms_reply", "inbox_read", "therapy_statement",
    ];

    private readonly TempFolder _keys = new();
    private readonly IdGenerator _ids;
    private readonly WebApplication _sandbox;
    private readonly WebApplication _app;
    private readonly HttpClient _control;
    private int _count;

    private MessagingHouse(Database database, IdGenerator ids, WebApplication sandbox, IReadOnlyDictionary<string, string?> settings)
    {
        (Database, _ids, _sandbox) = (database, ids, sandbox);
        _control = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = SandboxUrl };
        Provider = new SandboxClient(SandboxUrl);
        _app = Build(settings);
        Leases = Get<ShardLeases>();
        Leases.Alone = true;
    }

    public ManualClock Clock { get; } = new();

    public Database Database { get; }

    public SandboxClient Provider { get; }

    public ShardLeases Leases { get; }

    public int Today => Clock.Today();

    private Uri SandboxUrl => new(_sandbox.Urls.First());

    /// <summary>Opens it over an empty database; <paramref name="settings"/> win over the demo's.</summary>
    public static async Task<MessagingHouse> OpenAsync(TestDatabase test, IReadOnlyDictionary<string, string?>? settings = null, Func<Database, Database>? watched = null)
    {
        await test.Database.WriteAsync(async tx =>
        {
            foreach (var table in s_tables) await tx.ExecuteAsync($"DELETE FROM {table}");
        }, None);
        var sandbox = SandboxApp.Build(["--urls", "http://127.0.0.1:0"]);
        await sandbox.StartAsync();
        var house = new MessagingHouse(watched?.Invoke(test.Database) ?? test.Database, await IdGenerator.LeaseAsync(test.Database, TimeProvider.System, None), sandbox, settings ?? new Dictionary<string, string?>());
        await house._app.StartAsync();
        await house.ReceiptsAsync(true);
        await house.Get<StoreImport>().RunAsync(Rows(new StoreRow("S1", "人民路店", "杭州")), new ImportOptions(), null, null, None);
        return house;
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    // ------------------------------------------------------------------ people and what they agreed to

    /// <summary>A member with these consents, known to the sandbox.</summary>
    public async Task<MemberId> JoinAsync(string name, string phone = "", string openId = "", params Purpose[] consents)
    {
        var no = "M" + ++_count;
        var row = new MemberRow
        {
            Source = "till", MemberNo = no, Name = name, Phone = phone, StoreCode = "S1", Joined = "2024-05-01", OpenId = openId, Sex = "女",
            Consents = [.. consents.Select(purpose => new ConsentRow(purpose, true, Today - 300, "v1", "form " + no))],
        };
        await Get<MemberImport>().RunAsync(Rows(row), new ImportOptions(WeChatAccount: DemoSettings.AppId), null, rejection => Assert.Fail(rejection.Reason.En), None);
        if (openId.Length > 0) await Provider.KnowAsync([openId], None);
        return (await Get<MemberStore>().FindAsync(no, 1, None)).Single();
    }

    /// <summary>Subscriptions for the template of a kind, in our book and at WeChat; <paramref name="atWeChat"/> when the two differ.</summary>
    public async Task GrantAsync(MemberId member, MessageKind kind, int count = 1, int? atWeChat = null)
    {
        var template = Template(kind).Contents.WeChatSubscribe!.TemplateId;
        await Database.WriteAsync(tx => Get<GrantBook>().AddAsync(tx, [(member, template, count)]), None);
        var openId = await ScalarAsync<string>("SELECT openid FROM member_identity WHERE member_id = @id", new { id = member.Value });
        if ((atWeChat ?? count) > 0) await Provider.GrantAsync([new SandboxGrant(openId, template, atWeChat ?? count)], None);
    }

    public Task<long> GrantsLeftAsync(MemberId member, MessageKind kind) => ScalarAsync<long>(
        "SELECT COALESCE(SUM(remaining), 0) FROM wechat_grant WHERE member_id = @member AND template_id = @template",
        new { member = member.Value, template = Template(kind).Contents.WeChatSubscribe!.TemplateId });

    public Task WithdrawAsync(MemberId member, Purpose purpose) => Database.WriteAsync(tx => Get<ConsentStore>().RecordAsync(
        tx, [new ConsentChange(member, purpose, false, "v1", "miniprogram", "test", Clock.NowMs())]), None);

    /// <summary>A long-term medicine of a member whose supply ends so many days from today; its line.</summary>
    public async Task<long> TakesAsync(MemberId member, string generic, int endsIn, bool sensitive = false)
    {
        await Get<ProductImport>().RunAsync(Rows(new ProductRow
        {
            Sku = "SKU-" + generic, Name = generic + "片", GenericName = generic, Strength = "5mg", Class = ProductClass.Prescription, Therapy = "chronic",
            PackUnits = 28, UnitsPerDayMilli = 1000, PriceFen = 2800, Sensitive = sensitive,
        }), new ImportOptions(), null, null, None);
        var id = _ids.Next();
        await ExecuteAsync("""
            INSERT INTO therapy_line (id, member_id, therapy_key, product_id, units_per_day_milli, dose_estimated, first_fill_day, last_fill_day, coverage_end, state)
            SELECT @id, @member, @key, id, 1000, 0, @from, @from, @end, 1 FROM product WHERE sku = @sku
            """, new { id, member = member.Value, key = generic, from = Today - 28, end = Today + endsIn, sku = "SKU-" + generic });
        return id;
    }

    // ------------------------------------------------------------------ messages

    public static TemplateFile Template(MessageKind kind) => DemoTemplates.All.First(template => template.Kind == kind);

    /// <summary>Puts one message to a member into the outbox, due now and good until eight in the evening.</summary>
    public Task<MessageId> EnqueueAsync(MemberId member, MessageKind kind, string parameters = "{}", CampaignId? campaign = null, TemplateFile? template = null) =>
        EnqueueAsync(member, kind, ChinaTime.At(Today, new TimeOnly(20, 0)).ToUnixTimeMilliseconds() - 1, parameters, campaign, template);

    /// <inheritdoc cref="EnqueueAsync(MemberId, MessageKind, string, CampaignId?, TemplateFile?)"/>
    public async Task<MessageId> EnqueueAsync(
        MemberId member, MessageKind kind, long notAfter, string parameters = "{}", CampaignId? campaign = null, TemplateFile? template = null)
    {
        var version = await Get<TemplateStore>().ApproveAsync(template ?? Template(kind), None);
        var key = $"test:{++_count}";
        await Get<RunExpander>().ExpandAsync(
            new RunPlan("test", kind, version, Today, campaign), [new Candidate(member, null, [key], parameters, Clock.NowMs(), notAfter)], None);
        return new MessageId(await ScalarAsync<long>("SELECT message_id FROM message_key WHERE dedupe_key = @key", new { key }));
    }

    /// <summary>An approved campaign for a cream.</summary>
    public async Task<Campaign> CampaignAsync(bool smsFallback)
    {
        await Get<ProductImport>().RunAsync(Rows(new ProductRow { Sku = "500022", Name = "护手霜", Class = ProductClass.Other, PriceFen = 1990 }), new ImportOptions(), null, null, None);
        await Get<TemplateStore>().ApproveAsync(Template(MessageKind.Promotion), None);
        var desk = Get<CampaignDesk>();
        var campaign = await desk.SubmitAsync(DemoTemplates.Campaign("winter_skin_care") with { SmsFallback = smsFallback, HoldoutPercent = 0 }, null, None);
        Assert.Empty(await desk.ApproveAsync(campaign, None));
        return (await Database.ReadAsync(session => CampaignStore.FindAsync(session, campaign.Id), None))!;
    }

    /// <summary>Puts these messages on one shard, so that they share a wave.</summary>
    public Task TogetherAsync(params MessageId[] messages) =>
        ExecuteAsync("UPDATE message SET shard = 7 WHERE id IN @ids", new { ids = messages.Select(message => message.Value) });

    /// <summary>One pass of the worker over all shards; how many messages were decided on.</summary>
    public async Task<int> RoundAsync() => await Get<Dispatcher>().RoundAsync(await Leases.HoldAsync(None), None);

    /// <summary>Another worker process on the same database: its leases and its dispatcher.</summary>
    public (ShardLeases Leases, Dispatcher Dispatcher) AnotherWorker() => AnotherWorker(Get<SmsProviders>());

    /// <summary>Another worker, whose SMS all go to <paramref name="sms"/>.</summary>
    public (ShardLeases Leases, Dispatcher Dispatcher) AnotherWorker(ISmsProvider sms) => AnotherWorker(new SmsProviders([sms], Get<SmsTraffic>()));

    private (ShardLeases Leases, Dispatcher Dispatcher) AnotherWorker(SmsProviders sms)
    {
        var recorder = ActivatorUtilities.CreateInstance<FlightRecorder>(_app.Services);
        var leases = ActivatorUtilities.CreateInstance<ShardLeases>(_app.Services, recorder);
        leases.Alone = true;
        var sender = ActivatorUtilities.CreateInstance<Sender>(_app.Services, recorder, sms);
        return (leases, ActivatorUtilities.CreateInstance<Dispatcher>(_app.Services, leases, sender));
    }

    public async Task<MessageRow> MessageAsync(MessageId id) => (await QueryAsync<MessageRow>("""
        SELECT state AS StateNo, reason AS Reason, verdicts AS Verdicts, ready_at AS ReadyAt, attempt_no AS Attempt, channel AS ChannelNo, reference AS Reference,
               provider_ref AS ProviderRef, outcome_code AS Code, segments AS Segments, cost_fen AS CostFen, text_cipher AS Text, inbox_cipher AS Inbox
        FROM   message LEFT JOIN message_text ON message_id = id
        WHERE  id = @id
        """, new { id = id.Value })).Single();

    /// <summary>The text that was frozen for a message.</summary>
    public async Task<string?> TextAsync(MessageId id) => Get<FieldCipher>().Decrypt(WavePlanner.TextColumn, id.Value, (await MessageAsync(id)).Text);

    /// <summary>Applies what was pushed until the message stands so.</summary>
    public Task BecomesAsync(MessageId id, MessageState state) => AppliedAsync(async () => (await MessageAsync(id)).State == state);

    /// <summary>Applies what was pushed until the condition holds.</summary>
    public Task AppliedAsync(Func<Task<bool>> condition) => Eventually.True(async () =>
    {
        await Get<InboundApplier>().ApplyAsync(None);
        return await condition();
    });

    // ------------------------------------------------------------------ the provider

    /// <summary>Says whether the sandbox sends receipts by itself.</summary>
    public Task ReceiptsAsync(bool sent) =>
        Provider.SetUpAsync(DemoTemplates.Setup(_app.Urls.First()) with { Receipts = new SandboxReceipts(sent, 0, 20) }, None);

    /// <summary>Gives the sandbox a whole set-up, made with the address of our webhooks.</summary>
    public async Task SetUpAsync(Func<string, object> setup)
    {
        using var answer = await _control.PutAsJsonAsync("/_sandbox/setup", setup(_app.Urls.First()));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Tells the sandbox of <c>people</c>, or of their <c>acts</c>.</summary>
    public async Task SandboxAsync(string what, object body)
    {
        using var answer = await _control.PostAsJsonAsync($"/_sandbox/{what}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task FaultsAsync(object faults)
    {
        using var answer = await _control.PostAsJsonAsync("/_sandbox/faults", faults);
        answer.EnsureSuccessStatusCode();
    }

    public async Task ReplyAsync(string phone, string content)
    {
        using var answer = await _control.PostAsJsonAsync("/_sandbox/replies", new { phone, content });
        answer.EnsureSuccessStatusCode();
    }

    public async Task TapAsync(string openId, string templateId, bool accept)
    {
        using var answer = await _control.PostAsJsonAsync("/_sandbox/taps", new { openid = openId, templateId, accept });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What the provider has taken.</summary>
    public Task<IReadOnlyList<SandboxMessage>> TakenAsync() => Provider.MessagesAsync(None);

    /// <summary>A receipt as Aliyun pushes it, kept as a push of its own.</summary>
    public Task SmsReceiptAsync(string phone, string bizId, bool delivered, string code = "DELIVERED", string outId = "", string? key = null)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new[]
        {
            new { phone_number = phone, biz_id = bizId, out_id = outId, success = delivered, err_code = code, sms_size = "1", report_time = "2026-03-10 10:00:05" },
        });
        return Get<InboundStore>().AddAsync(InboundSource.AliyunReport, key ?? $"test:{++_count}", body, None);
    }

    // ------------------------------------------------------------------ the tables

    public Task ExecuteAsync(string sql, object? parameters = null) => Database.WriteAsync(tx => tx.ExecuteAsync(sql, parameters), None);

    public Task<T> ScalarAsync<T>(string sql, object? parameters = null) => Database.ReadAsync(session => session.ScalarAsync<T>(sql, parameters), None);

    public Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) => Database.ReadAsync(session => session.QueryAsync<T>(sql, parameters), None);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Provider.Dispose();
        _control.Dispose();
        await _sandbox.DisposeAsync();
        await _ids.DisposeAsync();
        _keys.Dispose();
    }

    private static async IAsyncEnumerable<T> Rows<T>(params T[] rows)
    {
        foreach (var row in rows)
        {
            await Task.CompletedTask;
            yield return row;
        }
    }

    private WebApplication Build(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(DemoSettings.For(SandboxUrl)).AddInMemoryCollection(settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddStorage(Database, KeyRing.Create(_keys["keys"], demo: true), _ids, new Clocks(Clock, TimeProvider.System)).AddMembers().AddMessaging();
        var hosted = builder.Services.Where(service => service.ServiceType == typeof(IHostedService)).ToList();
        builder.Services.AddWorker();
        // Its loops do not turn, so the dispatcher owns nothing for others to go by.
        builder.Services.AddSingleton<IHeldWork, NothingHeld>();
        foreach (var loop in builder.Services.Where(service => service.ServiceType == typeof(IHostedService)).Except(hosted).ToList()) builder.Services.Remove(loop);
        var app = builder.Build();
        app.MapGroup("/webhooks").MapWeChat().MapSms();
        return app;
    }
}

/// <summary>A row of the outbox.</summary>
internal sealed record MessageRow
{
    public long StateNo { get; init; }
    public string? Reason { get; init; }
    public string? Verdicts { get; init; }
    public long? ReadyAt { get; init; }
    public long Attempt { get; init; }
    public long? ChannelNo { get; init; }
    public string? Reference { get; init; }
    public string? ProviderRef { get; init; }
    public string? Code { get; init; }
    public long Segments { get; init; }
    public long CostFen { get; init; }
    public byte[]? Text { get; init; }
    public byte[]? Inbox { get; init; }

    public MessageState State => (MessageState)StateNo;

    public Channel? Channel => (Channel?)ChannelNo;
}
