using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>A reason with its stable code.</summary>
/// <param name="Code">For scripts.</param>
/// <param name="Text">For people.</param>
internal readonly record struct Reason(string Code, Phrase Text);

/// <summary>Counts what an import, or one batch of it, did.</summary>
internal sealed class ImportTally
{
    private readonly Dictionary<string, long> _corrected = [];
    private readonly Dictionary<string, long> _flagged = [];
    private readonly Dictionary<string, long> _rejected = [];
    private readonly Dictionary<(string Store, int Day), (int Tickets, int Lines, long Fen)> _totals = [];

    public long Rows { get; set; }

    public long Added { get; set; }

    public long Changed { get; set; }

    public long Unchanged { get; set; }

    public long Merged { get; set; }

    public long Parked { get; set; }

    public long Unparked { get; set; }

    public long ToReview { get; set; }

    public long RejectedRows { get; private set; }

    /// <summary>The refused rows of a batch, until the import hands them on; the whole import keeps none.</summary>
    public List<Rejection> Rejections { get; } = [];

    public void Reject(int line, string column, Reason reason) => Rejections.Add(new Rejection(line, column, reason.Code, reason.Text));

    public void Correct(string rule) => Count(_corrected, rule, 1);

    public void Flag(string rule) => Count(_flagged, rule, 1);

    public void Total(string store, int day, int tickets, int lines, long fen)
    {
        var sum = _totals.GetValueOrDefault((store, day));
        _totals[(store, day)] = (sum.Tickets + tickets, sum.Lines + lines, sum.Fen + fen);
    }

    /// <summary>Adds a batch; its refusals go to <paramref name="rejected"/> and are only counted here.</summary>
    public void Take(ImportTally batch, Action<Rejection>? rejected)
    {
        Rows += batch.Rows;
        Added += batch.Added;
        Changed += batch.Changed;
        Unchanged += batch.Unchanged;
        Merged += batch.Merged;
        Parked += batch.Parked;
        Unparked += batch.Unparked;
        ToReview += batch.ToReview;
        RejectedRows += batch.Rejections.Count;
        foreach (var (rule, count) in batch._corrected) Count(_corrected, rule, count);
        foreach (var (rule, count) in batch._flagged) Count(_flagged, rule, count);
        foreach (var ((store, day), total) in batch._totals) Total(store, day, total.Tickets, total.Lines, total.Fen);
        foreach (var rejection in batch.Rejections.OrderBy(r => r.Line))
        {
            Count(_rejected, rejection.Code, 1);
            rejected?.Invoke(rejection);
        }
    }

    public ImportReport ToReport() => new()
    {
        Rows = Rows,
        Added = Added,
        Changed = Changed,
        Unchanged = Unchanged,
        Merged = Merged,
        Parked = Parked,
        Unparked = Unparked,
        ToReview = ToReview,
        Rejected = _rejected,
        Corrected = _corrected,
        Flagged = _flagged,
        Totals = [.. _totals.OrderBy(t => t.Key.Store, StringComparer.Ordinal).ThenBy(t => t.Key.Day)
            .Select(t => new StoreDayTotal(t.Key.Store, t.Key.Day, t.Value.Tickets, t.Value.Lines, t.Value.Fen))],
    };

    private static void Count(Dictionary<string, long> counts, string rule, long by) => counts[rule] = counts.GetValueOrDefault(rule) + by;
}
