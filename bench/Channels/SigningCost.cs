using System.Diagnostics;
using System.Security.Cryptography;
using Engagement.Messaging.Channels.Sms.Aliyun;
using Engagement.Messaging.Channels.Sms.Tencent;

namespace Engagement.Bench.Channels;

/// <summary>What a signature costs, hash of the body included.</summary>
internal static class SigningCost
{
    private const int Calls = 20_000;
    private const string Form = "application/x-www-form-urlencoded";

    // As long as a call with one message, and with a hundred.
    private static readonly byte[] s_one = new byte[300];
    private static readonly byte[] s_hundred = new byte[20_000];

    /// <summary>Adds the figures, in microseconds a call.</summary>
    public static IEnumerable<Figure> Measure(int rounds)
    {
        var now = TimeProvider.System.GetUtcNow();
        var query = Acs3Signature.Query(("TemplateCode", "SMS_100000003"), ("OutId", "0000000000000000000000"));
        var key = Tc3Signature.Key("secret", new Tc3Call("", "", now, "", "").Day, "sms");
        foreach (var (name, body) in ((string, byte[])[])[("one message", s_one), ("a hundred messages", s_hundred)])
        {
            yield return Of($"signing ACS3, {name}", rounds, () => Acs3Signature.Authorize(
                new Acs3Call("SendBatchSms", "dysmsapi.aliyuncs.com", "/", query, now, RandomNumberGenerator.GetHexString(32, lowercase: true), Acs3Signature.HashOf(body), Form),
                "AccessKeyId", "AccessKeySecret"));
            yield return Of($"signing TC3, {name}", rounds, () => Tc3Signature.Authorize(
                new Tc3Call("sms.tencentcloudapi.com", "sms", now, "application/json; charset=utf-8", Tc3Signature.HashOf(body)), "SecretId", key));
        }
    }

    private static Figure Of(string name, int rounds, Func<string> sign)
    {
        var microseconds = new List<double>();
        for (var round = -1; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var length = 0;
            for (var i = 0; i < Calls; i++) length += sign().Length;
            if (round >= 0 && length > 0) microseconds.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / Calls);
        }

        return Figure.Of(name, "µs/call", microseconds);
    }
}
