using System.Buffers;
using System.Globalization;
using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Engagement.Sandbox.Sms;
using Engagement.Sandbox.Tencent;
using Engagement.Sandbox.WeChat;

namespace Engagement.Sandbox.Control;

/// <summary>The sandbox's own surface, <c>/_sandbox/…</c>: what it should be, what it took, and what people do with it.</summary>
internal sealed class ControlEndpoints(
    SandboxOptions options, CurrentSetup setup, ActEndpoints acts, GrantLedger grants, WeChatAccounts accounts, OfficialTemplateCalls officialTemplates,
    MessageLedger ledger, Counters counters, Faults faults, FlowControl flow, OptOuts optOuts, TencentFlow tencentFlow, TencentOutcomes tencentOutcomes,
    MiniProgramPushes miniProgram, OfficialAccountPushes official, SmsReportPushes smsReports, SmsUpPushes smsUps,
    TencentReportPushes tencentReports, TencentReplyPushes tencentReplies, SandboxClock clock)
{
    private PushLine[] Lines => [miniProgram, official, smsReports, smsUps, tencentReports, tencentReplies];

    public void Map(IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/_sandbox");
        control.MapGet("/health", http => ControlJson.WriteAsync(http, new { status = "ok", fast = options.Fast, pid = Environment.ProcessId }));
        control.MapPut("/setup", PutSetup);
        control.MapGet("/setup", GetSetup);
        acts.Map(control);
        control.MapGet("/messages", Messages);
        control.MapGet("/stats", Stats);
        control.MapPost("/reset", Reset);
        control.MapPost("/faults", SetFaults);
        control.MapPost("/clock", Advance);
        control.MapPost("/url-check", CheckUrl);
    }

    private async Task PutSetup(HttpContext http)
    {
        if (await ControlJson.ReadAsync<Setup>(http) is not { } wanted) return;
        if (wanted.Fault() is { } fault)
        {
            await ControlJson.RefuseAsync(http, fault);
            return;
        }
        // Tokens of another app, or of another secret, are worth nothing here.
        if (IsOther(wanted.WeChat, setup.WeChat)) accounts.MiniProgram.Tokens.RotateAll();
        if (IsOther(wanted.OfficialAccount, setup.OfficialAccount)) accounts.Official.Tokens.RotateAll();
        setup.Replace(wanted);
        await ControlJson.WriteAsync(http, new { ok = true });
    }

    private static bool IsOther(WeChatSetup? wanted, WeChatSetup? current) =>
        wanted?.AppId != current?.AppId || wanted?.AppSecret != current?.AppSecret;

    // What the inbox page needs to draw a card; no secret is among it.
    private Task GetSetup(HttpContext http) => ControlJson.WriteAsync(http, new
    {
        fast = options.Fast,
        wechat = setup.WeChat is { } app ? new { app.AppId, app.Templates } : null,
        officialAccount = setup.OfficialAccount is { } followed ? new { followed.AppId, followed.Templates } : null,
        tencent = setup.Tencent is { } cloud ? new { cloud.Signatures, cloud.Templates } : null,
        aliyun = setup.Aliyun is { } account ? new { account.Signatures, account.Templates } : null,
    });

    private async Task Messages(HttpContext http)
    {
        var query = http.Request.Query;
        var channelName = (string?)query["channel"];
        var channel = LedgerNames.ParseChannel(channelName);
        if (!string.IsNullOrEmpty(channelName) && channel is null)
        {
            await ControlJson.RefuseAsync(http, LedgerNames.KnownNames);
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
        return ControlJson.WriteAsync(http, new
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
        officialTemplates.Clear();
        accounts.ClearQuotas();
        flow.Clear();
        tencentFlow.Clear();
        tencentOutcomes.Clear();
        optOuts.Clear();
        faults.Clear();
        return ControlJson.WriteAsync(http, new { ok = true });
    }

    private async Task SetFaults(HttpContext http)
    {
        if (await ControlJson.ReadAsync<FaultSetup>(http) is not { } wanted) return;
        if (wanted.Fault() is { } fault)
        {
            await ControlJson.RefuseAsync(http, fault);
            return;
        }
        faults.Apply(wanted);
        if (wanted.ExpireTokens) accounts.ExpireTokens();
        if (wanted.RotateTokens) accounts.RotateTokens();
        await ControlJson.WriteAsync(http, new { ok = true });
    }

    // What WeChat does once, when the push URL is saved.
    private async Task CheckUrl(HttpContext http)
    {
        WeChatPushes line = http.Request.Query["account"] == "official" ? official : miniProgram;
        await ControlJson.WriteAsync(http, new { ok = await line.CheckUrlAsync(http.RequestAborted) });
    }

    private async Task Advance(HttpContext http)
    {
        if (await ControlJson.ReadAsync<ClockMove>(http) is not { } move) return;
        clock.Advance(TimeSpan.FromSeconds(move.AdvanceSeconds));
        await ControlJson.WriteAsync(http, new { now = clock.ChinaNow });
    }

    private static long Number(string? text, long otherwise) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private sealed record ClockMove(long AdvanceSeconds);
}
