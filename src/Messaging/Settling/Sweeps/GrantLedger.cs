using Engagement.Messaging.Content;
using Engagement.Storage;
using Engagement.Templates;

namespace Engagement.Messaging.Settling.Sweeps;

/// <summary>The book of grants against what WeChat has answered: none may be below zero, and none may be left after a 43101.</summary>
/// <remarks>A part of the book each time, on and on: the whole of it is too long for one look. Taking and giving back need no look, they share their message's commit.</remarks>
internal sealed class GrantLedger(Database database, Clocks clocks, TemplateBook templates) : ISweep
{
    private const int MembersPerLook = 2000;

    private const string Next = "SELECT DISTINCT member_id FROM wechat_grant WHERE member_id > @after ORDER BY member_id LIMIT @limit";

    private const string Answers = """
        SELECT member_id, template_version_id, outcome_at
        FROM   message
        WHERE  channel = 1 AND outcome_code = '43101' AND outcome_at IS NOT NULL AND member_id IN
        """;

    private const string EarlierAnswers = """
        SELECT m.member_id, m.template_version_id, a.outcome_at
        FROM   message m JOIN attempt a ON a.message_id = m.id
        WHERE  a.channel = 1 AND a.outcome_code = '43101' AND a.outcome_at IS NOT NULL AND m.member_id IN
        """;

    private const string Negative = "UPDATE wechat_grant SET remaining = 0, changed_at = @p2 WHERE member_id >= @p0 AND member_id <= @p1 AND remaining < 0";

    private const string Clear = "UPDATE wechat_grant SET remaining = 0, changed_at = @p3 WHERE member_id = @p0 AND template_id = @p1 AND remaining > 0 AND changed_at < @p2";

    private const string Bump = "UPDATE member SET gate_version = gate_version + 1 WHERE id = @p0";

    private long _after;

    public string Name => "sweep_grants";

    public async Task<long> MendAsync(CancellationToken ct)
    {
        var members = await database.ReadAsync(session => session.QueryAsync<long>(Next, new { after = _after, limit = MembersPerLook }), ct).ConfigureAwait(false);
        var refused = new List<(long Member, string Template, long At)>();
        foreach (var (member, version, at) in await AnswersAsync(members, ct).ConfigureAwait(false))
        {
            if (await TemplateOfAsync(version, ct).ConfigureAwait(false) is { } template) refused.Add((member, template, at));
        }

        var mended = members.Count == 0 ? 0 : await database.WriteAsync(tx => MendAsync(tx, members[0], members[^1], refused), ct).ConfigureAwait(false);
        _after = members.Count < MembersPerLook ? 0 : members[^1];
        return mended;
    }

    private Task<List<(long Member, long Version, long At)>> AnswersAsync(List<long> members, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var answers = new List<(long, long, long)>();
        foreach (var sql in (string[])[Answers, EarlierAnswers])
        {
            await session.ReadInAsync(sql, members, row => answers.Add((row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)))).ConfigureAwait(false);
        }

        return answers;
    }, ct);

    private async Task<long> MendAsync(Tx tx, long first, long last, List<(long Member, string Template, long At)> refused)
    {
        var (mended, now, members) = (0L, clocks.Business.NowMs(), new List<long>());
        await tx.ExecuteManyAsync(Negative, 3, [(first, last)], (span, v) => (v[0], v[1], v[2]) = (span.first, span.last, now), (_, changed) => mended += changed).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Clear, 4, refused, (r, v) => (v[0], v[1], v[2], v[3]) = (r.Member, r.Template, r.At, now), (r, changed) =>
        {
            mended += changed;
            if (changed > 0) members.Add(r.Member);
        }).ConfigureAwait(false);
        await tx.ExecuteManyAsync(Bump, 1, members, static (member, v) => v[0] = member).ConfigureAwait(false);
        return mended;
    }

    private async ValueTask<string?> TemplateOfAsync(long version, CancellationToken ct)
    {
        try
        {
            return (await templates.GetAsync(version, ct).ConfigureAwait(false)).Version.Contents.WeChatSubscribe?.TemplateId;
        }
        catch (Exception failure) when (failure is TemplateException or KeyNotFoundException)
        {
            // A version that is not there or cannot be read was never sent.
            return null;
        }
    }
}
