using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.Sms.Routing;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>The SMS that carries a verification code. Bound from <c>Sms:Verification</c>.</summary>
public sealed class VerificationOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Sms:Verification";

    /// <summary>The approved template of each provider (<c>aliyun</c>, <c>tencent</c>); its only variable is the code. Empty: no codes by SMS.</summary>
    public Dictionary<string, string> Templates { get; } = new(StringComparer.Ordinal);

    /// <summary>The variable's name, where a provider takes variables by name.</summary>
    /// <value>Default <c>code</c>.</value>
    public string Variable { get; set; } = "code";

    /// <summary>The approved signature, without its brackets.</summary>
    public string SignName { get; set; } = "";
}

/// <summary>What came of sending a code.</summary>
public enum VerificationSent
{
    /// <summary>A provider took it, or nobody can say that none did: the code may arrive.</summary>
    Sent = 1,

    /// <summary>The number takes no SMS.</summary>
    NumberRefused = 2,

    /// <summary>No provider takes it now.</summary>
    Unavailable = 3,
}

/// <summary>Sends verification codes: at once, at most once, and outside the outbox, for whoever is to get one need not be a member yet.</summary>
public sealed class VerificationSms
{
    private readonly SmsProviders _providers;
    private readonly VerificationOptions _options;

    internal VerificationSms(SmsProviders providers, IOptions<VerificationOptions> options) => (_providers, _options) = (providers, options.Value);

    /// <summary>Sends one code.</summary>
    /// <param name="phone">To whom.</param>
    /// <param name="code">The code.</param>
    /// <param name="reference">Our reference, which comes back in the receipt.</param>
    /// <param name="ct">Stops before a request begins.</param>
    public async Task<VerificationSent> SendAsync(PhoneNumber phone, string code, string reference, CancellationToken ct)
    {
        foreach (var provider in _providers.All)
        {
            if (!_options.Templates.TryGetValue(provider.Name, out var template)) continue;
            var message = new SmsMessage(phone.Digits, _options.SignName, template, [new(_options.Variable, code)], reference);
            var result = (await _providers.SendAsync(provider.Name, [message], ct).ConfigureAwait(false))[0];
            // Only a definite refusal lets another provider try; what is in doubt may arrive.
            if (result.Accepted != Acceptance.No) return VerificationSent.Sent;
            if (result.Class == ErrorClass.PermanentRecipient) return VerificationSent.NumberRefused;
        }

        return VerificationSent.Unavailable;
    }
}
