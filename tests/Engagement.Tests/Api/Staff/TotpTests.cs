using System.Text;
using Engagement.Api.Staff.SignIn;

namespace Engagement.Tests.Api.Staff;

/// <summary>One-time codes against the vectors of RFC 6238, appendix B (SHA-1, eight digits).</summary>
public sealed class TotpTests
{
    // The ASCII secret of the RFC, in Base32.
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    [Theory]
    [InlineData(59L, "94287082")]
    [InlineData(1111111109L, "07081804")]
    [InlineData(1111111111L, "14050471")]
    [InlineData(1234567890L, "89005924")]
    [InlineData(2000000000L, "69279037")]
    [InlineData(20000000000L, "65353130")]
    public void The_vectors_of_the_rfc_come_out(long seconds, string code)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(code, Totp.Code(Encoding.ASCII.GetBytes("12345678901234567890"), Totp.StepOf(now), digits: 8));
        Assert.Equal(Totp.StepOf(now), Totp.Match(Secret, code[2..], now));
    }

    [Fact]
    public void A_clock_may_be_half_a_minute_off_and_no_more()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1111111111);
        var secret = Totp.NewSecret();
        var code = Code(secret, now);

        Assert.NotNull(Totp.Match(secret, code, now.AddSeconds(30)));
        Assert.NotNull(Totp.Match(secret, code, now.AddSeconds(-30)));
        Assert.Null(Totp.Match(secret, code, now.AddSeconds(90)));
        Assert.Null(Totp.Match(secret, code, now.AddSeconds(-90)));
        Assert.Null(Totp.Match(Secret, "", now));
        Assert.Null(Totp.Match(Secret, "１２３４５６", now));
    }

    [Fact]
    public void The_address_is_one_that_authenticator_apps_read()
    {
        Assert.Equal(
            $"otpauth://totp/Engagement%3Aliu.fang?secret={Secret}&issuer=Engagement&algorithm=SHA1&digits=6&period=30",
            Totp.Uri(Secret, "liu.fang"));
        Assert.Matches("^[A-Z2-7]{32}$", Totp.NewSecret());
        Assert.NotEqual(Totp.NewSecret(), Totp.NewSecret());
    }

    /// <summary>What an authenticator app would show.</summary>
    internal static string Code(string secret, DateTimeOffset now) => Totp.Code(Totp.Decode(secret), Totp.StepOf(now));
}
