using Engagement.Storage;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Content;

/// <summary>What was approved.</summary>
public enum SmsSubject
{
    /// <summary>A template, by the provider's code.</summary>
    Template = 1,

    /// <summary>A signature, by its name.</summary>
    Signature = 2,
}

/// <summary>A provider's word on one of our templates or signatures.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Subject">A template or a signature.</param>
/// <param name="Code">Its code or name there.</param>
/// <param name="State">How far it is.</param>
/// <param name="Type">What the provider takes a template for.</param>
/// <param name="Reason">Why it was refused, in the provider's words; empty when it was not.</param>
public sealed record SmsApproval(string Provider, SmsSubject Subject, string Code, SmsApprovalState State, SmsTemplateType Type, string Reason);

/// <summary>Which SMS templates and signatures the providers have approved. What is not approved is not used. Thread-safe.</summary>
/// <remarks>Kept in the database and read again every half minute; what this process writes itself it knows at once.</remarks>
public sealed class SmsApprovals(Database database, Clocks clocks, ILogger<SmsApprovals> logger)
{
    private const int LongestReason = 300;
    /// <summary>The longest code or name that is kept.</summary>
    public const int LongestCode = 64;


    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(30);

    private const string SelectAll = """
        SELECT provider AS Provider, subject AS Subject, code AS Code, state AS State, type AS Type, reason AS Reason
        FROM   sms_approval
        ORDER BY provider, subject, code
        """;

    private const string Insert = "INSERT INTO sms_approval (provider, subject, code, state, type, reason, changed_at)";

    private volatile Known? _known;

    /// <summary>Reads what the providers have said, unless that was done just now.</summary>
    public async ValueTask RefreshAsync(CancellationToken ct)
    {
        var now = clocks.System.GetUtcNow();
        if (_known is { } known && now - known.At < s_fresh && now >= known.At) return;
        _known = new Known(now, (await AllAsync(ct).ConfigureAwait(false)).ToDictionary(a => (a.Provider, a.Subject, a.Code)));
    }

    /// <summary>Everything that a provider has said, for people.</summary>
    public async Task<IReadOnlyList<SmsApproval>> AllAsync(CancellationToken ct) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<Row>(SelectAll), ct).ConfigureAwait(false)).Select(row =>
            new SmsApproval(row.Provider, (SmsSubject)row.Subject, row.Code, (SmsApprovalState)row.State, (SmsTemplateType)row.Type, row.Reason))];

    /// <summary>Writes a provider's word in the caller's transaction; the newest counts.</summary>
    public async Task SaidAsync(Tx tx, SmsApproval said)
    {
        await WriteAsync(tx, said, $"""
            {tx.Dialect.OnConflictUpdate("provider, subject, code")} state = {tx.Dialect.New("state")}, type = {tx.Dialect.New("type")},
                reason = {tx.Dialect.New("reason")}, changed_at = {tx.Dialect.New("changed_at")}
            """).ConfigureAwait(false);
        SmsApprovalLog.ApprovalChanged(logger, said.Provider, said.Subject, said.Code, said.State, said.Reason);
    }

    /// <summary>Writes what a template file says of itself, unless the provider has said something already.</summary>
    internal async Task DeclareAsync(Tx tx, SmsContent content)
    {
        foreach (var provider in content.Providers)
        {
            if (content.At(provider) is not { State: { } state and not SmsApprovalState.Approved } there) continue;
            await WriteAsync(tx, new SmsApproval(provider, SmsSubject.Template, there.Template, state, SmsTemplateType.Unknown, ""),
                tx.Dialect.OnConflictKeep("provider, subject, code")).ConfigureAwait(false);
        }
    }

    internal bool Approves(string provider, string template, string signName) =>
        Of(provider, SmsSubject.Template, template)?.State is null or SmsApprovalState.Approved && Of(provider, SmsSubject.Signature, signName)?.State is null or SmsApprovalState.Approved;

    internal SmsTemplateType TypeOf(string provider, string template) => Of(provider, SmsSubject.Template, template)?.Type ?? SmsTemplateType.Unknown;

    private SmsApproval? Of(string provider, SmsSubject subject, string code) => _known?.Approvals.GetValueOrDefault((provider, subject, code));

    private async Task WriteAsync(Tx tx, SmsApproval said, string conflict)
    {
        await tx.InsertManyAsync(Insert, [said], (a, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6]) =
            (a.Provider, (int)a.Subject, a.Code, (int)a.State, (int)a.Type, a.Reason.Length <= LongestReason ? a.Reason : a.Reason[..LongestReason], clocks.Business.NowMs()),
            conflict).ConfigureAwait(false);
        // Read again with the next wave; until then what was known holds.
        tx.AfterCommit(() => _known = _known is { } known ? known with { At = DateTimeOffset.MinValue } : null);
    }

    private sealed record Known(DateTimeOffset At, IReadOnlyDictionary<(string, SmsSubject, string), SmsApproval> Approvals);

    private sealed class Row
    {
        public string Provider { get; init; } = "";
        public long Subject { get; init; }
        public string Code { get; init; } = "";
        public long State { get; init; }
        public long Type { get; init; }
        public string Reason { get; init; } = "";
    }
}
