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
    /// <summary>When it was tapped, by WeChat's clock; <c>null</c> for now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Whether the mini-program tells of it; else WeChat's push.</summary>
    public bool FromMiniProgram { get; init; }

    /// <summary>Masked: an openid is a person.</summary>
    public override string ToString() => $"subscription tap on {TemplateId}";
}

/// <summary>The book of subscribe messages that members still allow: WeChat keeps no count for us (wechat.md 4.5).</summary>
public sealed class GrantBook(Clocks clocks)
{
    private const string Owner = "SELECT member_id FROM member_identity WHERE account = @Account AND openid = @OpenId";

    private const string Bump = "UPDATE member SET gate_version = gate_version + 1 WHERE id = @member";

    // What both the mini-program and a push tell of is one tap when it is told of within this.
    private static readonly TimeSpan s_sameTap = TimeSpan.FromSeconds(60);

    // A clock that is further off than this is not believed.
    private static readonly TimeSpan s_trusted = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_keepTaps = TimeSpan.FromDays(1);

    private const string InsertTap = "INSERT INTO wechat_tap (member_id, template_id, at, source, matched)";

    private const string SelectOther = """
        SELECT at FROM wechat_tap
        WHERE  member_id = @member AND template_id = @TemplateId AND at BETWEEN @from AND @to AND source = @other AND matched = 0
        ORDER BY at LIMIT 1
        """;

    private const string Match = "UPDATE wechat_tap SET matched = 1 WHERE member_id = @member AND template_id = @TemplateId AND at = @at AND source = @other AND matched = 0";
    private const string Forget = "DELETE FROM wechat_tap WHERE member_id = @member AND template_id = @TemplateId AND at < @old";
    private const string SelectLeft = """
        SELECT g.template_id AS TemplateId, g.remaining AS Remaining, COALESCE(p.title, '') AS Title
        FROM   wechat_grant g LEFT JOIN provider_template p ON p.provider = 'wechat' AND p.template_id = g.template_id
        WHERE  g.member_id = @member AND g.remaining > 0
        ORDER BY g.template_id
        """;

    /// <summary>Subscribe messages that a member still allows, by provider template.</summary>
    public static async Task<IReadOnlyList<GrantLeft>> LeftAsync(Session session, MemberId member) => await session.QueryAsync<GrantLeft>(SelectLeft, new { member = member.Value }).ConfigureAwait(false);

    /// <summary>Books a tap; one of a stranger is left alone.</summary>
    public async Task ApplyAsync(Tx tx, SubscriptionTap tap)
    {
        if (await tx.SingleOrDefaultAsync<long?>(Owner, new { tap.Account, tap.OpenId }).ConfigureAwait(false) is not { } member) return;
        // First: the member's row lets the two that tell of one tap by only one after the other, and the second finds what the first has booked.
        await tx.ExecuteAsync(Bump, new { member }).ConfigureAwait(false);
        if (tap.Accepted && tap.Popup)
        {
            if (await IsNewAsync(tx, member, tap).ConfigureAwait(false)) await AddAsync(tx, [(new MemberId(member), tap.TemplateId, 1)]).ConfigureAwait(false);
        }
        else if (!tap.Accepted) await tx.ExecuteAsync("UPDATE wechat_grant SET remaining = 0, changed_at = @now WHERE member_id = @member AND template_id = @TemplateId",
            new { now = clocks.Business.NowMs(), member, tap.TemplateId }).ConfigureAwait(false);
    }

    private async Task<bool> IsNewAsync(Tx tx, long member, SubscriptionTap tap)
    {
        var now = clocks.System.NowMs();
        var at = tap.At is { } told && Math.Abs(told.ToUnixTimeMilliseconds() - now) <= s_trusted.TotalMilliseconds ? told.ToUnixTimeMilliseconds() : now;
        var (source, window) = (tap.FromMiniProgram ? 1 : 2, (long)s_sameTap.TotalMilliseconds);
        var args = new { member, tap.TemplateId, from = at - window, to = at + window, other = 3 - source };
        if (await tx.SingleOrDefaultAsync<long?>($"{SelectOther} {tx.Dialect.ForUpdate}", args).ConfigureAwait(false) is { } same)
        {
            return await tx.ExecuteAsync(Match, new { member, tap.TemplateId, at = same, other = 3 - source }).ConfigureAwait(false) == 0;
        }

        await tx.ExecuteAsync(Forget, new { member, tap.TemplateId, old = now - (long)s_keepTaps.TotalMilliseconds }).ConfigureAwait(false);
        await tx.InsertManyAsync(InsertTap, [at], (a, v) => (v[0], v[1], v[2], v[3], v[4]) = (member, tap.TemplateId, a, source, 0), tx.Dialect.OnConflictKeep("member_id, template_id, at, source")).ConfigureAwait(false);
        return true;
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

/// <summary>What a member still allows of one template.</summary>
public sealed class GrantLeft
{
    /// <summary>The provider's template.</summary>
    public string TemplateId { get; init; } = "";

    /// <summary>Messages left.</summary>
    public int Remaining { get; init; }

    /// <summary>The template's title at WeChat; empty when it is not known.</summary>
    public string Title { get; init; } = "";
}
