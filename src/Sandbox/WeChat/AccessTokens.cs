using System.Buffers.Text;
using System.Security.Cryptography;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>A token as the token endpoints hand it out.</summary>
internal readonly record struct TokenGrant(string Text, int ExpiresIn);

/// <summary>
/// The access tokens of one app: the plain and the stable kind live side by side and never retire each other.
/// Safe for any thread.
/// </summary>
internal sealed class AccessTokens(SandboxClock clock)
{
    public const int ForcedPerDay = 20;

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(7_200);
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ForcedApart = TimeSpan.FromSeconds(30);

    // Enough past tokens to tell "expired" from "never seen".
    private const int Remembered = 200;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Issued> _issued = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private Issued? _plain;
    private Issued? _stable;
    private DateTimeOffset _lastForced = DateTimeOffset.MinValue;
    private DateOnly _forcedDay;
    private int _forcedToday;

    /// <summary><c>/cgi-bin/token</c>: always a new token; the one before keeps working for five more minutes.</summary>
    public TokenGrant NewPlain()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (_plain is { } old && now + Overlap < old.RetiredAt) old.RetiredAt = now + Overlap;
            _plain = Issue(now);
            return Grant(_plain, now);
        }
    }

    /// <summary><c>/cgi-bin/stable_token</c>, normal mode: the current token until five minutes before its end, then the next one.</summary>
    public TokenGrant CurrentStable()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (_stable is null || now + Overlap > _stable.ExpiresAt) _stable = Issue(now);
            return Grant(_stable, now);
        }
    }

    /// <summary>
    /// <c>/cgi-bin/stable_token</c>, forced: the old token dies at once. Calls less than 30 seconds apart refresh nothing;
    /// <c>null</c> when the day's twenty are used up.
    /// </summary>
    public TokenGrant? ForceStable()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (_stable is not null && now - _lastForced < ForcedApart) return Grant(_stable, now);

            var today = DateOnly.FromDateTime(clock.ChinaNow.Date);
            if (today != _forcedDay) (_forcedDay, _forcedToday) = (today, 0);
            if (++_forcedToday > ForcedPerDay) return null;

            _lastForced = now;
            _stable?.RetiredAt = now;
            _stable = Issue(now);
            return Grant(_stable, now);
        }
    }

    /// <summary>Why a business call with this token is refused, or <c>null</c> when the token is good.</summary>
    public WeChatError? Check(ReadOnlySpan<char> token)
    {
        if (token.IsEmpty) return WeChatError.MissingToken;
        lock (_gate)
        {
            if (!_issued.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var issued))
                return token.Length < 64 ? WeChatError.MalformedToken : WeChatError.InvalidCredential;

            var now = clock.GetUtcNow();
            return now >= issued.ExpiresAt ? WeChatError.ExpiredToken
                : now >= issued.RetiredAt ? WeChatError.InvalidCredential
                : null;
        }
    }

    /// <summary>Whether the token was handed out here, whatever became of it.</summary>
    public bool Knows(ReadOnlySpan<char> token)
    {
        lock (_gate) return _issued.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(token);
    }

    /// <summary>Every token has reached the end of its life: 42001 from now on.</summary>
    public void ExpireAll()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var issued in _issued.Values) issued.ExpiresAt = now;
            (_plain, _stable) = (null, null);
        }
    }

    /// <summary>Every token has been replaced by a refresh that our client did not see: 40001 from now on.</summary>
    public void RotateAll()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var issued in _issued.Values) issued.RetiredAt = now;
            (_plain, _stable) = (null, null);
        }
    }

    private Issued Issue(DateTimeOffset now)
    {
        var issued = new Issued(NewText(), now + Life);
        _issued.Add(issued.Text, issued);
        _order.Enqueue(issued.Text);
        if (_order.Count > Remembered) _issued.Remove(_order.Dequeue());
        return issued;
    }

    private static TokenGrant Grant(Issued token, DateTimeOffset now) => new(token.Text, (int)(token.ExpiresAt - now).TotalSeconds);

    // Long like the real ones: some clients take anything of 32 characters or fewer for an app id.
    private static string NewText() =>
        $"{RandomNumberGenerator.GetInt32(60, 99)}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(96))}";

    private sealed class Issued(string text, DateTimeOffset expiresAt)
    {
        public string Text => text;

        public DateTimeOffset ExpiresAt { get; set; } = expiresAt;

        public DateTimeOffset RetiredAt { get; set; } = DateTimeOffset.MaxValue;
    }
}
