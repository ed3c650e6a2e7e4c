using System.Security.Cryptography;
using System.Text;
using Engagement.Messaging.Outbox;
using Engagement.Storage;

namespace Engagement.Messaging.Receipts;

/// <summary>Where a pushed row stands.</summary>
public enum InboundState
{
    /// <summary>Not looked at yet, or to be looked at again.</summary>
    New = 1,

    /// <summary>Everything in it was applied.</summary>
    Applied = 2,

    /// <summary>It speaks of sends that are not ours.</summary>
    NotOurs = 3,

    /// <summary>Nothing here understands it; kept for people.</summary>
    NotUnderstood = 4,
}

/// <summary>Keeps what providers push before anything is done with it. A webhook does only this, then answers.</summary>
public sealed class InboundStore(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher, OutboxSignals signals)
{
    internal static readonly CipherColumn Body = new("inbound", "body");

    private const string Insert = """
        INSERT INTO inbound (id, source, dedupe_key, body_cipher, state, attempts, next_at, received_at)
        """;

    private const string Count = "SELECT COUNT(*) FROM inbound WHERE source = @source AND dedupe_key = @key";

    /// <summary>Keeps one push; the same push again changes nothing.</summary>
    /// <param name="source">One of <see cref="InboundSource"/>.</param>
    /// <param name="key">The provider's own de-duplication key, hashed or opaque: it stands in the table in plain text.</param>
    /// <param name="body">The plain body.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task AddAsync(string source, string key, ReadOnlyMemory<byte> body, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var id = ids.Next();
        var now = clocks.System.NowMs();
        await tx.InsertManyAsync(Insert, [body], (b, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]) =
            (id, source, key, cipher.Encrypt(Body, id, Encoding.UTF8.GetString(b.Span)), (int)InboundState.New, 0, now, now),
            tx.Dialect.OnConflictKeep("source, dedupe_key")).ConfigureAwait(false);
        tx.AfterCommit(() =>
        {
            CrashPoint.Reach("received");
            signals.Inbound.Set();
        });
    }, ct);

    /// <summary>Whether this push was kept before.</summary>
    public Task<bool> HasAsync(string source, string key, CancellationToken ct) =>
        database.ReadAsync(async session => await session.ScalarAsync<long>(Count, new { source, key }).ConfigureAwait(false) > 0, ct);

    /// <summary>The key of a push that is told apart by its bytes alone.</summary>
    public static string KeyOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));
}

/// <summary>The sources of pushes.</summary>
public static class InboundSource
{
    /// <summary>Events and messages of the mini-program from WeChat.</summary>
    public const string WeChat = "wechat";

    /// <summary>Events and messages of the official account from WeChat.</summary>
    public const string WeChatOfficial = "wechat_official";

    /// <summary>Aliyun's SmsReport.</summary>
    public const string AliyunReport = "aliyun_report";

    /// <summary>Aliyun's SmsUp.</summary>
    public const string AliyunReply = "aliyun_reply";

    /// <summary>Aliyun's TemplateSmsReport.</summary>
    public const string AliyunTemplate = "aliyun_template";

    /// <summary>Aliyun's SignSmsReport.</summary>
    public const string AliyunSign = "aliyun_sign";

    /// <summary>Tencent Cloud's delivery reports.</summary>
    public const string TencentReport = "tencent_report";

    /// <summary>Tencent Cloud's replies.</summary>
    public const string TencentReply = "tencent_reply";
}
