using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Engagement.Storage;

namespace Engagement.Members.Codes;

/// <summary>What a member shows at the till now.</summary>
/// <param name="Code">Twenty digits.</param>
/// <param name="ExpiresAt">When it stops working, system time.</param>
public sealed record MemberCode(string Code, DateTimeOffset ExpiresAt);

/// <summary>The dynamic member code: it tells a till or a pharmacist who stands before them, for a minute, and a photograph of it is of no use afterwards.</summary>
/// <remarks>
/// Twenty digits, so that a barcode is short: 88 (no payment code begins so), seventeen random ones and a check digit (Luhn). With a million codes alive a guess hits one in
/// a hundred thousand million. It may be read several times within its minute: the till looks the member up and then redeems.
/// </remarks>
public sealed class MemberCodes(Database database, Clocks clocks)
{
    /// <summary>How many digits a code has.</summary>
    public const int Length = 20;

    private const string Prefix = "88";

    internal const string SelectLive = "SELECT code, expires_at FROM member_code WHERE member_id = @p0 AND expires_at > @p1 ORDER BY expires_at DESC LIMIT 1";
    internal const string SelectMember = "SELECT member_id FROM member_code WHERE code = @p0 AND expires_at > @p1";
    private const string DeleteOld = "DELETE FROM member_code WHERE member_id = @id AND expires_at <= @now";
    private const string Insert = "INSERT INTO member_code (code, member_id, expires_at) VALUES (@code, @id, @until)";

    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(60);

    // Somebody who taps again and again gets the code that is there, as long as it is good for a walk to the till.
    private static readonly TimeSpan s_handedOut = TimeSpan.FromSeconds(30);

    /// <summary>The code to show now.</summary>
    public async Task<MemberCode> IssueAsync(MemberId member, CancellationToken ct)
    {
        var now = clocks.System.NowMs();
        MemberCode? live = null;
        await database.ReadAsync(async session =>
        {
            await session.ReadRowsAsync(SelectLive, row => live = new MemberCode(row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))),
                member.Value, now + (long)s_handedOut.TotalMilliseconds).ConfigureAwait(false);
            return true;
        }, ct).ConfigureAwait(false);
        if (live is not null) return live;
        var fresh = new MemberCode(New(), DateTimeOffset.FromUnixTimeMilliseconds(now + (long)s_life.TotalMilliseconds));
        await database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync(DeleteOld, new { id = member.Value, now }).ConfigureAwait(false);
            await tx.ExecuteAsync(Insert, new { code = fresh.Code, id = member.Value, until = fresh.ExpiresAt.ToUnixTimeMilliseconds() }).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        return fresh;
    }

    /// <summary>Who shows this code; <c>null</c> for one that is mistyped, unknown or over, which are all the same to whoever asks.</summary>
    public async Task<MemberId?> FindAsync(Session session, string? shown)
    {
        if (!TryRead(shown, out var code)) return null;
        MemberId? found = null;
        await session.ReadRowsAsync(SelectMember, row => found = new MemberId(row.GetInt64(0)), code, clocks.System.NowMs()).ConfigureAwait(false);
        return found;
    }

    /// <summary>Whether a text has the form of a code; spaces between its groups do no harm.</summary>
    public static bool TryRead(string? shown, [NotNullWhen(true)] out string? code)
    {
        code = null;
        if (shown is not { Length: <= 40 }) return false;
        var digits = shown.Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length != Length || !digits.StartsWith(Prefix, StringComparison.Ordinal) || !digits.All(char.IsAsciiDigit) || Luhn(digits) != 0) return false;
        code = digits;
        return true;
    }

    private static string New()
    {
        var digits = Prefix + RandomNumberGenerator.GetString("0123456789", Length - Prefix.Length - 1);
        return digits + (10 - Luhn(digits + '0')) % 10;
    }

    private static int Luhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var value = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? value : value * 2 / 10 + value * 2 % 10;
        }

        return sum % 10;
    }
}
