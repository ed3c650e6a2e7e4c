using Engagement.Members.Merges;
using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>Points that pay for a ticket go with the record that becomes part of another, so that what a refund gives back reaches the record that stays.</summary>
internal sealed class TillsOfMerges : IMergePart
{
    private const string Move = "UPDATE till_points SET member_id = @to WHERE member_id = @from AND live = 1";
    private const string SelectLive = "SELECT id FROM till_points WHERE member_id = @to AND live = 1";
    private const string SelectPaidBy = "SELECT idem_key FROM points_entry WHERE member_id = @from AND idem_key IN @keys";
    private const string MoveBack = "UPDATE till_points SET member_id = @from WHERE id IN @ids AND live = 1";

    public Task MergeAsync(Tx tx, Merge merge) => tx.ExecuteAsync(Move, new { from = merge.From.Value, to = merge.To.Value });

    // Whose they were says the entry in the ledger that took them.
    public async Task PartAsync(Tx tx, Merge merge)
    {
        var live = await tx.QueryAsync<long>(SelectLive, new { to = merge.To.Value }).ConfigureAwait(false);
        if (live.Count == 0) return;
        var keys = await tx.QueryAsync<string>(SelectPaidBy, new { from = merge.From.Value, keys = live.Select(id => $"pos:{id}") }).ConfigureAwait(false);
        var ids = live.Where(id => keys.Contains($"pos:{id}")).ToList();
        if (ids.Count > 0) await tx.ExecuteAsync(MoveBack, new { from = merge.From.Value, ids }).ConfigureAwait(false);
    }
}
