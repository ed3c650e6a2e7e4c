using Engagement.Members;
using Engagement.Members.Cases;
using Engagement.Members.Consents;
using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Messaging.Receipts;

/// <summary>What members answer by SMS. A refusal (R and its kin) counts at once, for everybody on that phone; anything else goes into a service case of the member whose phone it is, or is kept for staff.</summary>
/// <remarks>
/// All commercial SMS to the number stop, and consent to them is withdrawn (短信息服务管理规定; domain R-SMS-3). When the reply went to the
/// number of reminders, reminders by SMS stop too; where the number does not tell, the last SMS to the phone does: that is what the
/// person was looking at. WeChat and care plan stay. The members are told so in the inbox, see <see cref="OptOutConfirmations"/>.
/// </remarks>
internal sealed class ReplyDesk(Clocks clocks, BlindIndex blindIndex, ConsentStore consents, IdGenerator ids, FieldCipher cipher, SmsProviders providers, CaseDesk cases)
{
    internal static readonly CipherColumn Text = new("sms_reply", "text");

    private const string Owners = "SELECT id FROM member WHERE phone_index IN @indexes";

    private const string Consenting = "SELECT member_id FROM consent WHERE purpose = @purpose AND granted = 1 AND member_id IN @members";

    private const string LastSms = """
        SELECT class
        FROM   message
        WHERE  member_id IN @members AND channel = 2 AND intent_at IS NOT NULL
        ORDER BY intent_at DESC
        LIMIT  1
        """;

    private const string Kept = "SELECT COUNT(*) FROM sms_reply WHERE provider = @provider AND sequence = @sequence";

    private const string Keep = "INSERT INTO sms_reply (id, provider, sequence, phone_index, text_cipher, said_at, state)";

    private readonly EventStore _events = new(ids);

    /// <summary>Applies one reply inside the caller's write; the same reply again changes nothing.</summary>
    public async Task ApplyAsync(Tx tx, string provider, SmsReply reply)
    {
        // A short code or a foreign number is nobody's of ours; the push has it still.
        if (!PhoneNumber.TryParse(reply.Phone, out var phone, out _)) return;
        var indexes = blindIndex.Candidates(MemberColumns.PhoneIndex, phone.Digits);
        if (reply.IsOptOut) await StopAsync(tx, provider, reply, indexes).ConfigureAwait(false);
        else await KeepAsync(tx, provider, reply, indexes).ConfigureAwait(false);
    }

    private async Task StopAsync(Tx tx, string provider, SmsReply reply, IReadOnlyList<string> indexes)
    {
        var now = clocks.Business.NowMs();
        await SuppressionStore.BarAsync(tx, AddressKind.Phone, indexes, SuppressionScope.Commercial, "reply", now).ConfigureAwait(false);

        var members = await tx.QueryAsync<long>(Owners, new { indexes }).ConfigureAwait(false);
        var answered = providers.Find(provider)?.Capabilities.ExtendCodes.Answered(reply.DestCode) ?? await LastAsync(tx, members).ConfigureAwait(false);
        if (answered == DeliveryClass.Reminder)
        {
            await SuppressionStore.BarAsync(tx, AddressKind.Phone, indexes, SuppressionScope.Reminders, "reply", now).ConfigureAwait(false);
        }

        if (members.Count == 0) return;
        var consenting = await tx.QueryAsync<long>(Consenting, new { purpose = (int)Purpose.MarketingSms, members }).ConfigureAwait(false);
        await consents.RecordAsync(tx, [.. consenting.Select(member => new ConsentChange(
            new MemberId(member), Purpose.MarketingSms, false, "", "sms_reply", Evidence(provider, reply), now))]).ConfigureAwait(false);
        await _events.AppendAsync(tx, EventKind.SmsOptedOut, members).ConfigureAwait(false);
    }

    private static async Task<DeliveryClass?> LastAsync(Tx tx, List<long> members) => members.Count == 0 ? null
        : (DeliveryClass?)await tx.SingleOrDefaultAsync<int?>(LastSms, new { members }).ConfigureAwait(false);

    // On a phone that several share, nobody knows who wrote: staff find out.
    private async Task KeepAsync(Tx tx, string provider, SmsReply reply, IReadOnlyList<string> indexes)
    {
        var sequence = Short(reply.SequenceId);
        if (await tx.ScalarAsync<long>(Kept, new { provider, sequence }).ConfigureAwait(false) > 0) return;
        var writer = await tx.QueryAsync<long>(Owners, new { indexes }).ConfigureAwait(false) is [var only] ? new MemberId(only) : (MemberId?)null;
        if (writer is { } member) await cases.HearAsync(tx, member, CaseChannel.Sms, reply.Content).ConfigureAwait(false);
        var id = ids.Next();
        await tx.InsertManyAsync(Keep, [reply], (r, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6]) =
            (id, provider, sequence, indexes[0], cipher.Encrypt(Text, id, r.Content), r.At?.ToUnixTimeMilliseconds() ?? clocks.System.NowMs(), writer is null ? 1 : 3)).ConfigureAwait(false);
    }

    private static string Evidence(string provider, SmsReply reply) => $"{provider} {Short(reply.SequenceId)}";

    // Numbers of replies are short; one that is not must not keep the refusal from being recorded.
    private static string Short(string sequence) => sequence.Length <= 64 ? sequence : sequence[..64];
}
