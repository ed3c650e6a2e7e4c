using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Receipts;

/// <summary>Answers what people write to us, each answer at most once and only in an open window.</summary>
internal sealed class ChatReplies(
    Database database, Clocks clocks, FieldCipher cipher, IWeChatApi weChat, IOptions<WeChatOptions> options, ILogger<ChatReplies> logger)
{
    private const int BatchSize = 50;
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private const string Due = "SELECT id AS Id, account AS Account, openid AS OpenId, reply_cipher AS Reply FROM wechat_chat WHERE state = 1 AND ready_at <= @now ORDER BY id LIMIT @limit";

    private const string Begin = "UPDATE wechat_chat SET state = 2 WHERE id = @id AND state = 1";

    private const string End = "UPDATE wechat_chat SET state = @state, reply_code = @code, ready_at = @readyAt WHERE id = @id AND state = 2";

    // The shortest first: it is gone first.
    private const string OpenWindow = """
        SELECT id FROM wechat_window
        WHERE  account = @account AND openid = @openId AND remaining > 0 AND until_at > @now
        ORDER BY until_at
        LIMIT  1
        """;

    /// <summary>Sends the answers that are due; how many were looked at.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var due = await database.ReadAsync(session => session.QueryAsync<DueRow>(Due, new { now = clocks.System.NowMs(), limit = BatchSize }), ct).ConfigureAwait(false);
        foreach (var row in due)
        {
            if (await database.WriteAsync(tx => BeginAsync(tx, row), ct).ConfigureAwait(false) is not { } window) continue;
            var app = row.Account == options.Value.AppId ? WeChatApp.MiniProgram : WeChatApp.OfficialAccount;
            var result = await weChat.SendCustomerServiceAsync(new CustomerServiceMessage(app, row.OpenId, cipher.Decrypt(ChatDesk.Reply, row.Id, row.Reply)!), CancellationToken.None).ConfigureAwait(false);
            // What has left is written down, stopped or not.
            await database.WriteAsync(tx => EndAsync(tx, row.Id, window, result), CancellationToken.None).ConfigureAwait(false);
            if (result.Accepted != Acceptance.Yes) Log.ReplyRefused(logger, row.Id, result.Code);
        }

        return due.Count;
    }

    private async Task<long?> BeginAsync(Tx tx, DueRow row)
    {
        var now = clocks.System.NowMs();
        if (await tx.ExecuteAsync(Begin, new { id = row.Id }).ConfigureAwait(false) == 0) return null;
        if (await tx.SingleOrDefaultAsync<long?>(OpenWindow, new { account = row.Account, openId = row.OpenId, now }).ConfigureAwait(false) is not { } window)
        {
            await tx.ExecuteAsync(End, new { id = row.Id, state = (int)ChatState.NotAnswered, code = Reason.WindowClosed, readyAt = now }).ConfigureAwait(false);
            return null;
        }

        await tx.ExecuteAsync("UPDATE wechat_window SET remaining = remaining - 1 WHERE id = @window", new { window }).ConfigureAwait(false);
        return window;
    }

    private async Task EndAsync(Tx tx, long id, long window, SendResult result)
    {
        var later = result is { Accepted: Acceptance.No, Class: ErrorClass.Retry or ErrorClass.Quota or ErrorClass.RefreshToken };
        var state = result.Accepted == Acceptance.Yes ? ChatState.Answered : later ? ChatState.ToAnswer : ChatState.NotAnswered;
        var readyAt = (clocks.System.GetUtcNow() + s_pause).ToUnixTimeMilliseconds();
        await tx.ExecuteAsync(End, new { id, state = (int)state, code = result.Code, readyAt }).ConfigureAwait(false);
        if (result.Accepted == Acceptance.No) await tx.ExecuteAsync(CustomerWindow.Closes(result.Code)
            ? "UPDATE wechat_window SET remaining = 0 WHERE id = @window"
            : "UPDATE wechat_window SET remaining = remaining + 1 WHERE id = @window", new { window }).ConfigureAwait(false);
    }

    private sealed class DueRow
    {
        public long Id { get; init; }
        public string Account { get; init; } = "";
        public string OpenId { get; init; } = "";
        public byte[] Reply { get; init; } = [];
    }
}
