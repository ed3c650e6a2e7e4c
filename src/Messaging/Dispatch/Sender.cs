using System.Threading.Channels;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.WeChat;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>Puts durable sends on the wire, never more at once than allowed, and hands out what came of each.</summary>
internal sealed class Sender(IWeChatApi weChat, IAliyunSmsApi aliyun, IOptions<DispatchOptions> options, ILogger<Sender> logger) : IDisposable
{
    private readonly SemaphoreSlim _inFlight = new(options.Value.InFlight);

    /// <summary>Sends everything; each outcome is written to <paramref name="outcomes"/> as it comes, then the writer is completed.</summary>
    /// <remarks>Takes no token: what is durable as an intent is sent, each send under its own time-out.</remarks>
    public async Task SendAllAsync(IReadOnlyList<SendDecision> sends, ChannelWriter<Outcome> outcomes)
    {
        var running = new List<Task>(sends.Count);
        foreach (var send in sends.Where(s => s.Channel == Channel.WeChatSubscribe))
        {
            await _inFlight.WaitAsync().ConfigureAwait(false);
            running.Add(SendAsync([send], call => WeChatAsync(call[0]), outcomes));
        }

        foreach (var call in SmsBatches.Calls(sends))
        {
            await _inFlight.WaitAsync().ConfigureAwait(false);
            running.Add(SendAsync(call, SmsAsync, outcomes));
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        outcomes.Complete();
    }

    public void Dispose() => _inFlight.Dispose();

    private async Task SendAsync(IReadOnlyList<SendDecision> sends, Func<IReadOnlyList<SendDecision>, ValueTask<SendResult>> call, ChannelWriter<Outcome> outcomes)
    {
        try
        {
            var result = await CallAsync(sends, call).ConfigureAwait(false);
            if (sends.Count == 1 || !MayBeAboutOne(result))
            {
                foreach (var send in sends) outcomes.TryWrite(new Outcome(send, result));
                return;
            }

            // The provider has none of them: each goes by itself, so that the one at fault costs only itself.
            foreach (var send in sends) outcomes.TryWrite(new Outcome(send, await CallAsync([send], call).ConfigureAwait(false)));
        }
        finally
        {
            _inFlight.Release();
        }
    }

    private async ValueTask<SendResult> CallAsync(IReadOnlyList<SendDecision> sends, Func<IReadOnlyList<SendDecision>, ValueTask<SendResult>> call)
    {
        try
        {
            return await call(sends).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // A fault of ours after the bytes may have left: nobody can say.
            Log.SendBroke(logger, sends[0].Message.Id.Value, failure);
            return SendResult.InDoubt("client_fault");
        }
    }

    // A number, its limit or one of its variables; what concerns the account is the same for all.
    private static bool MayBeAboutOne(SendResult result) =>
        result is { Accepted: Acceptance.No, Class: ErrorClass.PermanentRecipient or ErrorClass.PermanentTemplate or ErrorClass.Quota };

    private ValueTask<SendResult> WeChatAsync(SendDecision send) =>
        weChat.SendSubscribeAsync(new SubscribeMessage(send.Address, send.TemplateId, send.Page, send.Values), CancellationToken.None);

    private ValueTask<SendResult> SmsAsync(IReadOnlyList<SendDecision> call) => call.Count == 1
        ? aliyun.SendAsync(Sms(call[0]), CancellationToken.None)
        : aliyun.SendBatchAsync([.. call.Select(Sms)], CancellationToken.None);

    private static SmsMessage Sms(SendDecision send) => new(send.Address, send.SignName, send.TemplateId, send.Values, send.Reference);
}
