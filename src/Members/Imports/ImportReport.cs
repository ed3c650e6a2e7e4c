namespace Engagement.Members.Imports;

/// <summary>How an import runs.</summary>
/// <param name="DryRun">Check and count everything, write nothing.</param>
/// <param name="BatchRows">Rows that go into one commit. More rows dirty fewer pages each (measured 2026-11: 37 µs of processor a line with
/// 2,000, 31 with 5,000, 28 with 10,000), but everybody else who writes waits for them: 5,000 take about a tenth of a second.</param>
/// <param name="WeChatAccount">The mini-program account that openids of member rows belong to.</param>
/// <param name="Source">The source code of rows in files that have no such column.</param>
public sealed record ImportOptions(bool DryRun = false, int BatchRows = 5000, string WeChatAccount = "mini", string Source = "till");

/// <summary>How far an import is.</summary>
/// <param name="Rows">Rows read so far.</param>
/// <param name="Rejected">Of them, refused.</param>
/// <param name="Expected">About how many there are, when that is known: the lines of a file.</param>
public readonly record struct ImportProgress(long Rows, long Rejected, long? Expected = null);

/// <summary>A row that was not taken, and why.</summary>
/// <param name="Line">The line of the file.</param>
/// <param name="Column">The column whose value is at fault.</param>
/// <param name="Code">Stable code of the reason.</param>
/// <param name="Reason">The reason in both languages.</param>
public sealed record Rejection(int Line, string Column, string Code, Storage.Phrase Reason);

/// <summary>What an import did; the parts add up to <see cref="Rows"/>.</summary>
public sealed record ImportReport
{
    /// <summary>Rows read.</summary>
    public long Rows { get; init; }

    /// <summary>New rows.</summary>
    public long Added { get; init; }

    /// <summary>Rows whose content changed something that existed.</summary>
    public long Changed { get; init; }

    /// <summary>Rows that were there already, the same.</summary>
    public long Unchanged { get; init; }

    /// <summary>Rows merged into another member.</summary>
    public long Merged { get; init; }

    /// <summary>Refund rows that wait for the sale they name, which has not come yet.</summary>
    public long Parked { get; init; }

    /// <summary>Rows refused, by reason code.</summary>
    public IReadOnlyDictionary<string, long> Rejected { get; init; } = new Dictionary<string, long>();

    /// <summary>Values that were put right, by rule.</summary>
    public IReadOnlyDictionary<string, long> Corrected { get; init; } = new Dictionary<string, long>();

    /// <summary>Values that were taken as they are but deserve a look, by rule.</summary>
    public IReadOnlyDictionary<string, long> Flagged { get; init; } = new Dictionary<string, long>();

    /// <summary>Refund rows of earlier imports whose sale came with this one; they are in <see cref="Totals"/> but not in <see cref="Rows"/>.</summary>
    public long Unparked { get; init; }

    /// <summary>Pairs that a member of staff must look at.</summary>
    public long ToReview { get; init; }

    /// <summary>For purchases: what was added, per store and business day, to reconcile with.</summary>
    public IReadOnlyList<StoreDayTotal> Totals { get; init; } = [];
}

/// <summary>Purchases of one store on one day.</summary>
/// <param name="StoreCode">The store.</param>
/// <param name="BusinessDay">The day.</param>
/// <param name="Tickets">Tickets added.</param>
/// <param name="Lines">Lines added.</param>
/// <param name="NetFen">Their sum.</param>
public sealed record StoreDayTotal(string StoreCode, int BusinessDay, int Tickets, int Lines, long NetFen);
