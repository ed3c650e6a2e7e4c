using System.Text;
using System.Text.Json;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Reports;
using Engagement.Messaging.Settling;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Http;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>Two providers of SMS in one house: who carries what, what each answer does to its message, and how a doubt ends.</summary>
public abstract class SmsProviderContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly TemplateFile s_byTencent = Template(SmsApprovalState.Draft);

    private FakeProvider _tencent = null!;
    private MessagingHouse _house = null!;
    private ProviderScript _send = Statuses();
    private ProviderScript _pull = Listed();

    public async Task InitializeAsync()
    {
        _tencent = await FakeProvider.StartAsync();
        _tencent.On("/", http => (http.Request.Headers["X-TC-Action"] == "SendSms" ? _send : _pull)(http));
        _house = await MessagingHouse.OpenAsync(test, new Dictionary<string, string?>
        {
            ["Sms:Tencent:BaseUrl"] = _tencent.Address.ToString(), ["Sms:Tencent:SecretId"] = "id", ["Sms:Tencent:SecretKey"] = "key", ["Sms:Tencent:SdkAppId"] = "1400006666",
            ["Sms:Tencent:PartFen"] = "4", ["Sms:BreakAfter"] = "1",
        });
    }

    public async Task DisposeAsync()
    {
        await _house.DisposeAsync();
        await _tencent.DisposeAsync();
    }

    [DatabaseFact]
    public async Task A_template_that_only_one_provider_has_approved_goes_by_it_and_each_number_has_its_own_end()
    {
        var messages = await QueueAsync(s_byTencent, "19900000001", "19900000002", "19900000003");
        _send = Statuses(("19900000001", "FailedOperation.PhoneNumberInBlacklist"), ("19900000003", "InternalError.Timeout"));

        Assert.Equal(3, await _house.RoundAsync());

        var body = JsonDocument.Parse(Assert.Single(_tencent.Requests).Body).RootElement;
        Assert.Equal(("1110", 3), (body.GetProperty("TemplateId").GetString(), body.GetProperty("PhoneNumberSet").GetArrayLength()));
        Assert.Empty(await _house.TakenAsync());
        var rows = await RowsAsync(messages);
        Assert.Equal([MessageState.Pending, MessageState.Sent, MessageState.InDoubt], rows.Select(row => row.State));
        Assert.Equal(("S19900000002", body.GetProperty("SessionContext").GetString(), 4), (rows[1].ProviderRef, rows[1].Reference, rows[1].CostFen / rows[1].Segments));
        Assert.Equal((0, 0), (rows[0].CostFen, rows[0].Segments));
        Assert.All(await _house.QueryAsync<string>("SELECT provider FROM message"), provider => Assert.Equal("tencent", provider));

        // Its own number, and with it its session context where the account gets it back.
        await PushAsync("tencent", Receipt("19900000002", "S19900000002", "FAIL"));
        await PushAsync("tencent", Receipt("19900000003", "S3", "SUCCESS", rows[2].Reference!));
        await _house.BecomesAsync(messages[1], MessageState.Undelivered);
        await _house.BecomesAsync(messages[2], MessageState.Delivered);
    }

    [DatabaseTheory]
    [InlineData(SmsApprovalState.Draft, 8)]
    [InlineData(SmsApprovalState.Approved, 5)]
    public async Task A_message_that_does_not_arrive_costs_what_its_provider_bills_for_it(SmsApprovalState aliyun, long fen)
    {
        // By Aliyun or by Tencent, which then takes both: one arrives, one does not.
        var template = Template(aliyun);
        if (aliyun == SmsApprovalState.Approved) template = template with { Contents = template.Contents with { Sms = template.Contents.Sms! with { Others = null } } };
        var messages = await QueueAsync(template, "19900000001", "19900000404");
        await _house.RoundAsync();
        if (aliyun == SmsApprovalState.Draft)
        {
            await PushAsync("tencent", Receipt("19900000001", "S19900000001", "SUCCESS"));
            await PushAsync("tencent", Receipt("19900000404", "S19900000404", "FAIL"));
        }

        await _house.BecomesAsync(messages[0], MessageState.Delivered);
        await _house.BecomesAsync(messages[1], MessageState.Undelivered);

        var segments = (await _house.MessageAsync(messages[0])).Segments;
        var cost = 0L;
        foreach (var run in await _house.QueryAsync<long>("SELECT id FROM run")) cost += (await _house.Database.ReadAsync(session => RunFigureStore.OfAsync(session, new RunId(run)), None)).CostFen;
        Assert.Equal(fen * segments, cost);
    }

    [DatabaseFact]
    public async Task Values_that_differ_share_no_call_with_Tencent()
    {
        var template = Template(SmsApprovalState.Draft, "{{ member.surname }}");
        await QueueAsync(template, "19900000001", "19900000002");

        await _house.RoundAsync();

        Assert.Equal(2, _tencent.Requests.Count);
        Assert.Equal(["李", "王"], _tencent.Requests.Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("TemplateParamSet")[0].GetString()).Order(StringComparer.Ordinal));
    }

    [DatabaseFact]
    public async Task Another_providers_receipt_with_the_same_number_settles_nothing()
    {
        var message = (await QueueAsync(s_byTencent, "19900000001"))[0];
        await _house.RoundAsync();

        await _house.SmsReceiptAsync("19900000001", "S19900000001", delivered: true);
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT attempts FROM inbound") > 0);
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);

        await PushAsync("tencent", Receipt("19900000001", "S19900000001", "SUCCESS"));

        await _house.BecomesAsync(message, MessageState.Delivered);
    }

    [DatabaseFact]
    public async Task What_no_provider_has_approved_is_held_and_the_review_opens_it()
    {
        var template = s_byTencent with { Contents = s_byTencent.Contents with { Sms = s_byTencent.Contents.Sms! with { Others = null } } };
        var held = (await QueueAsync(template, "19900000001"))[0];
        await _house.RoundAsync();
        Assert.Equal((MessageState.Suppressed, "inbox_only"), ((await _house.MessageAsync(held)).State, (await _house.MessageAsync(held)).Reason));
        Assert.EndsWith(",sms=sms_not_approved", (await _house.MessageAsync(held)).Verdicts);

        await PushAsync("aliyun", $$"""[{"template_type":"短信通知","reason":"","template_status":"approved","template_code":"{{template.Contents.Sms!.TemplateCode}}","create_date":"2026-03-01 10:00:00"}]""");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM sms_approval WHERE state = 3 AND type = 2") == 1);
        var next = (await QueueAsync(template, "19900000002"))[0];
        await _house.RoundAsync();
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(next)).State);

        await PushAsync("aliyun", """[{"sign_name":"康宁大药房","sign_status":"rejected","reason":"资质不全","create_date":"2026-03-02 10:00:00"}]""");
        await _house.AppliedAsync(async () => await _house.ScalarAsync<long>("SELECT COUNT(*) FROM sms_approval WHERE state = 4 AND reason = '资质不全'") == 1);
        var last = (await QueueAsync(template, "19900000003"))[0];
        await _house.RoundAsync();
        Assert.EndsWith(",sms=sms_not_approved", (await _house.MessageAsync(last)).Verdicts);
    }

    [DatabaseFact]
    public async Task While_the_only_provider_rests_messages_wait_and_keep_their_attempts()
    {
        _send = FakeProvider.Reset;
        var first = (await QueueAsync(s_byTencent, "19900000001"))[0];
        await _house.RoundAsync();
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(first)).State);

        var next = (await QueueAsync(s_byTencent, "19900000002"))[0];
        await _house.RoundAsync();

        var row = await _house.MessageAsync(next);
        Assert.Equal((MessageState.Pending, 0, _house.Clock.NowMs() + 60_000), (row.State, row.Attempt, row.ReadyAt));
        Assert.EndsWith(",sms=sms_providers_resting", row.Verdicts);
        Assert.Single(_tencent.Requests);
    }

    [DatabaseFact]
    public async Task An_address_in_a_variable_never_leaves()
    {
        var message = (await QueueAsync(Template(SmsApprovalState.Approved, "m.example.cn/{{ member.surname }}"), "19900000001"))[0];

        await _house.RoundAsync();

        Assert.Equal((MessageState.Suppressed, "content_refused"), ((await _house.MessageAsync(message)).State, (await _house.MessageAsync(message)).Reason));
        Assert.Empty(_tencent.Requests);
        Assert.Empty(await _house.TakenAsync());
    }

    [DatabaseFact]
    public async Task A_doubt_is_settled_by_what_Tencent_lists()
    {
        _send = FakeProvider.Reset;
        var message = (await QueueAsync(s_byTencent, "19900000001"))[0];
        await _house.RoundAsync();
        _pull = Listed(((await _house.MessageAsync(message)).Reference!, "SUCCESS"));

        _house.Clock.Advance(DoubtPolicy.Wait);
        await _house.Get<Settler>().RoundAsync(None);

        Assert.Equal(MessageState.Delivered, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task What_Tencent_does_not_list_proves_nothing_so_a_reminder_goes_another_way_and_is_counted()
    {
        _send = FakeProvider.Reset;
        var message = (await QueueAsync(s_byTencent, "19900000001"))[0];
        await _house.RoundAsync();

        _house.Clock.Advance(DoubtPolicy.Wait);
        await _house.Get<Settler>().RoundAsync(None);
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
        _house.Clock.Advance(DoubtPolicy.Wait);
        await _house.Get<Settler>().RoundAsync(None);

        Assert.Equal(MessageState.Pending, (await _house.MessageAsync(message)).State);
        Assert.Equal(1 << (int)Channel.Sms, await _house.ScalarAsync<long>("SELECT channels_tried FROM message"));
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT possibly_twice FROM message"));
        Assert.Equal(4, await _house.ScalarAsync<long>("SELECT cost_fen FROM attempt"));
        await _house.RoundAsync();
        Assert.Equal(MessageState.InDoubt, (await _house.MessageAsync(message)).State);
    }

    private static TemplateFile Template(SmsApprovalState aliyun, string? store = null)
    {
        var file = MessagingHouse.Template(Recall);
        var sms = file.Contents.Sms!;
        return file with
        {
            Contents = file.Contents with
            {
                Sms = sms with
                {
                    State = aliyun, Parameters = store is null ? sms.Parameters : new Dictionary<string, string> { ["store"] = store },
                    Others = new Dictionary<string, SmsProviderTemplate> { ["tencent"] = new("1110", ["store"]) },
                },
            },
        };
    }

    private async Task<MessageId[]> QueueAsync(TemplateFile template, params string[] phones)
    {
        var messages = new List<MessageId>();
        string[] names = ["王秀兰", "李强", "陈敏"];
        foreach (var (name, phone) in names.Zip(phones)) messages.Add(await _house.EnqueueAsync(await _house.JoinAsync(name, phone), Recall, template: template));
        await _house.TogetherAsync([.. messages]);
        return [.. messages];
    }

    private async Task<List<MessageRow>> RowsAsync(MessageId[] messages)
    {
        var rows = new List<MessageRow>();
        foreach (var message in messages) rows.Add(await _house.MessageAsync(message));
        return rows;
    }

    private Task PushAsync(string provider, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var seen = SmsPushDoor.See(provider, bytes);
        return _house.Get<InboundStore>().AddAsync(seen.Source, seen.Key, bytes, None);
    }

    private static string Receipt(string phone, string sid, string status, string context = "") =>
        $$"""[{"user_receive_time":"2026-03-10 10:00:05","nationcode":"86","mobile":"{{phone}}","report_status":"{{status}}","errmsg":"X","description":"","sid":"{{sid}}","ext":"{{context}}"}]""";

    // Every number is taken but those that are named.
    private static ProviderScript Statuses(params (string Phone, string Code)[] refused) => http => AnswerAsync(http, refused);

    private static async Task AnswerAsync(HttpContext http, (string Phone, string Code)[] refused)
    {
        var request = (string)http.Items["body"]!;
        var phones = JsonDocument.Parse(request).RootElement.GetProperty("PhoneNumberSet").EnumerateArray().Select(phone => phone.GetString()![3..]).ToList();
        await FakeProvider.Json(JsonSerializer.Serialize(new
        {
            Response = new
            {
                SendStatusSet = phones.Select(phone => refused.FirstOrDefault(r => r.Phone == phone).Code is { } code
                    ? new { SerialNo = "", PhoneNumber = "+86" + phone, Fee = 0, SessionContext = "", Code = code, Message = "no", IsoCode = "CN" }
                    : new { SerialNo = "S" + phone, PhoneNumber = "+86" + phone, Fee = 1, SessionContext = "", Code = "Ok", Message = "send success", IsoCode = "CN" }),
                RequestId = "r",
            },
        }))(http);
    }

    private static ProviderScript Listed(params (string Context, string Status)[] items) => FakeProvider.Json(JsonSerializer.Serialize(new
    {
        Response = new
        {
            PullSmsSendStatusSet = items.Select(item => new { SerialNo = "S", PhoneNumber = "+8619900000001", ReportStatus = item.Status, Description = "DELIVRD", SessionContext = item.Context }),
            RequestId = "r",
        },
    }));
}

public sealed class SmsProvidersOnSqlite(SqliteTestDatabase database) : SmsProviderContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class SmsProvidersOnMySql(MySqlTestDatabase database) : SmsProviderContract(database), IClassFixture<MySqlTestDatabase>;
