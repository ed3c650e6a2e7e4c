using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>Something that the ledger does not bear out.</summary>
/// <param name="Member">Whose.</param>
/// <param name="What">What: an entry, an account or a lot.</param>
/// <param name="Replayed">What the entries add up to.</param>
/// <param name="Kept">What is kept.</param>
public sealed record PointsMismatch(MemberId Member, string What, string Replayed, string Kept);

/// <summary>Replays the ledger: accounts and lots are made again from nothing but entries, postings and moves, and compared with what is kept (L1, L4–L6, L8).</summary>
public sealed class PointsAudit(Database database)
{
    private const string SelectEntries = "SELECT id, kind, points, until_day, about_id, day FROM points_entry WHERE member_id = @p0 ORDER BY id";
    private const string SelectPostings = "SELECT p.entry_id, p.account, p.amount FROM points_posting p JOIN points_entry e ON e.id = p.entry_id WHERE e.member_id = @p0";
    private const string SelectMoves = "SELECT m.lot_id, m.amount FROM points_move m JOIN points_entry e ON e.id = m.entry_id WHERE e.member_id = @p0";
    private const string SelectAccount = "SELECT pending, active, owed FROM points_account WHERE member_id = @p0";
    private const string SelectLots = "SELECT id, order_id, earned, remaining, activates_day, expires_day FROM points_lot WHERE member_id = @p0";

    /// <summary>What does not agree; nothing when all is well.</summary>
    public Task<IReadOnlyList<PointsMismatch>> CheckAsync(MemberId member, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var (found, sums) = (new List<PointsMismatch>(), new Dictionary<LedgerAccount, long>());
        await PostingsAsync(session, member, sums, found).ConfigureAwait(false);
        var replayed = await LotsAsync(session, member).ConfigureAwait(false);
        var kept = new Dictionary<long, ReplayedLot>();
        await session.ReadRowsAsync(SelectLots, row => kept.Add(row.GetInt64(0), new ReplayedLot(row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt64(2), row.GetInt64(3),
            row.GetInt32(4), row.IsDBNull(5) ? null : row.GetInt32(5))), member.Value).ConfigureAwait(false);
        foreach (var id in replayed.Keys.Union(kept.Keys)) Compare($"lot {id}", replayed.GetValueOrDefault(id), kept.GetValueOrDefault(id));

        var (pending, active, owed) = (0L, 0L, 0L);
        await session.ReadRowsAsync(SelectAccount, row => (pending, active, owed) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), member.Value).ConfigureAwait(false);
        Compare("pending", sums.GetValueOrDefault(LedgerAccount.Pending), pending);
        Compare("active", sums.GetValueOrDefault(LedgerAccount.Active), active);
        Compare("owed", -sums.GetValueOrDefault(LedgerAccount.Debt), owed);
        Compare("pending lots", replayed.Values.Where(lot => lot.ExpiresDay is null).Sum(lot => lot.Remaining), pending);
        Compare("active lots", replayed.Values.Where(lot => lot.ExpiresDay is not null).Sum(lot => lot.Remaining), active);
        Compare("programme accounts", -sums.Where(sum => sum.Key < LedgerAccount.Pending).Sum(sum => sum.Value), pending + active - owed);
        Compare("signs", true, pending >= 0 && active >= 0 && owed >= 0 && (active == 0 || owed == 0) && replayed.Values.All(lot => lot.Remaining >= 0 && lot.Remaining <= lot.Earned));
        return (IReadOnlyList<PointsMismatch>)found;

        void Compare<T>(string what, T replay, T keeps)
        {
            if (!EqualityComparer<T>.Default.Equals(replay, keeps)) found.Add(new PointsMismatch(member, what, $"{replay}", $"{keeps}"));
        }
    }, ct);

    private static async Task PostingsAsync(Session session, MemberId member, Dictionary<LedgerAccount, long> sums, List<PointsMismatch> found)
    {
        var entries = new Dictionary<long, long>();
        await session.ReadRowsAsync(SelectPostings, row =>
        {
            var (entry, account, amount) = (row.GetInt64(0), (LedgerAccount)row.GetInt32(1), row.GetInt64(2));
            entries[entry] = entries.GetValueOrDefault(entry) + amount;
            sums[account] = sums.GetValueOrDefault(account) + amount;
        }, member.Value).ConfigureAwait(false);
        found.AddRange(entries.Where(entry => entry.Value != 0).Select(entry => new PointsMismatch(member, $"entry {entry.Key}", "0", $"{entry.Value}")));
    }

    private static async Task<Dictionary<long, ReplayedLot>> LotsAsync(Session session, MemberId member)
    {
        var lots = new Dictionary<long, ReplayedLot>();
        await session.ReadRowsAsync(SelectEntries, row =>
        {
            var (id, kind, points, until, about) = (row.GetInt64(0), (EntryKind)row.GetInt32(1), row.GetInt64(2), row.IsDBNull(3) ? (int?)null : row.GetInt32(3), row.IsDBNull(4) ? (long?)null : row.GetInt64(4));
            if (kind == EntryKind.Earned) lots.Add(id, new ReplayedLot(about, points, points, until!.Value, null));
            else if (kind == EntryKind.Activated) lots[about!.Value] = lots[about.Value] with { ExpiresDay = until };
            else if (kind is EntryKind.Adjusted or EntryKind.Moved && points > 0) lots.Add(id, new ReplayedLot(about, points, points, row.GetInt32(5), until));
        }, member.Value).ConfigureAwait(false);
        await session.ReadRowsAsync(SelectMoves, row =>
        {
            var lot = lots[row.GetInt64(0)];
            lots[row.GetInt64(0)] = lot with { Remaining = lot.Remaining + row.GetInt64(1) };
        }, member.Value).ConfigureAwait(false);
        return lots;
    }

    private sealed record ReplayedLot(long? Order, long Earned, long Remaining, int ActivatesDay, int? ExpiresDay);
}
