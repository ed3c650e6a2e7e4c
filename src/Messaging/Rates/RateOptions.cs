using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Rates;

/// <summary>How many messages may leave in a second, over all nodes together; 0 = no limit. Bound from <c>Rates</c>; refused at start when invalid.</summary>
public sealed class RateOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Rates";

    private const int Most = 100_000;

    /// <summary>Messages to WeChat.</summary>
    /// <value>Default 0: WeChat names caps of the day only (10 million calls for a mini-program without payment, 30 million with it; over them
    /// 45009) and a cap of the minute without its figure (45011); the account's own figure is in its console.</value>
    public int WeChat { get; set; }

    /// <summary>Messages to Aliyun SMS.</summary>
    /// <value>Default 4,000. Aliyun takes 5,000 calls a second from an account, and one call may carry many messages, so this is the
    /// careful side: with the default <see cref="Burst"/> no second sees more than 4,800.</value>
    public int Aliyun { get; set; } = 4000;

    /// <summary>Messages to Tencent Cloud SMS.</summary>
    /// <value>Default 2,400. Tencent takes 3,000 calls a second, and one call may carry many messages, so this is the careful side.</value>
    public int Tencent { get; set; } = 2400;

    /// <summary>Messages of any one provider template.</summary>
    /// <value>Default 0.</value>
    public int Template { get; set; }

    /// <summary>Messages of particular provider templates, by template id; wins over <see cref="Template"/>.</summary>
    public Dictionary<string, int> Templates { get; } = [];

    /// <summary>Messages of any one campaign, so that the shops and the hotline can bear the answers.</summary>
    /// <value>Default 0.</value>
    public int Campaign { get; set; }

    /// <summary>How much of a second's worth may leave at once after a lull.</summary>
    /// <value>Default 0.2 s, from 0.01 s to 5 s; always at least one message. In any one second no more than the rate and this leave.</value>
    public TimeSpan Burst { get; set; } = TimeSpan.FromSeconds(0.2);

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        (string Key, int Rate)[] rates = [("WeChat", WeChat), ("Aliyun", Aliyun), ("Tencent", Tencent), ("Template", Template), ("Campaign", Campaign), .. Templates.Select(pair => ($"Templates:{pair.Key}", pair.Value))];
        foreach (var (key, rate) in rates.Where(rate => rate.Rate is < 0 or > Most)) yield return $"{Section}:{key} must be from 0 (no limit) to {Most}, not {rate}.";
        if (Burst < TimeSpan.FromMilliseconds(10) || Burst > TimeSpan.FromSeconds(5)) yield return $"{Section}:Burst must be from 00:00:00.01 to 00:00:05.";
    }
}

/// <summary>Refuses the start when a rate cannot be used.</summary>
internal sealed class RateOptionsCheck : IValidateOptions<RateOptions>
{
    public ValidateOptionsResult Validate(string? name, RateOptions options)
    {
        var found = options.Problems().ToList();
        return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }
}
