using System.Data.Common;
using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>The SQL of the points ledger. Entries, postings and moves are only inserted; the database refuses anything else.</summary>
internal static class LedgerStore
{
    private const string InsertAccount = "INSERT INTO points_account (member_id, pending, active, owed, next_day)";
    internal const string SelectAccounts = "SELECT member_id, pending, active, owed, next_day FROM points_account WHERE member_id IN";
    private const string LotColumns = "member_id, id, order_id, earned, remaining, activates_day, valid_days, expires_day";
    internal const string SelectOpenLots = $"SELECT {LotColumns} FROM points_lot WHERE remaining > 0 AND member_id IN";
    private const string SelectLots = $"SELECT {LotColumns} FROM points_lot WHERE member_id = @p0 AND id IN";
    private const string InsertLot = $"INSERT INTO points_lot ({LotColumns})";
    private const string EntryColumns = "id, member_id, kind, idem_key, day, made_at, points, active_after, until_day, about_id, about";
    private const string InsertEntry = $"INSERT INTO points_entry ({EntryColumns})";

    internal const string SelectByKey = """
        SELECT id AS Id, member_id AS MemberId, kind AS Kind, points AS Points, active_after AS ActiveAfter, about AS About
        FROM   points_entry
        WHERE  idem_key = @key
        """;

    private const string InsertPosting = "INSERT INTO points_posting (entry_id, seq, account, part, amount)";
    private const string InsertMove = "INSERT INTO points_move (entry_id, seq, lot_id, amount)";
    internal const string SelectMoves = "SELECT lot_id AS LotId, amount AS Amount FROM points_move WHERE entry_id = @entry ORDER BY seq";
    internal const string SelectDue = "SELECT member_id FROM points_account WHERE next_day <= @today ORDER BY next_day LIMIT @limit";

    private static readonly BatchUpdate s_updateLot = new("points_lot", "member_id, id, remaining, expires_day",
        "remaining = {remaining}, expires_day = {expires_day}", "id = {id}");

    /// <summary>Locks the accounts until commit, making those that are missing. SQLite has one writer, who needs no lock.</summary>
    public static Task LockAsync(Tx tx, IReadOnlyList<long> members) => tx.Dialect == Dialect.Sqlite ? Task.CompletedTask : tx.InsertManyAsync(InsertAccount, members,
        static (member, v) => (v[0], v[1], v[2], v[3], v[4]) = (member, 0L, 0L, 0L, null), tx.Dialect.OnConflictKeep("member_id"));

    public static Task ReadAccountsAsync(Session session, IReadOnlyList<long> members, Func<long, Account> account) =>
        session.ReadInAsync(SelectAccounts, members, row => account(row.GetInt64(0))
            .Load(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt32(4)));

    /// <summary>All lots in which something is left.</summary>
    public static Task ReadOpenLotsAsync(Session session, IReadOnlyList<long> members, Func<long, Account> account) =>
        session.ReadInAsync(SelectOpenLots, members, row => account(row.GetInt64(0)).Load(ReadLot(row)));

    /// <summary>Lots of one member by id, also those of which nothing is left.</summary>
    public static Task ReadLotsAsync(Session session, Account account, IReadOnlyList<long> lots) =>
        session.ReadInAsync(SelectLots, lots, row => account.Load(ReadLot(row)), account.Member);

    public static Task<EntryRow?> EntryAsync(Session session, string key) => session.SingleOrDefaultAsync<EntryRow>(SelectByKey, new { key });

    public static async Task<IReadOnlyList<Move>> MovesAsync(Session session, long entry) =>
        [.. (await session.QueryAsync<MoveRow>(SelectMoves, new { entry }).ConfigureAwait(false)).Select(row => new Move(row.LotId, row.Amount))];

    /// <summary>Members for whom something becomes active or expires.</summary>
    public static Task<List<long>> DueAsync(Session session, int today, int limit) => session.QueryAsync<long>(SelectDue, new { today, limit });

