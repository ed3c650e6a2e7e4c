using System.Text.Json.Serialization;
using Engagement.Messaging.Reports;

namespace Engagement.Api.Demo;

/// <summary>What a run did, as <c>DIR/summary.json</c> keeps it. The form is a contract; the figures are of this run only.</summary>
/// <param name="Members">Members in the installation.</param>
/// <param name="Purchases">Tickets in the installation.</param>
/// <param name="Runs">By producer.</param>
/// <param name="Sandbox">What the sandbox took in this run.</param>
/// <param name="Lost">Messages that we call accepted and the sandbox does not have, or the other way round.</param>
/// <param name="Duplicates">Copies that the sandbox has beyond the first.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Summary(
    long Members, long Purchases, IReadOnlyDictionary<string, RunSummary> Runs, SandboxSummary Sandbox, int Lost, int Duplicates, double Seconds)
{
    /// <summary>Of what the sandbox took, messages that an earlier run had left waiting: they are no figure of this run.</summary>
    [JsonIgnore]
    public int Earlier { get; init; }

    /// <summary>Whether every sum of the contract holds and the sandbox counted the same.</summary>
    public bool Holds()
    {
        var (sent, inDoubt) = (Runs.Values.Sum(run => run.Sent), Runs.Values.Sum(run => run.InDoubt));
        var accepted = Sandbox.Accepted - Earlier;
        return Lost == 0 && Duplicates == 0 && Runs.Values.All(run => run.Holds()) && accepted >= sent && accepted <= sent + inDoubt;
    }
}

/// <summary>What the sandbox took.</summary>
internal sealed record SandboxSummary(long Accepted, IReadOnlyDictionary<string, long> ByChannel);

/// <summary>One producer's figures.</summary>
internal sealed record RunSummary(
    int Audience, int Enqueued, int HeldOut, IReadOnlyDictionary<string, int> Excluded, int Sent, int Delivered, int Undelivered,
    IReadOnlyDictionary<string, int> Suppressed, int Failed, int InDoubt, int Pending)
{
    public static RunSummary Of(RunFigures run) => new(
        run.Audience, run.Enqueued, run.HeldOut, run.Excluded, run.Sent, run.Delivered, run.Undelivered, run.Suppressed, run.Failed, run.InDoubt, run.Pending);

    /// <summary>Whether audience = enqueued + held out + Σ excluded, and enqueued = sent + Σ suppressed + failed + in doubt + pending.</summary>
    public bool Holds() =>
        Audience == Enqueued + HeldOut + Excluded.Values.Sum()
        && Enqueued == Sent + Suppressed.Values.Sum() + Failed + InDoubt + Pending
        && Delivered + Undelivered <= Sent;
}
