using System.Security.Cryptography;
using System.Text;
using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>Understands what providers pushed and applies it: receipts, subscription taps, replies. The only one who does.</summary>
/// <remarks>A receipt may come before the outcome of its send is written; such a row is looked at again, then given up as not ours.</remarks>
internal sealed class InboundApplier(
    Database database, Clocks clocks, FieldCipher cipher, BlindIndex blindIndex, GrantBook grants, ReplyDesk replies,
    OutboxSignals signals, IOptions<WeChatOptions> weChat, ILogger<InboundApplier> logger) : BackgroundService
{
    private const int BatchSize = 200;
    private const int MaxAttempts = 12;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);

    private const string SelectNext = """
        SELECT id AS Id, source AS Source, body_cipher AS Body, attempts AS Attempts
        FROM   inbound
        WHERE  next_at <= @now
        ORDER BY next_at, id
        LIMIT  @limit
        """;

    private const string Finish = "UPDATE inbound SET state = @p1, attempts = attempts + 1, next_at = @p2 WHERE id = @p0";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pushed = signals.Inbound.Next;
            var applied = 0;
            try
            {
                applied = await ApplyAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.RoundFailed(logger, failure);
                await Task.Delay(s_idle, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (applied == 0) await signals.Inbound.WaitAsync(pushed, s_idle, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <summary>Applies one batch; how many rows were looked at. Tests call this, the loop repeats it.</summary>
    internal async Task<int> ApplyAsync(CancellationToken ct)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<InboundRow>(SelectNext, new { now = clocks.System.NowMs(), limit = BatchSize }), ct).ConfigureAwait(false);
        if (rows.Count == 0) return 0;
        var pushes = rows.ConvertAll(Understand);
        await database.WriteAsync(async tx =>
        {
            var matches = await ReceiptStore.ApplyAsync(tx, [.. pushes.SelectMany(p => p.Receipts)], clocks.Business.NowMs()).ConfigureAwait(false);
            foreach (var push in pushes)
            {
                foreach (var tap in push.Taps) await grants.ApplyAsync(tx, tap).ConfigureAwait(false);
                foreach (var reply in push.Replies) await replies.ApplyAsync(tx, reply).ConfigureAwait(false);
            }

            CrashPoint.Reach("applying");
            await tx.ExecuteManyAsync(Finish, 3, pushes, (p, v) => (v[0], v[1], v[2]) = Ending(p, matches)).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        return rows.Count;
    }

    private (long Id, int State, long? NextAt) Ending(UnderstoodPush push, IReadOnlySet<Receipt> matched)
    {
        var nothing = push.Receipts.Count == 0 && push.Taps.Count == 0 && push.Replies.Count == 0;
        if (push.Receipts.All(matched.Contains)) return (push.Row.Id, (int)(nothing || push.Unreadable ? InboundState.NotUnderstood : InboundState.Applied), null);
        if (push.Row.Attempts + 1 < MaxAttempts) return (push.Row.Id, (int)InboundState.New, clocks.System.NowMs() + (100L << (int)push.Row.Attempts));
        Log.NotOurs(logger, push.Row.Source, push.Row.Id);
        return (push.Row.Id, (int)InboundState.NotOurs, null);
    }

    private UnderstoodPush Understand(InboundRow row)
    {
        byte[] body;
        try
        {
            body = Encoding.UTF8.GetBytes(cipher.Decrypt(InboundStore.Body, row.Id, row.Body)!);
        }
        catch (Exception failure) when (failure is CryptographicException or StorageException)
        {
            Log.Unreadable(logger, row.Id, failure);
            return new UnderstoodPush(row, [], [], []);
        }

        return row.Source switch
        {
            InboundSource.WeChat => WeChat(row, WeChatPush.Parse(body)),
            InboundSource.AliyunReport => Receipts(row, AliyunPush.ParseReceipts(body)),
            InboundSource.AliyunReply => Replies(row, AliyunPush.ParseReplies(body)),
            _ => new UnderstoodPush(row, [], [], []),
        };
    }

    private UnderstoodPush Receipts(InboundRow row, SmsPush<SmsReceipt> push) =>
        new(row, [.. push.Items.Select(Receipt)], [], []) { Unreadable = push.Unreadable > 0 };

    private static UnderstoodPush Replies(InboundRow row, SmsPush<SmsReply> push) => new(row, [], [], push.Items) { Unreadable = push.Unreadable > 0 };

    private UnderstoodPush WeChat(InboundRow row, ParsedPush push) => new(
        row,
        [.. push.Events.OfType<SubscribeSent>().Select(sent => new Receipt(row.Id, sent.MsgId, "", null, sent.Delivered, Short(sent.ErrorCode)))],
        [.. push.Events.Select(e => e switch
        {
            SubscribePopup popup => new SubscriptionTap(weChat.Value.AppId, popup.OpenId, popup.TemplateId, popup.Accepted, Popup: true),
            SubscribeChange change => new SubscriptionTap(weChat.Value.AppId, change.OpenId, change.TemplateId, change.Accepted, Popup: false),
            _ => null,
        }).OfType<SubscriptionTap>()],
        []);

    private Receipt Receipt(SmsReceipt receipt) => new(0, receipt.BizId, receipt.OutId,
        PhoneNumber.TryParse(receipt.Phone, out var phone, out _) ? blindIndex.Candidates(MemberColumns.PhoneIndex, phone.Digits) : [],
        receipt.Delivered, Short(receipt.Code));

    // A provider's code is as long as it likes; the column has 64 characters, and the stored push has the whole.
    private static string Short(string code) => code.Length <= 64 ? code : code[..64];

    private sealed record UnderstoodPush(InboundRow Row, IReadOnlyList<Receipt> Receipts, IReadOnlyList<SubscriptionTap> Taps, IReadOnlyList<SmsReply> Replies)
    {
        /// <summary>Whether a part of it could not be read; the rest is applied all the same.</summary>
        public bool Unreadable { get; init; }
    }

    private sealed class InboundRow
    {
        public long Id { get; init; }
        public string Source { get; init; } = "";
        public byte[] Body { get; init; } = [];
        public long Attempts { get; init; }
    }
}
