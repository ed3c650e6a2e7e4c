namespace Engagement.Messaging.Channels.Sms.Routing;

/// <summary>The providers of SMS by name: through here everything is sent, and asked.</summary>
internal sealed class SmsProviders(IEnumerable<ISmsProvider> providers, SmsTraffic traffic)
{
    private static readonly SendResult s_nobody = SendResult.Refused(ErrorClass.Config, "unknown_provider");
    private static readonly SendResult s_resting = SendResult.Refused(ErrorClass.Retry, "provider_resting");

    private readonly Dictionary<string, ISmsProvider> _byName = providers.ToDictionary(provider => provider.Name, StringComparer.Ordinal);

    /// <summary>Those that messages may be given to.</summary>
    public IReadOnlyList<ISmsProvider> All { get; } = Usable([.. providers]);

    /// <summary>Those that have an account; where none has, the first of them, so that it says what is missing.</summary>
    public static IReadOnlyList<ISmsProvider> Usable(IReadOnlyList<ISmsProvider> providers)
    {
        List<ISmsProvider> configured = [.. providers.Where(provider => provider.IsConfigured)];
        return configured.Count > 0 ? configured : [providers[0]];
    }

    /// <summary>The provider with this name, or <c>null</c>.</summary>
    public ISmsProvider? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Sends one call by the provider that its intent names, and notes how that went.</summary>
    public async ValueTask<CallAnswer> SendAsync(string provider, IReadOnlyList<SmsMessage> call, CancellationToken ct)
    {
        if (Find(provider) is not { } found) return CallAnswer.ForAll(s_nobody);
        // Chosen before the others of its wave went unanswered. It has not left, so it may go another way.
        if (traffic.Rests(provider)) return CallAnswer.ForAll(s_resting);
        var answer = await found.SendAsync(call, ct).ConfigureAwait(false);
        traffic.Note(provider, answer, call.Count);
        return answer;
    }
}
