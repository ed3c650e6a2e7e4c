using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Tests.Support;
using static Engagement.Tests.Messaging.Channels.WeChatAccount;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Every code of WeChat's documents, one by one, against a list that was written from them and not from our table.</summary>
public sealed class WeChatCodes
{
    private static readonly Dictionary<long, string> s_codes = File.ReadLines(Repository.Path("tests", "Engagement.Tests", "Messaging", "Channels", "wechat-codes.tsv"))
        .Skip(1).Select(line => line.Split('\t')).ToDictionary(row => long.Parse(row[0]), row => row[1]);

    [Fact]
    public void Each_documented_code_is_a_definite_refusal_of_its_class()
    {
        Assert.True(s_codes.Count > 200);
        Assert.Empty(from code in s_codes
                     let said = WeChatErrors.Refusal(code.Key)
                     // The one code that says that the message is there.
                     let expected = code.Value == "Sent" ? SendResult.Ok(code.Key.ToString(), null) : SendResult.Refused(Enum.Parse<ErrorClass>(code.Value), code.Key.ToString())
                     where said != expected
                     select $"{code.Key}: {said}");
    }

    [Fact]
    public void Any_other_code_proves_nothing()
    {
        // From far below to far above what is documented: one wrong range would take in hundreds.
        var known = Enumerable.Range(-100, 100_100).Select(code => (long)code).Where(code => WeChatErrors.Refusal(code) is not { Accepted: Acceptance.Unknown, Class: ErrorClass.Unknown });
        Assert.Equal(s_codes.Keys.Where(code => code < 100_000).Order(), known);
        Assert.False(WeChatErrors.IsKnown(999_888));
    }

    [Fact]
    public void At_the_token_endpoint_a_tokens_code_is_a_wrong_secret_and_nothing_is_in_doubt()
    {
        Assert.All(s_codes.Where(code => code.Value == "RefreshToken"), code => Assert.Equal(SendResult.Refused(ErrorClass.Config, code.Key.ToString()), WeChatErrors.TokenRefusal(code.Key)));
        Assert.Equal(Acceptance.No, WeChatErrors.TokenRefusal(999_888).Accepted);
    }

    [Fact]
    public async Task A_call_that_asks_hears_the_same_classes_as_a_send()
    {
        await using var account = await OpenAsync();
        foreach (var (code, expected) in s_codes.Where(code => code.Value is not ("Sent" or "RefreshToken")).Where((_, i) => i % 17 == 0))
        {
            account.Provider.On("/wxa/msg_sec_check", Error(code));

            var reply = await account.Api.Accounts.CheckTextAsync(new TextToCheck("o1", "你好", TextScene.Comment), default);

            Assert.Equal((expected, code.ToString(), null), (reply.Class.ToString(), reply.Code, reply.Value));
        }
    }
}
