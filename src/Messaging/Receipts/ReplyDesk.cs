using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.Sms;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>What members answer by SMS. A refusal (R and its kin) counts at once, for everybody on that phone.</summary>
/// <remarks>
/// All commercial SMS to the number stop, and consent to them is withdrawn (短信息服务管理规定; domain R-SMS-3). When the last SMS to
/// the number was a reminder, reminders by SMS stop too: that is what the person was looking at. WeChat and care plan stay.
/// </remarks>
public sealed class ReplyDesk(Clocks clocks, BlindIndex blindIndex, ConsentStore consents)
{
    private const string Owners = "SELECT id FROM member WHERE phone_index IN @indexes";

    private const string Consenting = "SELECT member_id FROM consent WHERE purpose = @purpose AND granted = 1 AND member_id IN @members";

    private const string LastSms = """
        SELECT class
        FROM   message
        WHERE  member_id IN @members AND channel = 2 AND intent_at IS NOT NULL
        ORDER BY intent_at DESC
        LIMIT  1
        """;

    /// <summary>Applies one reply inside the caller's write; anything but a refusal changes nothing.</summary>
    public async Task ApplyAsync(Tx tx, SmsReply reply)
    {
        if (!OptOutWords.IsOptOut(reply.Content) || !PhoneNumber.TryParse(reply.Phone, out var phone, out _)) return;
        var now = clocks.Business.NowMs();
        var indexes = blindIndex.Candidates(MemberColumns.PhoneIndex, phone.Digits);
        await SuppressionStore.BarAsync(tx, AddressKind.Phone, indexes, SuppressionScope.Commercial, "reply", now).ConfigureAwait(false);

        var members = await tx.QueryAsync<long>(Owners, new { indexes }).ConfigureAwait(false);
        if (members.Count == 0) return;
        if (await tx.SingleOrDefaultAsync<int?>(LastSms, new { members }).ConfigureAwait(false) == (int)DeliveryClass.Reminder)
        {
            await SuppressionStore.BarAsync(tx, AddressKind.Phone, indexes, SuppressionScope.Reminders, "reply", now).ConfigureAwait(false);
        }

        var consenting = await tx.QueryAsync<long>(Consenting, new { purpose = (int)Purpose.MarketingSms, members }).ConfigureAwait(false);
        await consents.RecordAsync(tx, [.. consenting.Select(member => new ConsentChange(
            new MemberId(member), Purpose.MarketingSms, false, "", "sms_reply", Evidence(reply), now))]).ConfigureAwait(false);
    }

    // Numbers of replies are short; one that is not must not keep the refusal from being recorded.
    private static string Evidence(SmsReply reply) => "aliyun " + (reply.SequenceId.Length <= 64 ? reply.SequenceId : reply.SequenceId[..64]);
}
