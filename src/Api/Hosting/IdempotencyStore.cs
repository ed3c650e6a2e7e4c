using System.Text.Json;
using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>An answer that is given again.</summary>
internal sealed record KeptAnswer(int Status, Dictionary<string, string> Headers, string Body);

/// <summary>What became of a key: carry the request out, give the kept answer, or refuse.</summary>
internal sealed record KeyClaim(IdempotentRequest? Request, KeptAnswer? Answer, Problem? Refused);

/// <summary>The table of Idempotency-Keys. Answers are encrypted: they may hold personal data.</summary>
internal sealed class IdempotencyStore(Database database, IdGenerator ids, FieldCipher cipher, Clocks clocks)
{
    /// <summary>How long a request under way is taken to be alive.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>How long a key is remembered.</summary>
    internal static readonly TimeSpan Keep = TimeSpan.FromHours(24);

    private const string Insert = """
        INSERT INTO idempotency (principal, idem_key, id, request_hash, state, attempt, lease_until, created_at)
        VALUES (@principal, @key, @id, @hash, 1, 1, @lease, @now)
        """;

    private const string Select = """
        SELECT id, request_hash AS RequestHash, state, attempt, lease_until AS LeaseUntil, status, headers, body_cipher AS BodyCipher
        FROM idempotency WHERE principal = @principal AND idem_key = @key
        """;

    private const string OfAttempt = "WHERE principal = @Principal AND idem_key = @Key AND attempt = @Attempt";
    private const string TakeOver = $"UPDATE idempotency SET attempt = attempt + 1, lease_until = @lease {OfAttempt} AND state = 1";
    private const string Commit = $"UPDATE idempotency SET state = 2 {OfAttempt} AND state = 1";
    private const string Remember = $"UPDATE idempotency SET state = 3, status = @status, headers = @headers, body_cipher = @body {OfAttempt}";
    private const string Release = $"DELETE FROM idempotency {OfAttempt} AND state = 1";
    private const string Sweep = "DELETE FROM idempotency WHERE created_at < @before";

    private static readonly CipherColumn s_body = new("idempotency", "body_cipher");

    /// <summary>Takes a key for one request, or says what an earlier one with it came to.</summary>
    public Task<KeyClaim> ClaimAsync(string principal, string key, string hash, CancellationToken ct)
    {
        var (id, now) = (ids.Next(), clocks.System.NowMs());
        var lease = now + (long)Lease.TotalMilliseconds;
        return database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync($"{Insert} {tx.Dialect.OnConflictKeep("principal, idem_key")}", new { principal, key, id, hash, lease, now });
            var row = (await tx.SingleOrDefaultAsync<Row>($"{Select} {tx.Dialect.ForUpdate}", new { principal, key }))!;
            var attempt = (int)row.Attempt;
            if (row.Id == id) return new KeyClaim(new IdempotentRequest(principal, key, id, attempt), null, null);
            if (row.RequestHash != hash) return new KeyClaim(null, null, Problems.KeyReused);
            if (row.State == 3) return new KeyClaim(null, Kept(row), null);
            if (row.LeaseUntil > now) return new KeyClaim(null, null, Problems.InProgress);
            if (row.State == 2) return new KeyClaim(null, null, Problems.AnswerLost);
            await tx.ExecuteAsync(TakeOver, new { Principal = principal, Key = key, Attempt = attempt, lease });
            return new KeyClaim(new IdempotentRequest(principal, key, row.Id, attempt + 1), null, null);
        }, ct);
    }

    /// <summary>Binds the key to the change: call it in the transaction of the change.</summary>
    /// <exception cref="InvalidOperationException">Another try has taken the key over; the change must not be committed.</exception>
    public static async Task CommitAsync(Tx tx, IdempotentRequest request)
    {
        if (await tx.ExecuteAsync(Commit, request) != 1) throw new InvalidOperationException("Another try of this request has taken over its Idempotency-Key.");
    }

    /// <summary>Keeps the answer of a request that was carried out.</summary>
    public Task RememberAsync(IdempotentRequest request, KeptAnswer answer) => database.WriteAsync(tx => tx.ExecuteAsync(Remember, new
    {
        request.Principal, request.Key, request.Attempt, status = answer.Status, headers = JsonSerializer.Serialize(answer.Headers),
        body = cipher.Encrypt(s_body, request.Id, answer.Body),
    }), CancellationToken.None);

    /// <summary>Frees the key of a request that changed nothing.</summary>
    public Task ReleaseAsync(IdempotentRequest request) => database.WriteAsync(tx => tx.ExecuteAsync(Release, request), CancellationToken.None);

    /// <summary>Removes what is older than <see cref="Keep"/>; how many.</summary>
    public Task<int> SweepAsync(CancellationToken ct) =>
        database.WriteAsync(tx => tx.ExecuteAsync(Sweep, new { before = (clocks.System.GetUtcNow() - Keep).ToUnixTimeMilliseconds() }), ct);

    private KeptAnswer Kept(Row row) =>
        new((int)row.Status!.Value, JsonSerializer.Deserialize<Dictionary<string, string>>(row.Headers!)!, cipher.Decrypt(s_body, row.Id, row.BodyCipher)!);

    private sealed class Row
    {
        public long Id { get; init; }
        public string RequestHash { get; init; } = "";
        public long State { get; init; }
        public long Attempt { get; init; }
        public long LeaseUntil { get; init; }
        public long? Status { get; init; }
        public string? Headers { get; init; }
        public byte[]? BodyCipher { get; init; }
    }
}

/// <summary>Removes old answers, once an hour.</summary>
internal sealed class IdempotencySweeper(IdempotencyStore store, ILogger<IdempotencySweeper> logger) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(s_tick, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                await store.SweepAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.SweepFailed(logger, failure);
            }
        }
    }
}
