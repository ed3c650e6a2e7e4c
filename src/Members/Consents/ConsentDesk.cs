using Engagement.Members.Minors;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.Consents;

/// <summary>What came of a yes or a no.</summary>
public enum ConsentOutcome
{
    /// <summary>It counts from now on, or was so before.</summary>
    Done = 1,

    /// <summary>The text has changed since it was shown.</summary>
    StaleText = 2,

    /// <summary>Membership is the contract: it ends with the account.</summary>
    Contract = 3,

    /// <summary>Under fourteen, a guardian must agree first.</summary>
    GuardianNeeded = 4,

    /// <summary>Not open to members under fourteen.</summary>
    Under14 = 5,
}

/// <summary>Where a purpose stands with a member.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Given">Yes, no, or <c>null</c> when it was never answered.</param>
/// <param name="TextVersion">The version that was agreed to or refused; empty when never.</param>
/// <param name="Source">Where it was said; empty when never.</param>
/// <param name="At">When (business time), Unix milliseconds.</param>
/// <param name="Renew">Whether the text changed so much that it must be asked again.</param>
/// <param name="MayAsk">Whether it may be asked now: not for 90 days after a no.</param>
public sealed record ConsentState(Purpose Purpose, bool? Given, string TextVersion, string Source, long? At, bool Renew, bool MayAsk);

/// <summary>Consent in the member's hand: given and taken back alike, each apart from the others.</summary>
public sealed class ConsentDesk(ConsentStore consents, GuardianDesk guardians, Clocks clocks, AuditLog audit)
{
    // Asking again and again is not asking (个人信息保护法 16).
    private static readonly TimeSpan s_rest = TimeSpan.FromDays(90);

    private const string Select = "SELECT purpose AS Purpose, granted AS Granted, text_version AS TextVersion, source AS Source, changed_at AS ChangedAt FROM consent WHERE member_id = @member";

    /// <summary>Every purpose, answered or not.</summary>
    public async Task<IReadOnlyList<ConsentState>> ListAsync(Session session, MemberId member)
    {
        var rows = (await session.QueryAsync<Row>(Select, new { member = member.Value }).ConfigureAwait(false)).ToDictionary(row => (Purpose)row.Purpose);
        var now = clocks.Business.NowMs();
        return [.. Enum.GetValues<Purpose>().Select(purpose => rows.TryGetValue(purpose, out var row)
            ? new ConsentState(purpose, row.Granted != 0, row.TextVersion, row.Source, row.ChangedAt, row.Granted != 0 && ConsentTexts.MustRenew(purpose, row.TextVersion),
                row.Granted == 0 && now - row.ChangedAt > s_rest.TotalMilliseconds)
            : new ConsentState(purpose, null, "", "", null, false, true))];
    }

    /// <summary>Takes a yes or a no, in the caller's write; the audit entry is its last statement.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="member">Whose.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="given">Yes or no.</param>
    /// <param name="textVersion">The version that was shown. A no needs none.</param>
    /// <param name="evidence">Where the proof is.</param>
    public async Task<ConsentOutcome> SetAsync(Tx tx, MemberId member, Purpose purpose, bool given, string textVersion, string evidence)
    {
        if (purpose == Purpose.Membership && !given) return ConsentOutcome.Contract;
        if (given && textVersion != ConsentTexts.Of(purpose).Version) return ConsentOutcome.StaleText;
        if (given && await guardians.OfAsync(tx, member).ConfigureAwait(false) is { Under14: true } minor)
        {
            if (GuardianDesk.Closed.Contains(purpose)) return ConsentOutcome.Under14;
            if (!minor.HasGuardian) return ConsentOutcome.GuardianNeeded;
        }

        var now = (await ListAsync(tx, member).ConfigureAwait(false)).First(state => state.Purpose == purpose);
        // The same word again about the same text is nothing new.
        if (now.Given == given && (!given || now.TextVersion == textVersion)) return ConsentOutcome.Done;
        await consents.RecordAsync(tx, [new ConsentChange(member, purpose, given, given ? textVersion : ConsentTexts.Of(purpose).Version, "miniprogram", evidence, clocks.Business.NowMs())]).ConfigureAwait(false);
        await audit.AppendAsync(tx, new AuditEntry(new AuditActor(member.Value, "member", "member"), given ? "consent.given" : "consent.withdrawn")
        {
            MemberId = member.Value, Subject = $"consent:{PurposeNames.Code(purpose)}",
        }).ConfigureAwait(false);
        return ConsentOutcome.Done;
    }

    private sealed class Row
    {
        public int Purpose { get; init; }
        public int Granted { get; init; }
        public string TextVersion { get; init; } = "";
        public string Source { get; init; } = "";
        public long ChangedAt { get; init; }
    }
}
