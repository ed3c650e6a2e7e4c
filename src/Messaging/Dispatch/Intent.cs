using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Channels.WeChat;

namespace Engagement.Messaging.Dispatch;

/// <summary>What a wave decided on one message: to be made durable before anything leaves.</summary>
internal abstract record Decision(DueMessage Message, long GateVersion)
{
    /// <summary>The inbox text, encrypted; <c>null</c> when the message does not land there.</summary>
    public byte[]? InboxCipher { get; init; }

    /// <summary>Channels that were passed over, with their reasons.</summary>
    public string? Refusals { get; init; }
}

/// <summary>It goes out: the row becomes Sending, and only then the bytes leave.</summary>
internal sealed record SendDecision(DueMessage Message, long GateVersion, Channel Channel) : Decision(Message, GateVersion)
{
    public int AttemptNo => Message.AttemptNo + 1;

    public required DeliveryClass Class { get; init; }

    public required string Provider { get; init; }

    public CampaignId? Campaign { get; init; }

    /// <summary>Our reference, which travels with the send.</summary>
    public required string Reference { get; init; }

    /// <summary>The openid or the phone's digits. Never logged.</summary>
    public required string Address { get; init; }

    public string? AddressIndex { get; init; }

    /// <summary>The provider's template.</summary>
    public required string TemplateId { get; init; }

    public string? Page { get; init; }

    /// <summary>What a chat is told, and where; <c>null</c> for any other channel.</summary>
    public CustomerServiceMessage? Chat { get; init; }

    /// <summary>The customer-service window that the intent takes one from; 0 for any other channel.</summary>
    public long WindowId { get; init; }

    /// <summary>For an SMS: by which provider, and how it takes it.</summary>
    public SmsRoute? Route { get; init; }

    /// <summary>For an SMS: the extension code that replies come back to.</summary>
    public string ExtendCode { get; init; } = "";

    /// <summary>Keyword or variable, and value.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Values { get; init; }

    public required byte[] TextCipher { get; init; }

    public int Segments { get; init; }

    public long CostFen { get; init; }

    /// <summary>Its place in the flight recorder, given when its intent is durable.</summary>
    public int Slot { get; set; }

    /// <summary>When its intent became durable (system time).</summary>
    public DateTimeOffset IntendedAt { get; set; }

    /// <summary>Masked: it holds an address and a text.</summary>
    public override string ToString() => $"send {Message.Id} attempt {AttemptNo} by {Channel}";
}

/// <summary>It never goes out, or never again.</summary>
internal sealed record StopDecision(DueMessage Message, long GateVersion, MessageState State, string Reason) : Decision(Message, GateVersion);

/// <summary>It waits.</summary>
internal sealed record DeferDecision(DueMessage Message, long GateVersion, long Until) : Decision(Message, GateVersion);
