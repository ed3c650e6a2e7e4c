using Engagement.Members;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>What a member tapped about one template of ours.</summary>
/// <param name="Account">The WeChat account.</param>
/// <param name="OpenId">Who.</param>
/// <param name="TemplateId">Which template.</param>
/// <param name="Accepted">Yes or no.</param>
/// <param name="Popup">Whether it came from the panel, where a yes is one message more; else from the settings, where only a no counts.</param>
public sealed record SubscriptionTap(string Account, string OpenId, string TemplateId, bool Accepted, bool Popup)
{
    /// <summary>Masked: an openid is a person.</summary>
    public override string ToString() => $"subscription tap on {TemplateId}";
}

/// <summary>The book of subscribe messages that members still allow: WeChat keeps no count for us (wechat.md 4.5).</summary>
public sealed class GrantBook(Clocks clocks)
{
    private const string Owner = "SELECT member_id FROM member_identity WHERE account = @Account AND openid = @OpenId";

    private const string Bump = "UPDATE member SET gate_version = gate_version + 1 WHERE id = @member";

    /// <summary>Books a tap; one of a stranger is left alone.</summary>
    public async Task ApplyAsync(Tx tx, SubscriptionTap tap)
    {
        if (await tx.SingleOrDefaultAsync<long?>(Owner, new { tap.Account, tap.OpenId }).ConfigureAwait(false) is not { } member) return;
        if (tap.Accepted && tap.Popup) await AddAsync(tx, [(new MemberId(member), tap.TemplateId, 1)]).ConfigureAwait(false);
        else if (!tap.Accepted) await tx.ExecuteAsync("UPDATE wechat_grant SET remaining = 0, changed_at = @now WHERE member_id = @member AND template_id = @TemplateId",
            new { now = clocks.Business.NowMs(), member, tap.TemplateId }).ConfigureAwait(false);
        await tx.ExecuteAsync(Bump, new { member }).ConfigureAwait(false);
    }

    /// <summary>Adds grants of many members at once.</summary>
    public Task AddAsync(Tx tx, IReadOnlyList<(MemberId Member, string TemplateId, int Count)> grants)
    {
        var now = clocks.Business.NowMs();
        return tx.InsertManyAsync("INSERT INTO wechat_grant (member_id, template_id, remaining, changed_at)", grants,
            (g, v) => (v[0], v[1], v[2], v[3]) = (g.Member.Value, g.TemplateId, g.Count, now),
            $"""
            {tx.Dialect.OnConflictUpdate("member_id, template_id")} remaining = remaining + {tx.Dialect.New("remaining")},
                changed_at = {tx.Dialect.New("changed_at")}
            """);
    }
}
