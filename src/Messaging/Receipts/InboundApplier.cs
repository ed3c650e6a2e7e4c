using System.Security.Cryptography;
using System.Text;
using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Channels.WeChat.Push;
using Engagement.Messaging.Content;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>Understands what providers pushed and applies it: receipts, subscription taps, replies. The only one who does.</summary>
/// <remarks>A receipt may come before the outcome of its send is written; such a row is looked at again, then given up as not ours.
/// A push that breaks costs only itself.</remarks>
internal sealed class InboundApplier(
    Database database, Clocks clocks, FieldCipher cipher, BlindIndex blindIndex, GrantBook grants, ReplyDesk replies,
    SmsApprovals approvals, ChatDesk chats, WeChatDoubts doubts, OutboxSignals signals, IOptions<WeChatOptions> weChat, ILogger<InboundApplier> logger) : BackgroundService
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

    private const string Open = "SELECT id FROM inbound WHERE id IN @ids AND next_at <= @now ORDER BY id";

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
        try
        {
            await ApplyAsync(rows, ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (rows.Count > 1 && !ct.IsCancellationRequested)
        {
            Log.BatchFailed(logger, failure);
            foreach (var row in rows) await ApplyAloneAsync(row, ct).ConfigureAwait(false);
        }

        return rows.Count;
    }

    // One push that breaks its batch must not hold up the others; and if it is the database, writing that down fails as well.
    private async Task ApplyAloneAsync(InboundRow row, CancellationToken ct)
    {
        try
        {
            await ApplyAsync([row], ct).ConfigureAwait(false);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Log.PushFailed(logger, row.Id, failure);
            var ending = row.Attempts + 1 < MaxAttempts
                ? (row.Id, (int)InboundState.New, clocks.System.NowMs() + (1000L << (int)row.Attempts))
                : (row.Id, (int)InboundState.NotUnderstood, (long?)null);
            await database.WriteAsync(tx => FinishAsync(tx, [ending]), ct).ConfigureAwait(false);
        }
    }

    private async Task ApplyAsync(IReadOnlyList<InboundRow> rows, CancellationToken ct)
    {
        var pushes = rows.Select(Understand).ToList();
        var meant = await doubts.FindAsync(database, [.. pushes.SelectMany(p => p.Sent)], ct).ConfigureAwait(false);
        var receipts = pushes.ToDictionary(p => p, p => (IReadOnlyList<Receipt>)[.. p.Receipts, .. p.Sent.Select(sent => Receipt(p.Row, sent, meant))]);
        await database.WriteAsync(async tx =>
        {
            var now = clocks.Business.NowMs();
            var mine = await ClaimAsync(tx, pushes).ConfigureAwait(false);
            var matches = await ReceiptStore.ApplyAsync(tx, [.. mine.SelectMany(push => receipts[push])], now).ConfigureAwait(false);
            foreach (var push in mine)
            {
                foreach (var tap in push.Taps) await grants.ApplyAsync(tx, tap).ConfigureAwait(false);
                foreach (var visit in push.Visits) await chats.ApplyAsync(tx, push.App, push.Row.Id, visit).ConfigureAwait(false);
                foreach (var reply in push.Replies) await replies.ApplyAsync(tx, push.Sms!.Provider, reply).ConfigureAwait(false);
                foreach (var said in push.Sms?.Approvals ?? []) await approvals.SaidAsync(tx, said).ConfigureAwait(false);
            }

            CrashPoint.Reach("applying");
            var endings = mine.ConvertAll(push => Ending(push, receipts[push], matches));
            await FinishAsync(tx, endings).ConfigureAwait(false);
            var ambiguous = mine.Zip(endings).Count(p => p.Second.State == (int)InboundState.NotOurs && p.First.Sent.Any(sent => meant[sent].Skip(1).Any()));
            if (ambiguous > 0) await SweepStore.CountAsync(tx, "ambiguous_events", ambiguous, now).ConfigureAwait(false);
            var strange = endings.Count(ending => ending.State == (int)InboundState.NotUnderstood);
            if (strange > 0) await SweepStore.CountAsync(tx, "pushes_not_understood", strange, now).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
    }

    // A tap is one grant: what another node has applied meanwhile is not applied again.
    private async Task<List<UnderstoodPush>> ClaimAsync(Tx tx, List<UnderstoodPush> pushes)
    {
        var open = await tx.QueryAsync<long>($"{Open} {tx.Dialect.ForUpdate}", new { ids = pushes.Select(push => push.Row.Id), now = clocks.System.NowMs() }).ConfigureAwait(false);
        return open.Count == pushes.Count ? pushes : pushes.FindAll(push => open.Contains(push.Row.Id));
    }

    private static Task FinishAsync(Tx tx, IReadOnlyList<(long Id, int State, long? NextAt)> endings) =>
        tx.ExecuteManyAsync(Finish, 3, endings, static (e, v) => (v[0], v[1], v[2]) = (e.Id, e.State, e.NextAt));

    private (long Id, int State, long? NextAt) Ending(UnderstoodPush push, IReadOnlyList<Receipt> receipts, IReadOnlySet<Receipt> matched)
    {
        var nothing = receipts.Count == 0 && push.Taps.Count == 0 && push.Replies.Count == 0 && push.Visits.Count == 0 && push.Sms is not { Approvals.Count: > 0 };
        if (receipts.All(matched.Contains)) return (push.Row.Id, (int)(nothing || push.Unreadable ? InboundState.NotUnderstood : InboundState.Applied), null);
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
            InboundSource.WeChat => WeChat(row, WeChatApp.MiniProgram, WeChatPush.Parse(body)),
            InboundSource.WeChatOfficial => WeChat(row, WeChatApp.OfficialAccount, WeChatPush.Parse(body)),
            _ when SmsInbound.Read(row.Source, body) is { } sms =>
                new UnderstoodPush(row, [.. sms.Receipts.Select(receipt => Receipt(sms.Provider, receipt))], [], sms.Replies) { Sms = sms, Unreadable = sms.Unreadable },
            _ => new UnderstoodPush(row, [], [], []),
        };
    }

    private UnderstoodPush WeChat(InboundRow row, WeChatApp app, ParsedPush push) => new(
        row, [],
        [.. push.Events.Select(e => e switch
        {
            SubscribePopup popup => new SubscriptionTap(weChat.Value.Of(app).AppId, popup.OpenId, popup.TemplateId, popup.Accepted, Popup: true) { At = popup.At },
            SubscribeChange change => new SubscriptionTap(weChat.Value.Of(app).AppId, change.OpenId, change.TemplateId, change.Accepted, Popup: false) { At = change.At },
            _ => null,
        }).OfType<SubscriptionTap>()],
        [])
    {
        App = app,
        Sent = [.. push.Events.Select(e => e switch
        {
            SubscribeSent sent => new SendEnd(Channel.WeChatSubscribe, sent.OpenId, sent.TemplateId, sent.MsgId, sent.Delivered, Short(sent.ErrorCode), sent.At),
            TemplateSent sent => new SendEnd(Channel.OfficialAccount, sent.OpenId, "", sent.MsgId, sent.Delivered, Short(sent.Status), sent.At),
            _ => null,
        }).OfType<SendEnd>()],
        Visits = [.. push.Events.Where(e => e is Followed or Unfollowed or Scanned or MenuTapped or ChatMessage)],
        // A part of several templates that nobody understands: the rest counts, and people see that there is more.
        Unreadable = push.Events.Count > 1 && push.Events.Any(e => e is UnknownPush),
    };

    private static Receipt Receipt(InboundRow row, SendEnd sent, ILookup<SendEnd, DoubtfulSend> meant)
    {
        var candidates = meant[sent].Take(2).ToList();
        return new Receipt(row.Id, sent.MsgId, "", null, sent.Delivered, sent.Code) { Meant = candidates.Count == 1 ? candidates[0] : null };
    }

    private Receipt Receipt(string provider, SmsReceipt receipt) => new(0, receipt.BizId, receipt.OutId,
        PhoneNumber.TryParse(receipt.Phone, out var phone, out _) ? blindIndex.Candidates(MemberColumns.PhoneIndex, phone.Digits) : [],
        receipt.Delivered, Short(receipt.Code)) { Provider = provider };

    // A provider's code is as long as it likes; the column has 64 characters, and the stored push has the whole.
    private static string Short(string code) => code.Length <= 64 ? code : code[..64];

    private sealed record UnderstoodPush(InboundRow Row, IReadOnlyList<Receipt> Receipts, IReadOnlyList<SubscriptionTap> Taps, IReadOnlyList<SmsReply> Replies)
    {
        /// <summary>The account of ours that WeChat pushed for.</summary>
        public WeChatApp App { get; init; } = WeChatApp.MiniProgram;

        /// <summary>Who followed, scanned, tapped or wrote.</summary>
        public IReadOnlyList<WeChatEvent> Visits { get; init; } = [];

        /// <summary>How subscribe messages and template messages ended; what they mean is looked up before they become receipts.</summary>
        public IReadOnlyList<SendEnd> Sent { get; init; } = [];

        /// <summary>What an SMS provider says; <c>null</c> when it is none of theirs.</summary>
        public SmsInbound? Sms { get; init; }

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
