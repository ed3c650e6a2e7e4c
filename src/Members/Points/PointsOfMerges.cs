using Engagement.Members.Merges;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Points;

/// <summary>Points, spending and referrals go with a member record that becomes part of another: by entries of the ledger, lot by lot, each with the days it had.</summary>
/// <remarks>
/// The tickets are the merge's own business and have been moved before; which they were stands in <c>member_merge_row</c>. A parting gives back what is left of the lots that came along;
/// what was spent meanwhile is spent, and a debt that was taken over stays.
/// </remarks>
internal sealed class PointsOfMerges(IdGenerator ids, Clocks clocks, EventStore events) : IMergePart
{
    private const string Tickets = "SELECT row_id FROM member_merge_row WHERE merge_id = @merge AND kind = 1";
    private const string MoveOrders = $"UPDATE points_order SET member_id = @to WHERE member_id = @from AND purchase_id IN ({Tickets})";
    private const string SelectOrders = $"SELECT day, order_lines FROM points_order WHERE purchase_id IN ({Tickets})";
    private const string SelectSpend = "SELECT day, fen FROM tier_spend WHERE member_id = @member";
    private const string Rest = "UPDATE member_tier SET next_day = NULL WHERE member_id = @member";
    private const string NoteRow = "INSERT INTO points_merge_row (merge_id, kind, row_id)";
    private const string SelectNoted = "SELECT row_id FROM points_merge_row WHERE merge_id = @merge AND kind = 1";

    private const string CopyBirthdays = """
        INSERT INTO birthday_benefit (member_id, year, taken_at, what)
        SELECT @to, g.year, g.taken_at, g.what FROM birthday_benefit g
        WHERE  g.member_id = @from AND NOT EXISTS (SELECT 1 FROM (SELECT year FROM birthday_benefit WHERE member_id = @to) k WHERE k.year = g.year)
        """;

    private const string NoteInviter = "INSERT INTO points_merge_row (merge_id, kind, row_id) SELECT @merge, 2, id FROM referral WHERE inviter_id = @from AND invited_id <> @to";
    private const string NoteInvited = """
        INSERT INTO points_merge_row (merge_id, kind, row_id)
        SELECT @merge, 3, id FROM referral WHERE invited_id = @from AND inviter_id <> @to AND NOT EXISTS (SELECT 1 FROM referral k WHERE k.invited_id = @to)
        """;

    private const string SetInviter = "UPDATE referral SET inviter_id = @member WHERE id IN (SELECT row_id FROM points_merge_row WHERE merge_id = @merge AND kind = 2)";
    private const string SetInvited = "UPDATE referral SET invited_id = @member WHERE id IN (SELECT row_id FROM points_merge_row WHERE merge_id = @merge AND kind = 3)";

