namespace Engagement.Messaging.Channels.Sms;

/// <summary>One SMS of an approved template to one number, ready to go.</summary>
/// <param name="PhoneDigits">The eleven digits of a mainland mobile number.</param>
/// <param name="SignName">The approved signature, without its brackets.</param>
/// <param name="TemplateCode">The provider's code of the approved template.</param>
/// <param name="Parameters">A value for every variable of the template, in the provider's order.</param>
/// <param name="OutId">Our reference, which comes back in the receipt.</param>
internal sealed record SmsMessage(
    string PhoneDigits,
    string SignName,
    string TemplateCode,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    string OutId)
{
    /// <summary>The number behind ours that replies come back to; empty when none is used.</summary>
    public string ExtendCode { get; init; } = "";

    /// <summary>Names neither the recipient nor what they are told.</summary>
    public override string ToString() => $"SmsMessage {{ TemplateCode = {TemplateCode}, OutId = {OutId} }}";

    /// <summary>Checks what every provider's call must be.</summary>
    /// <exception cref="ArgumentException">The messages make no call.</exception>
    internal static void CheckCall(IReadOnlyList<SmsMessage> call, int most)
    {
        if (call.Count == 0 || call.Count > most) throw new ArgumentException($"A call has 1 to {most} messages.", nameof(call));
        var first = call[0];
        var numbers = new HashSet<string>(call.Count, StringComparer.Ordinal);
        foreach (var message in call)
        {
            if (message.TemplateCode != first.TemplateCode) throw new ArgumentException("A call has one template.", nameof(call));
            if (message.OutId != first.OutId) throw new ArgumentException("A call has one OutId.", nameof(call));
            if (!numbers.Add(message.PhoneDigits)) throw new ArgumentException("A call has no number twice: its receipts could not be told apart.", nameof(call));
        }
    }
}