    /// <summary>Writes what has come about, whatever the number of members.</summary>
    public static async Task SaveAsync(Tx tx, IReadOnlyList<Account> accounts, long now)
    {
        var entries = accounts.SelectMany(account => account.Entries).OrderBy(entry => entry.Id).ToList();
        var lots = accounts.SelectMany(account => account.Lots.Select(lot => (account.Member, Lot: lot))).ToList();
        await tx.InsertManyAsync(InsertEntry, entries, (entry, v) => Fill(entry, now, v)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertPosting, Numbered(entries, entry => entry.Postings), static (row, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (row.Entry, row.Seq, (int)row.Item.Account, (int)row.Item.Part, row.Item.Amount)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertMove, Numbered(entries, entry => entry.Moves), static (row, v) =>
            (v[0], v[1], v[2], v[3]) = (row.Entry, row.Seq, row.Item.LotId, row.Item.Amount)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertLot, lots.FindAll(l => l.Lot.IsNew), static (l, v) => FillLot(l.Member, l.Lot, v)).ConfigureAwait(false);
        await tx.UpdateManyAsync(s_updateLot, lots.FindAll(l => l.Lot is { IsNew: false, IsChanged: true }), static (l, v) =>
            (v[0], v[1], v[2], v[3]) = (l.Member, l.Lot.Id, l.Lot.Remaining, l.Lot.ExpiresDay)).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertAccount, accounts, static (account, v) =>
            (v[0], v[1], v[2], v[3], v[4]) = (account.Member, account.Pending, account.Active, account.Owed, account.NextDay), AccountConflict(tx.Dialect)).ConfigureAwait(false);
    }

    private static List<(long Entry, int Seq, T Item)> Numbered<T>(List<LedgerEntry> entries, Func<LedgerEntry, List<T>> items)
    {
        var rows = new List<(long, int, T)>(entries.Count * 2);
        foreach (var entry in entries)
        {
            var seq = 0;
            foreach (var item in items(entry)) rows.Add((entry.Id, ++seq, item));
        }

        return rows;
    }

    private static string AccountConflict(Dialect dialect) => $"""
        {dialect.OnConflictUpdate("member_id")}
            pending = {dialect.New("pending")}, active = {dialect.New("active")}, owed = {dialect.New("owed")}, next_day = {dialect.New("next_day")}
        """;

    private static void Fill(LedgerEntry entry, long now, object?[] values)
    {
        (values[0], values[1], values[2], values[3]) = (entry.Id, entry.Member, (int)entry.Kind, entry.Key);
        (values[4], values[5], values[6], values[7]) = (entry.Day, now, entry.Points, entry.ActiveAfter);
        (values[8], values[9], values[10]) = (entry.UntilDay, entry.AboutId, entry.About);
    }

    private static void FillLot(long member, Lot lot, object?[] values)
    {
        (values[0], values[1], values[2], values[3]) = (member, lot.Id, lot.OrderId, lot.Earned);
        (values[4], values[5], values[6], values[7]) = (lot.Remaining, lot.ActivatesDay, lot.ValidDays, lot.ExpiresDay);
    }

    private static Lot ReadLot(DbDataReader row) => new()
    {
        Id = row.GetInt64(1), OrderId = row.IsDBNull(2) ? null : row.GetInt64(2), Earned = row.GetInt64(3), Remaining = row.GetInt64(4),
        ActivatesDay = row.GetInt32(5), ValidDays = row.GetInt32(6), ExpiresDay = row.IsDBNull(7) ? null : row.GetInt32(7),
    };

    /// <summary>An entry as a repeated request meets it.</summary>
    internal sealed class EntryRow
    {
        public long Id { get; init; }
        public long MemberId { get; init; }
        public long Kind { get; init; }
        public long Points { get; init; }
        public long ActiveAfter { get; init; }
        public string About { get; init; } = "";

        /// <summary>Whether it is what the request asks for.</summary>
        public bool Says(EntryKind kind, long member, long points, string about) => Kind == (int)kind && MemberId == member && Points == points && About == about;
    }

    private sealed class MoveRow
    {
        public long LotId { get; init; }
        public long Amount { get; init; }
    }
}
