using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms;

namespace Engagement.Tests.Messaging.Channels.Routing;

/// <summary>A provider that errs as it is told.</summary>
internal sealed class PlannedProvider(string name, SmsCapabilities? capabilities = null) : ISmsProvider
{
    public string Name => name;

    public bool IsConfigured => true;

    public SmsCapabilities Capabilities { get; } = capabilities ?? SmsCapabilities.ByProvider[name];

    /// <summary>What it says of the number at a place of a call.</summary>
    public Func<int, SendResult> Says { get; set; } = _ => SendResult.Ok("OK", "ref");

    /// <summary>Whether it answers calls at all.</summary>
    public bool Answers { get; set; } = true;

    public List<int> Calls { get; } = [];

    public ValueTask<CallAnswer> SendAsync(IReadOnlyList<SmsMessage> call, CancellationToken ct)
    {
        Calls.Add(call.Count);
        return ValueTask.FromResult(Answers ? CallAnswer.Each([.. call.Select((_, i) => Says(i))]) : CallAnswer.ForAll(SendResult.InDoubt("timeout")));
    }

    public ValueTask<SmsFinding> AskAsync(SmsSend send, CancellationToken ct) =>
        ValueTask.FromResult(new SmsFinding(SmsFate.NotAsked, "not_asked"));
}