    /// <inheritdoc/>
    public async Task MergeAsync(Tx tx, Merge merge)
    {
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        await OpenAsync(ledger, merge).ConfigureAwait(false);
        var (gone, kept) = (ledger[merge.From.Value], ledger[merge.To.Value]);
        if (gone.Give($"merge:{merge.Id}", ledger.Today, lot => true, withDebt: true) is { } given)
        {
            var came = given.Lots.ConvertAll(lot => kept.Take(lot.Lot, lot.Points, $"merge:{merge.Id}:{lot.Lot.Id}", ledger.Today));
            if (given.Owed > 0) kept.TakeDebt(given.Owed, $"merge:{merge.Id}:owed", ledger.Today);
            await ledger.SaveAsync().ConfigureAwait(false);
            await tx.InsertManyAsync(NoteRow, came, (lot, v) => (v[0], v[1], v[2]) = (merge.Id, 1, lot)).ConfigureAwait(false);
        }
        else
        {
            await ledger.SaveAsync().ConfigureAwait(false);
        }

        var ends = new { merge = merge.Id, from = merge.From.Value, to = merge.To.Value, member = merge.To.Value };
        await tx.ExecuteAsync(MoveOrders, ends).ConfigureAwait(false);
        await AddSpendAsync(tx, merge.To, await tx.QueryAsync<(long Day, long Fen)>(SelectSpend, new { member = merge.From.Value }).ConfigureAwait(false)).ConfigureAwait(false);
        // The record that goes is frozen as it is: nobody has to be told of a loss of its tier.
        await tx.ExecuteAsync(Rest, new { member = merge.From.Value }).ConfigureAwait(false);
        await tx.ExecuteAsync(CopyBirthdays, ends).ConfigureAwait(false);
        foreach (var sql in (string[])[NoteInviter, NoteInvited, SetInviter, SetInvited]) await tx.ExecuteAsync(sql, ends).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PartAsync(Tx tx, Merge merge)
    {
        var back = new { merge = merge.Id, from = merge.To.Value, to = merge.From.Value, member = merge.From.Value };
        var tickets = (await tx.QueryAsync<long>(Tickets, back).ConfigureAwait(false)).ToHashSet();
        var noted = (await tx.QueryAsync<long>(SelectNoted, back).ConfigureAwait(false)).ToHashSet();
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        await OpenAsync(ledger, merge).ConfigureAwait(false);
        var (gone, kept) = (ledger[merge.From.Value], ledger[merge.To.Value]);
        if (kept.Give($"part:{merge.Id}", ledger.Today, lot => noted.Contains(lot.Id) || (lot.OrderId is { } order && tickets.Contains(order)), withDebt: false) is { } given)
        {
            foreach (var lot in given.Lots) gone.Take(lot.Lot, lot.Points, $"part:{merge.Id}:{lot.Lot.Id}", ledger.Today);
        }

        await ledger.SaveAsync().ConfigureAwait(false);
        await tx.ExecuteAsync(MoveOrders, back).ConfigureAwait(false);

        // What those tickets count for by now, refunds since included, leaves the one record and is what the other has.
        var now = (await tx.QueryAsync<(long Day, string Lines)>(SelectOrders, back).ConfigureAwait(false))
            .GroupBy(order => order.Day, order => PointsOrder.ParseLines(order.Lines).Sum(line => line.Fen - line.RefundedFen)).Select(day => (Day: day.Key, Fen: day.Sum())).ToList();
        await AddSpendAsync(tx, merge.To, now.ConvertAll(day => (day.Day, -day.Fen))).ConfigureAwait(false);
        var frozen = (await tx.QueryAsync<(long Day, long Fen)>(SelectSpend, new { member = merge.From.Value }).ConfigureAwait(false)).ToDictionary(day => day.Day, day => day.Fen);
        var all = now.Select(day => day.Day).Union(frozen.Keys).Select(day => (Day: day, Fen: now.Where(one => one.Day == day).Sum(one => one.Fen) - frozen.GetValueOrDefault(day))).ToList();
        await AddSpendAsync(tx, merge.From, all).ConfigureAwait(false);
        await tx.ExecuteAsync(SetInviter, back).ConfigureAwait(false);
        await tx.ExecuteAsync(SetInvited, back).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM points_merge_row WHERE merge_id = @merge", back).ConfigureAwait(false);
    }

    private static async Task OpenAsync(OpenLedger ledger, Merge merge)
    {
        await ledger.OpenAsync([merge.From.Value, merge.To.Value]).ConfigureAwait(false);
        await ledger.LoadLotsAsync([merge.From.Value, merge.To.Value]).ConfigureAwait(false);
    }

    private async Task AddSpendAsync(Tx tx, MemberId member, List<(long Day, long Fen)> spend)
    {
        var today = clocks.Business.Today();
        if (spend.Count == 0 || await TierRulesStore.OfDayAsync(tx, today).ConfigureAwait(false) is not { } rules) return;
        var book = new TierBook(tx, ids, events, rules);
        await book.OpenAsync([member.Value], (int)spend.Min(day => day.Day)).ConfigureAwait(false);
        foreach (var (day, fen) in spend.OrderBy(day => day.Day))
        {
            if (fen != 0) book.Add(member.Value, (int)day, fen, today);
        }

        book.Advance(today);
        await book.SaveAsync().ConfigureAwait(false);
    }
}
