using System.Globalization;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;

namespace Engagement.Sandbox.WeChat;

/// <summary>A message that an app wants to send; its kind knows the rules.</summary>
internal interface IWeChatMessage
{
    Channel Channel { get; }

    /// <summary>Why it is refused; otherwise it is taken, and what it uses up is used up.</summary>
    WeChatError? Refusal();

    /// <summary>The entry for the ledger.</summary>
    LedgerEntry Describe(string msgId);

    /// <summary>Its number: <paramref name="msgId"/>, or the first one when this is a repeat, which is not sent again.</summary>
    long Register(long msgId) => msgId;
}

/// <summary>What all three kinds of message pass: faults, their own rules, the ledger, receipts, the fate of the answer.</summary>
internal sealed class SendDesk(
    SandboxOptions options, MessageLedger ledger, Counters counters, Faults faults, Receipts receipts, WeChatAnswer answer, SandboxClock clock, TimeProvider system)
{
    // 64 bits, beyond what a double holds, and rising.
    private long _lastMsgId = 3_000_000_000_000_000_000 + clock.GetUtcNow().ToUnixTimeSeconds() * 100_000_000;

    public async Task SendAsync<T>(HttpContext http, T message)
        where T : IWeChatMessage
    {
        var fault = faults.Draw(message.Channel);
        // A client that has gone away meanwhile does not undo what it sent.
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), system, CancellationToken.None);
        if (fault.ErrorCode is { } forced)
        {
            await answer.RefuseForcedAsync(http, forced);
            return;
        }
        if (!options.Fast && message.Refusal() is { } refusal)
        {
            await answer.RefuseAsync(http, refusal);
            return;
        }

        var fresh = Interlocked.Increment(ref _lastMsgId);
        var msgId = message.Register(fresh);
        if (msgId == fresh) await RecordAsync(message, fresh, fault.ReceiptBeforeResponse);
        if (await AnswerLoss.SufferAsync(http, fault, system)) return;
        await (message.Channel == Channel.CustomerService ? answer.WriteAsync(http, WeChatReply.Ok) : WeChatAnswer.AcceptedAsync(http, msgId));
    }

    private async Task RecordAsync<T>(T message, long msgId, bool receiptBeforeResponse)
        where T : IWeChatMessage
    {
        var seq = ledger.Append(message.Describe(msgId.ToString(CultureInfo.InvariantCulture)));
        counters.CountAccepted(message.Channel, 1);
        // Nobody reports on a chat.
        if (message.Channel == Channel.CustomerService) ledger.SetStatus(seq, DeliveryStatus.Delivered);
        else await receipts.PlanAsync(message.Channel, seq, receiptBeforeResponse, CancellationToken.None);
    }
}
