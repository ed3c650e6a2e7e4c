using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>What becomes of coupons when member records are merged, parted again, or erased. In the caller's write.</summary>
public static class CouponOwners
{
    private const string SelectMoving = "SELECT id, definition_id, sequence FROM coupon WHERE member_id = @from ORDER BY definition_id, sequence";

    private const string SelectLast = "SELECT definition_id, MAX(sequence) FROM coupon WHERE member_id = @to GROUP BY definition_id";

    private const string Move = "UPDATE coupon SET member_id = @p1, sequence = @p2, claim_key = NULL WHERE id = @p0";

    private const string SelectMoved = "SELECT coupon_id, from_member, from_sequence FROM coupon_move WHERE merge_id = @merge";

    private const string CopyInvitations = """
        INSERT INTO coupon_invitation (definition_id, member_id)
        SELECT i.definition_id, @to
        FROM   coupon_invitation i
        WHERE  i.member_id = @from
        AND    NOT EXISTS (SELECT 1 FROM (SELECT definition_id FROM coupon_invitation WHERE member_id = @to) known WHERE known.definition_id = i.definition_id)
        """;

    // What they might have cost goes back to the budgets before their rows say void.
    private const string SelectOpen = "SELECT definition_id, SUM(face_fen) FROM coupon WHERE member_id = @member AND state = 1 GROUP BY definition_id ORDER BY definition_id";

    private const string Forget = """
        UPDATE coupon
        SET    state = CASE WHEN state IN (1, 4) THEN 5 ELSE state END, person_index = NULL
        WHERE  member_id = @member
        """;

    /// <summary>Gives all coupons of one record to the other, used ones too; says how many.</summary>
    /// <param name="tx">The write of the merge.</param>
    /// <param name="from">The record that goes.</param>
    /// <param name="to">The record that stays; it may now hold more than one member may claim.</param>
    /// <param name="merge">The id of the merge, by which it is undone.</param>
    public static async Task<int> MoveAsync(Tx tx, MemberId from, MemberId to, long merge)
    {
        var moving = await tx.QueryAsync<(long Id, long Definition, long Sequence)>($"{SelectMoving} {tx.Dialect.ForUpdate}", new { from = from.Value }).ConfigureAwait(false);
        var last = (await tx.QueryAsync<(long Definition, long Sequence)>(SelectLast, new { to = to.Value }).ConfigureAwait(false)).ToDictionary(row => row.Definition, row => row.Sequence);
        await tx.InsertManyAsync("INSERT INTO coupon_move (merge_id, coupon_id, from_member, from_sequence)", moving, (coupon, values) =>
            (values[0], values[1], values[2], values[3]) = (merge, coupon.Id, from.Value, coupon.Sequence)).ConfigureAwait(false);
        var moved = moving.ConvertAll(coupon => (coupon.Id, Sequence: last[coupon.Definition] = last.GetValueOrDefault(coupon.Definition) + 1));
        await tx.ExecuteManyAsync(Move, 3, moved, (coupon, values) => (values[0], values[1], values[2]) = (coupon.Id, to.Value, coupon.Sequence)).ConfigureAwait(false);
        await tx.ExecuteAsync(CopyInvitations, new { from = from.Value, to = to.Value }).ConfigureAwait(false);
        return moved.Count;
    }

    /// <summary>Gives the coupons that a merge moved back to the record they came from, in whatever state they are now; says how many.</summary>
    public static async Task<int> MoveBackAsync(Tx tx, long merge)
    {
        var moved = await tx.QueryAsync<(long Coupon, long Member, long Sequence)>(SelectMoved, new { merge }).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Move, 3, moved, static (coupon, values) => (values[0], values[1], values[2]) = (coupon.Coupon, coupon.Member, coupon.Sequence)).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM coupon_move WHERE merge_id = @merge", new { merge }).ConfigureAwait(false);
        return moved.Count;
    }

    /// <summary>Makes the open coupons of an erased member void and forgets the index of the phone; tickets keep what was used on them.</summary>
    public static async Task ForgetAsync(Tx tx, MemberId member)
    {
        foreach (var (definition, fen) in await tx.QueryAsync<(long, long)>(SelectOpen, new { member = member.Value }).ConfigureAwait(false)) await tx.CommitFenAsync(definition, -fen).ConfigureAwait(false);
        await tx.ExecuteAsync(Forget, new { member = member.Value }).ConfigureAwait(false);
    }
}
