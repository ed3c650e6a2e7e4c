using Engagement.Members.Merges;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>What a person allowed in WeChat goes with the record, as the openid does that it was given for, and comes back when it is parted.</summary>
/// <remarks>Of a template for which both have a grant, each keeps its own: they are of two openids.</remarks>
internal sealed class GrantsOfMerges : IMergePart
{
    private const string Note = """
        INSERT INTO member_merge_grant (merge_id, template_id)
        SELECT @merge, g.template_id FROM wechat_grant g
        WHERE  g.member_id = @from AND NOT EXISTS (SELECT 1 FROM wechat_grant k WHERE k.member_id = @to AND k.template_id = g.template_id)
        """;

    private const string Noted = "template_id IN (SELECT template_id FROM member_merge_grant WHERE merge_id = @merge)";
    private const string Move = $"UPDATE wechat_grant SET member_id = @to WHERE member_id = @from AND {Noted}";
    private const string MoveBack = $"UPDATE wechat_grant SET member_id = @from WHERE member_id = @to AND {Noted}";
    private const string Forget = "DELETE FROM member_merge_grant WHERE merge_id = @merge";

    public async Task MergeAsync(Tx tx, Merge merge)
    {
        await tx.ExecuteAsync(Note, Args(merge)).ConfigureAwait(false);
        await tx.ExecuteAsync(Move, Args(merge)).ConfigureAwait(false);
    }

    public async Task PartAsync(Tx tx, Merge merge)
    {
        await tx.ExecuteAsync(MoveBack, Args(merge)).ConfigureAwait(false);
        await tx.ExecuteAsync(Forget, new { merge = merge.Id }).ConfigureAwait(false);
    }

    private static object Args(Merge merge) => new { merge = merge.Id, from = merge.From.Value, to = merge.To.Value };
}
