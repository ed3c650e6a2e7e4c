using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Engagement.Sandbox.Sms;
using Engagement.Sandbox.Tencent;
using Engagement.Sandbox.WeChat;

namespace Engagement.Sandbox.Control;

/// <summary>The sandbox's own surface, <c>/_sandbox/…</c>: what it should be, what it took, and what people do with it.</summary>
internal sealed class ControlEndpoints(
    SandboxOptions options, CurrentSetup setup, GrantLedger grants, AccessTokens tokens, MessageLedger ledger, Counters counters,
    Faults faults, FlowControl flow, OptOuts optOuts, WeChatPushes weChat, SmsReportPushes smsReports, SmsUpPushes smsUps,
    TencentReportPushes tencentReports, TencentReplyPushes tencentReplies, TencentFlow tencentFlow, TencentOutcomes tencentOutcomes, SandboxClock clock)
{
    private PushLine[] Lines => [weChat, smsReports, smsUps, tencentReports, tencentReplies];

    public void Map(IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/_sandbox");
        control.MapGet("/health", http => WriteAsync(http, new { status = "ok", fast = options.Fast, pid = Environment.ProcessId }));
        control.MapPut("/setup", PutSetup);
        control.MapGet("/setup", GetSetup);
        control.MapPost("/grants", AddGrants);
        control.MapPost("/openids", AddOpenIds);
        control.MapGet("/messages", Messages);
        control.MapGet("/stats", Stats);
        control.MapPost("/reset", Reset);
        control.MapPost("/faults", SetFaults);
        control.MapPost("/replies", Reply);
        control.MapPost("/taps", Tap);
        control.MapPost("/clock", Advance);
        control.MapPost("/url-check", CheckUrl);
    }

    private async Task PutSetup(HttpContext http)
    {
        if (await ReadAsync<Setup>(http) is not { } wanted) return;
        if (wanted.Fault() is { } fault)
        {
            await RefuseAsync(http, fault);
            return;
        }
        // Tokens of another app, or of another secret, are worth nothing here.
        if (wanted.WeChat?.AppId != setup.WeChat?.AppId || wanted.WeChat?.AppSecret != setup.WeChat?.AppSecret) tokens.RotateAll();
        setup.Replace(wanted);
        await WriteAsync(http, new { ok = true });
    }

    // What the inbox page needs to draw a card; no secret is among it.
    private Task GetSetup(HttpContext http) => WriteAsync(http, new
    {
        fast = options.Fast,
        wechat = setup.WeChat is { } app ? new { app.AppId, app.Templates } : null,
        tencent = setup.Tencent is { } cloud ? new { cloud.Signatures, cloud.Templates } : null,
        aliyun = setup.Aliyun is { } account ? new { account.Signatures, account.Templates } : null,
    });

    // Element by element: a benchmark grants a million at once.
    private async Task AddGrants(HttpContext http)
    {
        await AddManyAsync<Grant>(http, grant => grants.Add(grant.Openid, grant.TemplateId, grant.Count));
    }

    private Task AddOpenIds(HttpContext http) => AddManyAsync<string>(http, grants.Know);

    private async Task Messages(HttpContext http)
    {
        var query = http.Request.Query;
        var channelName = (string?)query["channel"];
        var channel = LedgerNames.ParseChannel(channelName);
        if (!string.IsNullOrEmpty(channelName) && channel is null)
        {
            await RefuseAsync(http, LedgerNames.KnownNames);
            return;
        }
        var page = new MessagePage(ledger, channel, query["to"].ToString(), Number(query["limit"], 1_000));
        var body = new ArrayBufferWriter<byte>();
        page.Write(body, Number(query["since"], 0));
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }

    private Task Stats(HttpContext http)
    {
        var byChannel = Enum.GetValues<Channel>().ToDictionary(channel => channel.WireName(), counters.Accepted);
        var refused = counters.RefusedByCode;
        return WriteAsync(http, new
        {
            accepted = byChannel.Values.Sum(),
            refused = refused.Values.Sum(n => (long)n),
            byChannel,
            refusedByCode = refused,
            pushed = counters.Pushed,
            pushFailed = counters.PushFailed,
            pushPending = Lines.Sum(line => line.Pending),
        });
    }

    private Task Reset(HttpContext http)
    {
        foreach (var line in Lines) line.Clear();
        ledger.Clear();
        counters.Clear();
        grants.ClearGrants();
        flow.Clear();
        tencentFlow.Clear();
        tencentOutcomes.Clear();
        optOuts.Clear();
        faults.Clear();
        return WriteAsync(http, new { ok = true });
    }

    private async Task SetFaults(HttpContext http)
    {
        if (await ReadAsync<FaultSetup>(http) is not { } wanted) return;
        if (wanted.Fault() is { } fault)
        {
            await RefuseAsync(http, fault);
            return;
        }
        faults.Apply(wanted);
        if (wanted.ExpireTokens) tokens.ExpireAll();
        if (wanted.RotateTokens) tokens.RotateAll();
        await WriteAsync(http, new { ok = true });
    }

    private async Task Reply(HttpContext http)
    {
        if (await ReadAsync<MemberReply>(http) is not { } reply) return;
        if (ChinaPhone.Digits(reply.Phone) is not { } phone) await RefuseAsync(http, "phone is not a mainland mobile number");
        else await WriteAsync(http, new { sequenceId = Reply(phone, reply.Content) });
    }

    // A phone answers the newest message that it got; without one the reply has no signature and goes to the first provider.
    private long Reply(string phone, string content)
    {
        var (aliyun, tencent) = (ledger.Newest(Channel.AliyunSms, phone), ledger.Newest(Channel.TencentSms, phone));
        if (tencent is null || aliyun?.Seq > tencent.Value.Seq) return smsUps.Reply(phone, content);
        tencentReplies.Reply(tencent.Value.Entry, content);
        return tencent.Value.Seq;
    }

    private async Task Tap(HttpContext http)
    {
        if (await ReadAsync<MemberTap>(http) is not { } tap) return;
        var now = clock.GetUtcNow();
        if (tap.Accept) grants.Add(tap.Openid, tap.TemplateId, 1);
        else grants.Zero(tap.Openid, tap.TemplateId);
        var pushed = tap.Accept ? WeChatEvent.Popup(tap.Openid, tap.TemplateId, "accept", now) : WeChatEvent.Change(tap.Openid, tap.TemplateId, now);
        weChat.Add(new PushItem(0, pushed), TimeSpan.Zero);
        await WriteAsync(http, new { ok = true });
    }

    // What WeChat does once, when the push URL is saved.
    private async Task CheckUrl(HttpContext http) => await WriteAsync(http, new { ok = await weChat.CheckUrlAsync(http.RequestAborted) });

    private async Task Advance(HttpContext http)
    {
        if (await ReadAsync<ClockMove>(http) is not { } move) return;
        clock.Advance(TimeSpan.FromSeconds(move.AdvanceSeconds));
        await WriteAsync(http, new { now = clock.ChinaNow });
    }

    private static async Task AddManyAsync<T>(HttpContext http, Action<T> add)
    {
        var added = 0;
        try
        {
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable<T>(http.Request.Body, ControlJson.Options, http.RequestAborted))
            {
                if (item is null) continue;
                add(item);
                added++;
            }
        }
        catch (JsonException fault)
        {
            await RefuseAsync(http, fault.Message);
            return;
        }
        await WriteAsync(http, new { added });
    }

    /// <summary>The body, or <c>null</c> after it has been refused.</summary>
    private static async Task<T?> ReadAsync<T>(HttpContext http)
        where T : class
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(http.Request.Body, ControlJson.Options, http.RequestAborted) is { } value) return value;
            await RefuseAsync(http, "the body is null");
        }
        catch (JsonException fault)
        {
            await RefuseAsync(http, fault.Message);
        }
        return null;
    }

    private static Task RefuseAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return WriteAsync(http, new { error = why });
    }

    private static Task WriteAsync<T>(HttpContext http, T value) =>
        http.Response.WriteAsJsonAsync(value, ControlJson.Options, http.RequestAborted);

    private static long Number(string? text, long otherwise) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private sealed record Grant(string Openid, string TemplateId, int Count = 1);

    private sealed record MemberReply(string Phone, string Content);

    private sealed record MemberTap(string Openid, string TemplateId, bool Accept = true);

    private sealed record ClockMove(long AdvanceSeconds);
}
