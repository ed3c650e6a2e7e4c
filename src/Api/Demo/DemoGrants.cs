using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>Tells a fresh sandbox what our book says: who is known in the mini-program, and what they still allow.</summary>
internal static class DemoGrants
{
    private const string OpenIds = "SELECT openid FROM member_identity WHERE account = @account";

    private const string Grants = """
        SELECT i.openid AS OpenId, g.template_id AS TemplateId, g.remaining AS Count
        FROM   wechat_grant g JOIN member_identity i ON i.member_id = g.member_id AND i.account = @account
        WHERE  g.remaining > 0
        """;

    public static async Task TellAsync(Database database, SandboxClient sandbox, CancellationToken ct)
    {
        var account = DemoSettings.AppId;
        await sandbox.KnowAsync(await database.ReadAsync(session => session.QueryAsync<string>(OpenIds, new { account }), ct), ct);
        var rows = await database.ReadAsync(session => session.QueryAsync<Row>(Grants, new { account }), ct);
        await sandbox.GrantAsync([.. rows.Select(row => new SandboxGrant(row.OpenId, row.TemplateId, (int)row.Count))], ct);
    }

    private sealed class Row
    {
        public string OpenId { get; init; } = "";
        public string TemplateId { get; init; } = "";
        public long Count { get; init; }
    }
}
