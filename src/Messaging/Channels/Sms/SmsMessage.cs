namespace Engagement.Messaging.Channels.Sms;

/// <summary>One SMS of an approved template to one number, ready to go.</summary>
/// <param name="PhoneDigits">The eleven digits of a mainland mobile number.</param>
/// <param name="SignName">The approved signature, without its brackets.</param>
/// <param name="TemplateCode">The provider's code of the approved template.</param>
/// <param name="Parameters">A value for every variable of the template.</param>
/// <param name="OutId">Our reference, which comes back in the receipt.</param>
internal sealed record SmsMessage(
    string PhoneDigits,
    string SignName,
    string TemplateCode,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    string OutId)
{
    /// <summary>Names neither the recipient nor what they are told.</summary>
    public override string ToString() => $"SmsMessage {{ TemplateCode = {TemplateCode}, OutId = {OutId} }}";
}
