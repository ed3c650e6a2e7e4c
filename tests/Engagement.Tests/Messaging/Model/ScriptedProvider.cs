using Engagement.Messaging;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Dispatch;

namespace Engagement.Tests.Messaging.Model;

/// <summary>The provider of the model: it keeps a ledger of what it took, and answers questions truthfully, when it answers.</summary>
internal sealed class ScriptedProvider : ISmsProvider
{
    private int _count;

    /// <summary>Everything that it took since the sequence began.</summary>
    public List<Copy> Ledger { get; } = [];

    /// <summary>Whether it answers questions.</summary>
    public bool Answers { get; set; } = true;

    public void Reset()
    {
        Ledger.Clear();
        Answers = true;
    }

    public Copy Take(SendDecision send, long now)
    {
        var copy = new Copy(send.Message.Id.Value, send.AttemptNo, send.Channel, send.Address, send.Reference, $"taken-{++_count}", now);
        Ledger.Add(copy);
        return copy;
    }

    /// <summary>What it says of a send.</summary>
    public SmsFate FateOf(string address, string? reference) => !Answers ? SmsFate.NotAsked
        : Ledger.LastOrDefault(copy => copy.Channel == Channel.Sms && copy.Address == address && copy.Reference == reference)?.Fate ?? SmsFate.Unknown;

    public string Name => "aliyun";

    public bool IsConfigured => true;

    public SmsCapabilities Capabilities => SmsCapabilities.ByProvider["aliyun"];

    public ValueTask<SmsFinding> AskAsync(SmsSend send, CancellationToken ct) =>
        ValueTask.FromResult(new SmsFinding(FateOf(send.PhoneDigits, send.OutId), "SCRIPT"));

    public ValueTask<CallAnswer> SendAsync(IReadOnlyList<SmsMessage> call, CancellationToken ct) => throw new NotSupportedException("The model sends by itself.");
}
