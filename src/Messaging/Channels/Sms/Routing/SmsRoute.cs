namespace Engagement.Messaging.Channels.Sms.Routing;

/// <summary>One way by which the SMS of one template may go: a provider, and what it calls the template.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Template">Its code of the approved template.</param>
/// <param name="SignName">The signature there, without brackets.</param>
/// <param name="Order">The variables in the provider's order; <c>null</c> where it takes them by name.</param>
/// <param name="Capabilities">What it takes, and how.</param>
internal sealed record SmsRoute(string Provider, string Template, string SignName, IReadOnlyList<string>? Order, SmsCapabilities Capabilities)
{
    /// <summary>The values as this provider wants them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Arrange(IReadOnlyList<KeyValuePair<string, string>> values) =>
        Order is null ? values : [.. Order.Select(name => values.First(value => value.Key == name))];

    /// <summary>What must be alike in messages that share a call.</summary>
    /// <param name="values">As arranged.</param>
    /// <param name="extendCode">The code that the message carries.</param>
    public string CallKey(IReadOnlyList<KeyValuePair<string, string>> values, string extendCode)
    {
        var common = $"{Provider}\n{Template}\n{SignName}\n{extendCode}";
        return Capabilities.SharedParameters && values.Count > 0 ? $"{common}\n{string.Join('\u001f', values.Select(value => value.Value))}" : common;
    }
}

/// <summary>Which ways are open to the SMS of one template, for one kind of message.</summary>
/// <param name="Open">The ways that may carry it, hours aside.</param>
/// <param name="Closed">A reason's code, when there is none.</param>
/// <param name="OpensAt">From when on one may (Unix milliseconds); 0 when one may now.</param>
internal sealed record SmsWay(IReadOnlyList<SmsRoute> Open, string? Closed, long OpensAt)
{
    /// <summary>The template has no SMS.</summary>
    public static readonly SmsWay None = new([], Gate.Reason.NoContent, 0);
}
