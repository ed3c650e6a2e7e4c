using System.Threading.Channels;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>Puts durable sends on the wire, never more at once than allowed, and hands out what came of each.</summary>
internal sealed class Sender(
    IWeChatApi weChat, SmsProviders sms, RunWatch runs, FlightRecorder recorder, Clocks clocks, IOptions<DispatchOptions> options, ILogger<Sender> logger) : IDisposable
{
    // Long before the settler may think of sending it again: a process that stood still in between lets it be.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(5);

    /// <summary>It did not leave: its run was stopped after its intent, or the intent is too old.</summary>
    public static readonly SendResult Withheld = SendResult.Refused(ErrorClass.None, "withheld");

    private readonly SemaphoreSlim _inFlight = new(options.Value.InFlight);

    /// <summary>Sends everything; each outcome is written to <paramref name="outcomes"/> as it comes, then the writer is completed.</summary>
    /// <remarks>Takes no token: what is durable as an intent is sent, each send under its own time-out, unless its run is stopped first.</remarks>
    public async Task SendAllAsync(IReadOnlyList<SendDecision> sends, ChannelWriter<Outcome> outcomes)
    {
        var running = new List<Task>(sends.Count);
        foreach (var send in sends)
        {
            if (send.Channel == Channel.Sms) continue;
            await _inFlight.WaitAsync().ConfigureAwait(false);
            running.Add(SendAsync([send], outcomes));
        }

        foreach (var call in SmsBatches.Calls(sends))
        {
            await _inFlight.WaitAsync().ConfigureAwait(false);
            running.Add(SendAsync(call, outcomes));
        }

        try
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
        finally
        {
            // Whoever writes the answers down waits for the end of them, also when one call broke: a sweep finds what it left.
            outcomes.Complete();
        }
    }

    public void Dispose() => _inFlight.Dispose();

    private async Task SendAsync(IReadOnlyList<SendDecision> call, ChannelWriter<Outcome> outcomes)
    {
        try
        {
            var going = await GoingAsync(call, outcomes).ConfigureAwait(false);
            if (going.Count == 0) return;
            var answer = await CallAsync(going).ConfigureAwait(false);
            // The provider has none of them: each goes by itself, so that the one at fault costs only itself.
            var again = going.Count > 1 && answer.IsForAll && MayBeAboutOne(answer[0]);
            for (var i = 0; i < going.Count; i++)
            {
                // The one before may have taken seconds: its run may have been stopped since.
                if (again && (await GoingAsync([going[i]], outcomes).ConfigureAwait(false)).Count == 0) continue;
                outcomes.TryWrite(new Outcome(going[i], again ? (await CallAsync([going[i]]).ConfigureAwait(false))[0] : answer[i]));
            }
        }
        finally
        {
            _inFlight.Release();
        }
    }

    // Those whose run still goes on and whose intent is fresh; the others are given back.
    private async ValueTask<IReadOnlyList<SendDecision>> GoingAsync(IReadOnlyList<SendDecision> call, ChannelWriter<Outcome> outcomes)
    {
        List<SendDecision>? withheld = null;
        foreach (var send in call)
        {
            if (!await runs.MaySendAsync(send.Message.Run).ConfigureAwait(false) || clocks.System.GetUtcNow() - send.IntendedAt > s_longestWait) (withheld ??= []).Add(send);
        }

        if (withheld is null) return call;
        foreach (var send in withheld) outcomes.TryWrite(new Outcome(send, Withheld));
        return [.. call.Except(withheld)];
    }

    private async ValueTask<CallAnswer> CallAsync(IReadOnlyList<SendDecision> call)
    {
        foreach (var send in call) recorder.Leaving(send.Slot, send.Message.Id, send.AttemptNo);
        CrashPoint.Reach("leaving");
        var answer = await ExchangeAsync(call).ConfigureAwait(false);
        for (var i = 0; i < call.Count; i++) recorder.Answered(call[i].Slot, answer[i]);
        return answer;
    }

    private async ValueTask<CallAnswer> ExchangeAsync(IReadOnlyList<SendDecision> call)
    {
        try
        {
            return call[0].Channel switch
            {
                Channel.WeChatSubscribe => CallAnswer.ForAll(await weChat.SendSubscribeAsync(
                    new SubscribeMessage(call[0].Address, call[0].TemplateId, call[0].Page, call[0].Values), CancellationToken.None).ConfigureAwait(false)),
                Channel.OfficialAccount => CallAnswer.ForAll(await weChat.SendTemplateAsync(
                    new OfficialAccountMessage(call[0].Address, call[0].TemplateId, call[0].Page, call[0].Reference, call[0].Values), CancellationToken.None).ConfigureAwait(false)),
                Channel.CustomerService => CallAnswer.ForAll(await weChat.SendCustomerServiceAsync(call[0].Chat!, CancellationToken.None).ConfigureAwait(false)),
                Channel.Sms => await sms.SendAsync(call[0].Provider, [.. call.Select(Sms)], CancellationToken.None).ConfigureAwait(false),
            };
        }
        catch (Exception failure)
        {
            // A fault of ours after the bytes may have left: nobody can say.
            Log.SendBroke(logger, call[0].Message.Id.Value, failure);
            return CallAnswer.ForAll(SendResult.InDoubt("client_fault"));
        }
    }

    // A number, its limit or one of its variables; what concerns the account is the same for all.
    private static bool MayBeAboutOne(SendResult result) =>
        result is { Accepted: Acceptance.No, Class: ErrorClass.PermanentRecipient or ErrorClass.PermanentTemplate or ErrorClass.Quota };

    private static SmsMessage Sms(SendDecision send) =>
        new(send.Address, send.Route!.SignName, send.TemplateId, send.Values, send.Reference) { ExtendCode = send.ExtendCode };
}
