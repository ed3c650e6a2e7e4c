using Engagement.Members.Facts;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Privacy;

/// <summary>Forgets a person. What remains is a row without a name, phone or birthday, by which a till's file is refused that would bring the person back.</summary>
/// <remarks>Tickets stay without the person (store, day, product, quantity, batch and prescription number: the law wants them); ledgers keep their totals under the bare id.</remarks>
internal sealed class Eraser(IdGenerator ids)
{
    // Whatever became part of what became part of it, too.
    private const string Records = """
        WITH RECURSIVE person (id) AS
        (
            SELECT id FROM member WHERE id = @member
            UNION
            SELECT m.merged_id FROM member_merge m JOIN person p ON p.id = m.survivor_id WHERE m.undone_at IS NULL
        )
        SELECT id FROM person
        """;

    private const string Clear = """
        UPDATE member
        SET    name_cipher = NULL, name_index = NULL, phone_cipher = NULL, phone_index = NULL, tail_index = NULL, phone_verified_at = NULL, sex = 0, birth_year = NULL,
               birth_md = NULL, store_id = NULL, private_mode = 1, muted_kinds = 0, muted_channels = 0, field_sources = '{}', content_hash = '', erased_at = @now,
               gate_version = gate_version + 1, version = version + 1
        WHERE  id = @member
        """;

    // What hangs on the member alone. consent_change stays: it proves what was agreed to, and holds ids only.
    private static readonly string[] s_statements =
    [
        "UPDATE purchase SET member_id = NULL WHERE member_id = @member",
        "UPDATE parked_refund SET member_id = NULL WHERE member_id = @member",
        "DELETE FROM therapy_line WHERE member_id = @member",
        "DELETE FROM consent WHERE member_id = @member",
        "DELETE FROM member_identity WHERE member_id = @member",
        "DELETE FROM member_session WHERE member_id = @member",
        "DELETE FROM member_change WHERE member_id = @member",
        "DELETE FROM member_preference WHERE member_id = @member",
        "DELETE FROM member_guardian WHERE member_id = @member",
        "DELETE FROM merge_review WHERE member_id = @member OR other_id = @member",
        "UPDATE member_alias SET name_cipher = NULL, phone_cipher = NULL WHERE member_id = @member",
        "DELETE FROM member_merge_identity WHERE merge_id IN (SELECT id FROM member_merge WHERE survivor_id = @member OR merged_id = @member)",
        "DELETE FROM member_merge_row WHERE merge_id IN (SELECT id FROM member_merge WHERE survivor_id = @member OR merged_id = @member)",
        "DELETE FROM member_merge WHERE survivor_id = @member OR merged_id = @member",
        "UPDATE privacy_request SET note_cipher = NULL WHERE member_id = @member",
        "DELETE FROM privacy_file WHERE request_id IN (SELECT id FROM privacy_request WHERE member_id = @member)",
        "DELETE FROM break_glass WHERE member_id = @member",
        "DELETE FROM idempotency WHERE principal = @principal",
    ];

    private readonly EventStore _events = new(ids);

    /// <summary>Forgets a member, and every record that was merged into it, at whatever remove.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="member">Who.</param>
    /// <param name="now">Business time.</param>
    /// <param name="data">Every feature that keeps something; each is told while the member is still known.</param>
    public async Task EraseAsync(Tx tx, MemberId member, long now, IReadOnlyList<IPersonalData> data)
    {
        foreach (var id in await tx.QueryAsync<long>(Records, new { member = member.Value }).ConfigureAwait(false))
        {
            var one = new MemberId(id);
            foreach (var feature in data) await feature.ForgetAsync(tx, one).ConfigureAwait(false);
            foreach (var statement in s_statements) await tx.ExecuteAsync(statement, new { member = id, principal = $"Member:{id}" }).ConfigureAwait(false);
            await tx.ExecuteAsync(Clear, new { member = id, now }).ConfigureAwait(false);
            await FactStore.RebuildAsync(tx, one).ConfigureAwait(false);
        }

        // What waits for them is looked at again, and refused.
        await _events.AppendAsync(tx, EventKind.ConsentWithdrawn, [member.Value]).ConfigureAwait(false);
    }
}
