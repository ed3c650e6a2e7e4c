using Engagement.Members;
using Engagement.Members.Profiles;
using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>An answer by SMS, as staff see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Provider">The provider that brought it.</param>
/// <param name="At">When it was said, in Unix milliseconds.</param>
/// <param name="Waits">Whether nobody has seen to it.</param>
/// <param name="Text">What it says.</param>
/// <param name="Members">The members on that phone who are in sight; nobody when it is no member's.</param>
public sealed record SmsReplyCard(long Id, string Provider, long At, bool Waits, string Text, IReadOnlyList<MemberProfile> Members);

/// <summary>What people answered by SMS, for staff: of members in their scope; a number that is nobody's only for those who see all stores.</summary>
public sealed class ReplyBook(FieldCipher cipher, MemberStore members)
{
    private const string Select = "SELECT r.id AS Id, r.provider AS Provider, r.said_at AS At, r.state AS State, r.phone_index AS Phone, r.text_cipher AS Text FROM sms_reply r";

    /// <summary>Replies, the newest first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="scope">The stores in sight.</param>
    /// <param name="waiting">Only those that nobody has seen to.</param>
    /// <param name="before">The id before which the page begins; <c>null</c> for the first.</param>
    /// <param name="limit">At most so many.</param>
    public async Task<IReadOnlyList<SmsReplyCard>> ListAsync(Session session, StaffScope scope, bool waiting, long? before, int limit)
    {
        var rows = await session.QueryAsync<Row>(
            $"{Select} WHERE r.id < @before AND {Sight(scope)}{(waiting ? " AND r.state = 1" : "")} ORDER BY r.id DESC LIMIT @limit",
            new { before = before ?? long.MaxValue, limit, scope.Stores, scope.Owner }).ConfigureAwait(false);
        if (rows.Count == 0) return [];
        var owners = await session.QueryAsync<(string Phone, long Member)>(
            $"SELECT m.phone_index, m.id FROM member m WHERE m.phone_index IN @phones AND m.erased_at IS NULL AND {scope.Sql("m.store_id")} ORDER BY m.id",
            new { phones = rows.Select(row => row.Phone).Distinct().ToArray(), scope.Stores, scope.Owner }).ConfigureAwait(false);
        var profiles = await members.ProfilesAsync(session, [.. owners.Select(owner => new MemberId(owner.Member))]).ConfigureAwait(false);
        return [.. rows.Select(row => new SmsReplyCard(row.Id, row.Provider, row.At, row.State == 1, cipher.Decrypt(ReplyDesk.Text, row.Id, row.Text) ?? "",
            [.. owners.Where(owner => owner.Phone == row.Phone).Select(owner => profiles[new MemberId(owner.Member)])]))];
    }

    /// <summary>Marks a reply as seen to; <c>false</c> when there is none in sight. Once more changes nothing.</summary>
    public static async Task<bool> SeeToAsync(Tx tx, StaffScope scope, long id)
    {
        var seen = await tx.ScalarAsync<long>($"SELECT COUNT(*) FROM sms_reply r WHERE r.id = @id AND {Sight(scope)}", new { id, scope.Stores, scope.Owner }).ConfigureAwait(false);
        if (seen == 0) return false;
        await tx.ExecuteAsync("UPDATE sms_reply SET state = 2 WHERE id = @id AND state = 1", new { id }).ConfigureAwait(false);
        return true;
    }

    private static string Sight(StaffScope scope) => scope.IsEverything ? "1 = 1" : $"EXISTS (SELECT 1 FROM member m WHERE m.phone_index = r.phone_index AND m.erased_at IS NULL AND {scope.Sql("m.store_id")})";

    private sealed class Row
    {
        public long Id { get; init; }
        public string Provider { get; init; } = "";
        public long At { get; init; }
        public long State { get; init; }
        public string Phone { get; init; } = "";
        public byte[]? Text { get; init; }
    }
}
