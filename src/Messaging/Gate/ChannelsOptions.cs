namespace Engagement.Messaging.Gate;

/// <summary>In which order channels are tried, as a policy. Bound from <c>Channels</c>; refused at start when invalid.</summary>
/// <remarks>Only the order: what a kind may take stands in the gate table, and what a member allows with the member.</remarks>
public sealed class ChannelsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Channels";

    // Cheapest first: a chat that is open costs nothing; a subscription is a tap of the member's; the official account has its 100,000 a day; an SMS costs money.
    private static readonly Channel[] s_cheapestFirst = [Channel.CustomerService, Channel.WeChatSubscribe, Channel.OfficialAccount, Channel.Sms];

    /// <summary>The order for every kind; a channel that is not in it is not used.</summary>
    /// <value>Default (empty): <c>CustomerService</c>, <c>WeChatSubscribe</c>, <c>OfficialAccount</c>, <c>Sms</c>.</value>
    public List<Channel> Order { get; } = [];

    /// <summary>Another order for particular kinds, by the kind's name; wins over <see cref="Order"/>.</summary>
    public Dictionary<MessageKind, List<Channel>> Kinds { get; } = [];

    /// <summary>The order of each kind, by its number.</summary>
    internal Channel[][] ByKind()
    {
        var orders = new Channel[(int)Enum.GetValues<MessageKind>().Max() + 1][];
        Array.Fill(orders, Order.Count > 0 ? [.. Order] : s_cheapestFirst);
        foreach (var (kind, order) in Kinds) orders[(int)kind] = [.. order];
        return orders;
    }

    /// <summary>What is wrong, each sentence beginning with the key; nothing when all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        (string Key, List<Channel> Order)[] orders = [("Order", Order), .. Kinds.Select(pair => ($"Kinds:{pair.Key}", pair.Value))];
        foreach (var (key, order) in orders.Where(o => o.Order.Distinct().Count() < o.Order.Count || !o.Order.TrueForAll(Enum.IsDefined)))
            yield return $"{Section}:{key} must name channels, each once: {string.Join(", ", Enum.GetNames<Channel>())}.";
        foreach (var kind in Kinds.Keys.Where(kind => !Enum.IsDefined(kind)))
            yield return $"{Section}:Kinds knows no kind {kind}: {string.Join(", ", Enum.GetNames<MessageKind>())}.";
    }
}
