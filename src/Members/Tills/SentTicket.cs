using Engagement.Members.Imports;
using Engagement.Members.Purchases;
using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>What makes two tickets of a batch the same one.</summary>
internal readonly record struct SentKey(string StoreCode, string TicketNo, string TillNo, string Source);

/// <summary>A ticket of a batch on its way in.</summary>
internal sealed class SentTicket
{
    private readonly HashSet<int> _rows;

    private SentTicket(IReadOnlyList<PurchaseLineRow> sent, IReadOnlyList<CheckedLine> lines, TicketResult? fault)
    {
        (Lines, Fault) = (lines, fault);
        _rows = [.. sent.Select(row => row.Line)];
    }

    /// <summary>Its lines, checked.</summary>
    public IReadOnlyList<CheckedLine> Lines { get; }

    /// <summary>Why it cannot be taken, as far as that can be seen without the database.</summary>
    public TicketResult? Fault { get; }

    /// <summary>What the database had to say; set anew when the write runs again.</summary>
    public TicketResult? Answer { get; set; }

    /// <summary>The ticket of the same number that stands before it in the batch.</summary>
    public SentTicket? Repeats { get; set; }

    public long StoreId { get; set; }

    public PurchaseLineRow Head => Lines[0].Row;

    public SentKey Key => new(Head.StoreCode, Head.TicketNo, Head.TillNo, Head.Source);

    public TicketKey TicketKey => new(StoreId, Head.TicketNo, Head.TillNo, Head.Source);

    /// <summary>Checks a ticket without the database.</summary>
    public static SentTicket Check(IReadOnlyList<PurchaseLineRow> rows, PurchaseChecks checks)
    {
        var tally = new ImportTally();
        var lines = rows.Select(row => checks.Check(row, tally)).OfType<CheckedLine>().ToList();
        if (rows.Count == 0) tally.Reject(0, "lines", Reasons.Missing);
        foreach (var row in rows.GroupBy(row => row.LineNo).SelectMany(same => same.Skip(1))) tally.Reject(row.Line, "line_no", Reasons.RepeatedKey);
        return new SentTicket(rows, lines, tally.Rejections.Count == 0 ? null : new TicketResult(TicketOutcome.Refused, tally.Rejections));
    }

    /// <summary>Whether the row is one of its lines.</summary>
    public bool Has(int row) => _rows.Contains(row);

    /// <summary>Says that the whole ticket is not taken.</summary>
    public TicketResult Refuse(Reason reason, string column, TicketOutcome outcome = TicketOutcome.Refused) =>
        Answer = new TicketResult(outcome, [new Rejection(Head.Line, column, reason.Code, reason.Text)]);

    /// <summary>Says which of its lines were not taken, and so nothing of it. Changed content can only be seen there by two deliveries at once.</summary>
    public void Refuse(IEnumerable<Rejection> faults)
    {
        var own = faults.Where(fault => Has(fault.Line)).ToList();
        Answer = new TicketResult(own.Exists(fault => fault.Code == Reasons.ChangedContent.Code) ? TicketOutcome.Conflict : TicketOutcome.Refused, own);
    }

    /// <summary>What became of it in the end.</summary>
    public TicketResult Result()
    {
        if (Fault is not null) return Fault;
        if (Repeats is not { } first) return Answer!;
        if (!Says(first)) return new TicketResult(TicketOutcome.Conflict, [new Rejection(Head.Line, "ticket_no", Reasons.RepeatedKey.Code, Reasons.RepeatedKey.Text)]);
        return first.Answer!.Outcome == TicketOutcome.Stored ? new TicketResult(TicketOutcome.Unchanged, []) : first.Answer;
    }

    private bool Says(SentTicket other) =>
        Lines.Count == other.Lines.Count && Head.MemberId == other.Head.MemberId && Head.MemberNo == other.Head.MemberNo && Head.Phone == other.Head.Phone
        && Lines.Zip(other.Lines).All(pair => pair.First.Row.LineNo == pair.Second.Row.LineNo && pair.First.Hash == pair.Second.Hash);
}

/// <summary>What is known of the tickets of a batch: stored lines, and lines that wait for their sale.</summary>
internal sealed class KeptTickets
{
    private readonly Dictionary<TicketKey, StoredTicket> _heads = [];
    private readonly Dictionary<TicketKey, Dictionary<int, string>> _lines = [];
    private readonly HashSet<TicketKey> _parked = [];

    public static async Task<KeptTickets> ReadAsync(Session session, IReadOnlyList<TicketKey> keys)
    {
        var kept = new KeptTickets();
        await session.ReadTicketsAsync(keys, kept._heads.Add).ConfigureAwait(false);
        var byId = kept._heads.ToDictionary(head => head.Value.Id, head => head.Key);
        foreach (var ((ticket, line), hash) in await session.LineHashesAsync([.. byId.Keys]).ConfigureAwait(false)) kept.Of(byId[ticket]).Add(line, hash);
        await session.ReadParkedLinesAsync(keys, (key, line, hash) =>
        {
            kept._parked.Add(key);
            kept.Of(key)[line] = hash;
        }).ConfigureAwait(false);
        return kept;
    }

    public bool Has(TicketKey key) => _lines.ContainsKey(key);

    public bool IsParked(TicketKey key) => _parked.Contains(key);

    /// <summary>Whether a ticket that came again says what is kept: the same lines, and no other buyer.</summary>
    public bool Same(SentTicket ticket, long? buyer)
    {
        var lines = _lines[ticket.TicketKey];
        if (lines.Count != ticket.Lines.Count || ticket.Lines.Any(line => lines.GetValueOrDefault(line.Row.LineNo) != line.Hash)) return false;
        return !_heads.TryGetValue(ticket.TicketKey, out var head) || buyer is null || head.MemberId is null || head.MemberId == buyer;
    }

    private Dictionary<int, string> Of(TicketKey key) => _lines.TryGetValue(key, out var lines) ? lines : _lines[key] = [];
}
