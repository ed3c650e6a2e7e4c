using Engagement.Members;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Member;

/// <summary>One look of somebody at a member's health data.</summary>
internal sealed class HealthLook
{
    public long Seq { get; init; }
    public long At { get; init; }
    public string Role { get; init; } = "";
    public string Staff { get; init; } = "";
    public string? Store { get; init; }
    public string Action { get; init; } = "";
    public string Purpose { get; init; } = "";
}

/// <summary>Who looked at a member's health data, from the audit log. A look at health data is what needs a purpose, so the purpose tells it from all else.</summary>
internal static class HealthLooks
{
    private const string Select = $"""
        SELECT a.seq AS Seq, a.at AS At, a.role AS Role, COALESCE(s.display_name, '') AS Staff, o.name AS Store, a.action AS Action, a.purpose AS Purpose
        FROM   audit_entry a LEFT JOIN staff s ON s.id = a.actor_id LEFT JOIN store o ON o.id = a.store_id
        WHERE  a.member_id = @member AND a.seq < @before AND a.outcome = '{AuditEntry.Done}' AND a.purpose <> '' AND a.role NOT IN ('member', 'system', 'operator')
        ORDER BY a.seq DESC LIMIT @limit
        """;

    /// <summary>Looks, newest first.</summary>
    public static Task<List<HealthLook>> OfAsync(Session session, MemberId member, long? before, int limit) =>
        session.QueryAsync<HealthLook>(Select, new { member = member.Value, before = before ?? long.MaxValue, limit });
}
