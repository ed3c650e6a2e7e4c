using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;

namespace Engagement.Sandbox.WeChat;

/// <summary>Pushes what happens in one app, one thing a request.</summary>
internal abstract class WeChatPushes(WeChatAccount account, Counters counters, TimeProvider system)
    : PushLine(new PushQueue(system), counters, system, hands: 32, batch: 1)
{
    private readonly TimeProvider _system = system;

    private WeChatPushSetup? Push => account.Setup?.Push;

    protected override TimeSpan TimeLimit => TimeSpan.FromMilliseconds(Push?.TimeoutMs ?? 5_000);

    protected override TimeSpan? WaitAfter(int attempt) =>
        Push is { } push && attempt < push.Attempts ? TimeSpan.FromMilliseconds(push.RetryDelayMs) : null;

    /// <summary>What the receipt of an accepted message says; <c>null</c> when there is none to push.</summary>
    protected abstract IWeChatPush? ReceiptOf(long seq);

    /// <summary>Pushes something that has happened.</summary>
    public void Tell(IWeChatPush pushed) => Add(new PushItem(0, pushed), TimeSpan.Zero);

    /// <summary>Whether the push URL gives the echo of a signed GET back, unchanged and as its whole answer.</summary>
    public async Task<bool> CheckUrlAsync(CancellationToken ct)
    {
        if (Push is not { } push) return false;
        var echo = RandomNumberGenerator.GetInt32(100_000_000, int.MaxValue).ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{PushEnvelope.SignedUrl(push, _system.GetUtcNow()).Url}&echostr={echo}");
        return await PostAsync(request, async response => response.StatusCode == HttpStatusCode.OK && await response.Content.ReadAsStringAsync(ct) == echo, ct);
    }

    protected override HttpRequestMessage? Build(IReadOnlyList<PushItem> items)
    {
        var pushed = items[0].Content as IWeChatPush ?? ReceiptOf(items[0].Seq);
        if (pushed is null || items[0].Silent || account.Setup is not { Push: { } push } app) return null;

        var (url, body) = PushEnvelope.Wrap(app, push, pushed, _system.GetUtcNow());
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        // JSON too has been sent as text/xml, and was left so: receivers have to look at the first byte.
        content.Headers.ContentType = new MediaTypeHeaderValue("text/xml");
        return new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
    }

    protected override async Task<bool> IsTakenAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.OK) return false;
        var answer = await response.Content.ReadAsStringAsync(ct);
        return answer.Length == 0 || answer == "success" || answer[0] is '<' or '{';
    }
}

/// <summary>The mini-program's: a sent event after each accepted message, popup and change events as people tap.</summary>
internal sealed class MiniProgramPushes(WeChatAccounts accounts, MessageLedger ledger, Faults faults, Counters counters, SandboxClock clock, TimeProvider system)
    : WeChatPushes(accounts.MiniProgram, counters, system)
{
    /// <summary>The failure of an asynchronous fault; no source names the number, so it stands here alone.</summary>
    private const string FailedCode = "1";

    protected override IWeChatPush? ReceiptOf(long seq)
    {
        if (ledger.Find(seq) is not { } entry) return null;
        var outcome = ReceiptOutcome.Of(entry, faults, FailedCode);
        if (outcome == "none") return null;

        ledger.SetStatus(seq, outcome is null ? DeliveryStatus.Delivered : DeliveryStatus.Undelivered);
        return WeChatEvent.Sent(entry.To, entry.TemplateId, entry.ProviderRef, outcome ?? "0",
            outcome is null ? "success" : "failed: system failed", clock.GetUtcNow());
    }
}

/// <summary>The official account's: a finish event after each accepted template message, and what followers do.</summary>
internal sealed class OfficialAccountPushes(
    WeChatAccounts accounts, MessageLedger ledger, People people, Faults faults, Counters counters, SandboxClock clock, TimeProvider system)
    : WeChatPushes(accounts.Official, counters, system)
{
    private const string Blocked = "failed:user block";
    private const string Failed = "failed: system failed";

    protected override IWeChatPush? ReceiptOf(long seq)
    {
        if (ledger.Find(seq) is not { } entry) return null;
        var outcome = ReceiptOutcome.Of(entry, faults, Failed)
            ?? (people.With(entry.To, AccountKind.OfficialAccount, person => person.Setup.Blocks) ? Blocked : null);
        if (outcome == "none") return null;

        ledger.SetStatus(seq, outcome is null ? DeliveryStatus.Delivered : DeliveryStatus.Undelivered);
        var status = outcome switch { null => "success", "user block" or Blocked => Blocked, _ => Failed };
        return WeChatNotice.Event("TEMPLATESENDJOBFINISH", entry.To, clock.GetUtcNow(), new("MsgID", entry.ProviderRef, IsNumber: true), new("Status", status));
    }
}
