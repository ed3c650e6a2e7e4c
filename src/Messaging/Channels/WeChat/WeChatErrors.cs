using System.Collections.Frozen;
using System.Globalization;
using static Engagement.Messaging.Channels.ErrorClass;

namespace Engagement.Messaging.Channels.WeChat;

/// <summary>What each of WeChat's error codes means for a message.</summary>
/// <remarks>A code in the table is a parsed refusal: WeChat does not have the message. A code that is not proves nothing.</remarks>
internal static class WeChatErrors
{
    // The client's own message id was seen before: the message is there.
    private const long AlreadySent = 45065;

    /// <summary>The access token was not good: drop it, fetch, repeat once.</summary>
    public static bool IsToken(long code) => code is 40001 or 40014 or 42001;

    /// <summary>The outcome of a call that was answered with a code other than 0.</summary>
    public static SendResult Refusal(long code)
    {
        var text = code.ToString(CultureInfo.InvariantCulture);
        if (code == AlreadySent) return SendResult.Ok(text, null);
        return s_classes.TryGetValue(code, out var errorClass)
            ? SendResult.Refused(errorClass, text)
            : new SendResult(Acceptance.Unknown, ErrorClass.Unknown, text, null);
    }

    /// <summary>The outcome of a call for an access token: there, 40001 means a wrong secret, and no new token will cure it.</summary>
    public static SendResult TokenRefusal(long code)
    {
        var refusal = Refusal(code);
        // Whatever went wrong, the message itself never left.
        return SendResult.Refused(refusal.Class == RefreshToken ? Config : refusal.Class, refusal.Code);
    }

    /// <summary>Whether the table has the code; one that it has not is worth a person's look.</summary>
    public static bool IsKnown(long code) => code == AlreadySent || s_classes.ContainsKey(code);

    // "None" = nothing to mend: the refusal concerns no message (typing state, a check repeated).
    private static readonly (int From, int To, ErrorClass Class)[] s_table =
    [
        (-1, -1, Retry),
        (1, 1, PermanentRecipient),
        (10700, 10700, PermanentRecipient), (10703, 10703, PermanentRecipient), (10706, 10706, PermanentRecipient),
        (20001, 20001, Retry), (20002, 20002, Config),
        (40001, 40001, RefreshToken),
        (40002, 40002, Config),
        (40003, 40003, PermanentRecipient),
        (40004, 40012, PermanentTemplate),
        (40013, 40013, Config),
        (40014, 40014, RefreshToken),
        (40029, 40030, PermanentRecipient),
        (40031, 40033, Config), (40035, 40035, Config),
        (40036, 40037, PermanentTemplate), (40039, 40039, PermanentTemplate), (40062, 40062, PermanentTemplate), (40066, 40066, PermanentTemplate),
        (40097, 40097, Config), (40125, 40125, Config),
        (40129, 40129, PermanentTemplate),
        (40130, 40130, Config), (40152, 40152, Config),
        (40159, 40159, PermanentTemplate),
        (40163, 40163, PermanentRecipient),
        (40164, 40164, Config),
        (40165, 40165, PermanentTemplate), (40169, 40169, PermanentTemplate),
        (40200, 40203, Config),
        (40212, 40212, PermanentTemplate), (40225, 40225, PermanentTemplate),
        (40226, 40226, PermanentRecipient),
        (40230, 40240, Config), (40243, 40243, Config), (40246, 40247, Config),
        (40249, 40249, PermanentTemplate),
        (41001, 41004, Config), (41006, 41006, Config), (41008, 41009, Config), (41028, 41029, Config),
        (41030, 41030, PermanentTemplate), (41040, 41040, PermanentTemplate),
        (42001, 42001, RefreshToken),
        (42002, 42003, PermanentRecipient), (42007, 42007, PermanentRecipient),
        (43001, 43003, Config),
        (43004, 43005, PermanentRecipient), (43019, 43019, PermanentRecipient), (43101, 43101, PermanentRecipient),
        (43104, 43104, Config), (43107, 43107, Config),
        (43108, 43108, Retry),
        (43116, 43116, PermanentTemplate),
        (44002, 44002, Config),
        (44990, 44991, Retry),
        (44993, 44993, Quota),
        (45002, 45008, PermanentTemplate),
        (45009, 45009, Quota),
        (45011, 45011, Retry),
        (45015, 45015, PermanentRecipient),
        (45028, 45029, Quota),
        (45047, 45047, PermanentRecipient),
        (45056, 45056, Config), (45058, 45059, Config),
        (45062, 45062, PermanentTemplate),
        (45066, 45066, Retry),
        (45067, 45067, Config),
        (45072, 45072, None), (45080, 45081, None),
        (45083, 45084, Config),
        (45113, 45113, PermanentTemplate),
        (45157, 45159, Config),
        (45168, 45168, PermanentTemplate),
        (45169, 45169, Retry), (45171, 45171, Retry),
        (46001, 46003, Config), (46004, 46004, PermanentRecipient),
        (47001, 47001, Config),
        (47003, 47003, PermanentTemplate),
        (48001, 48001, Config),
        (48002, 48002, PermanentRecipient),
        (48004, 48004, Config),
        (48006, 48006, Quota),
        (48008, 48008, Config),
        (48021, 48022, PermanentTemplate),
        (49003, 49003, PermanentRecipient),
        (50001, 50002, PermanentRecipient),
        (50004, 50004, Config),
        (50005, 50005, PermanentRecipient),
        (50007, 50007, Config),
        (61010, 61010, PermanentRecipient),
        (61080, 61081, Retry), (61450, 61450, Retry),
        (62751, 62751, PermanentRecipient),
        (65400, 65417, Config),
        (70000, 70000, PermanentRecipient),
        (76001, 76004, Config), (76021, 76022, Config),
        (85079, 85079, Config), (85088, 85088, Config), (85096, 85096, Config),
        (85400, 85400, Quota),
        (85401, 85402, Config),
        (85403, 85403, PermanentTemplate), (85405, 85405, PermanentTemplate),
        (85406, 85406, Quota),
        (85407, 85408, Config),
        (87007, 87009, PermanentRecipient),
        (87014, 87014, PermanentTemplate),
        (87020, 87020, None),
        (88000, 88010, Config),
        (89002, 89002, Config), (89300, 89300, Config), (89503, 89503, Config),
        (89504, 89505, Retry),
        (89506, 89507, Config),
        (200001, 200001, Retry), (200002, 200002, Config),
        (200011, 200012, Config), (200013, 200013, PermanentTemplate), (200014, 200021, Config), (200100, 200100, Config),
        (886001, 886001, Retry), (268487001, 268487002, Retry),
    ];

    private static readonly FrozenDictionary<long, ErrorClass> s_classes = s_table
        .SelectMany(row => Enumerable.Range(row.From, row.To - row.From + 1), (row, code) => KeyValuePair.Create((long)code, row.Class))
        .ToFrozenDictionary();
}
