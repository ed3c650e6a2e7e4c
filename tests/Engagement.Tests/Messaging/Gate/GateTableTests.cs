using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using static Engagement.Members.Consents.Purpose;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Gate;

/// <summary>The shipped table against one that was written here from the rules of the trade, row by row.</summary>
public sealed class GateTableTests
{
    /// <summary>What holds for a kind; a channel that is <c>null</c> is closed to it.</summary>
    public sealed record Row(
        MessageKind Kind, DeliveryClass Class, Purpose[] All, Purpose[] Any, string Hours, bool OptOut, MayName MayName, bool Link, bool Commercial, bool Inbox,
        Purpose[]? WeChat, Purpose[]? Sms, Purpose[]? Official = null, Purpose[]? Chat = null);

    /// <summary>Every kind.</summary>
    internal static readonly Row[] Rows =
    [
        new(Verification, DeliveryClass.Service, [], [], "00:00-24:00", false, MayName.Nothing, false, false, false, null, []),
        new(Transaction, DeliveryClass.Service, [Membership], [], "08:00-22:00", false, MayName.Nothing, false, false, true, [], [], [], []),
        new(Refill, DeliveryClass.Reminder, [Health, Reminder], [], "09:00-20:00", true, MayName.Nothing, false, false, true, [], [], [], []),
        new(Dose, DeliveryClass.Reminder, [Health, Reminder], [], "00:00-24:00", false, MayName.Nothing, false, false, true, [], null, []),
        new(Birthday, DeliveryClass.Promotional, [], [MarketingWeChat, MarketingSms], "09:00-20:00", true, MayName.NonDrug, true, true, true, [MarketingWeChat], [MarketingSms]),
        new(Promotion, DeliveryClass.Promotional, [], [MarketingWeChat, MarketingSms], "09:00-20:00", true, MayName.NonPrescription, true, true, true, [MarketingWeChat], [MarketingSms]),
        new(Tip, DeliveryClass.Promotional, [], [Tips, MarketingWeChat], "09:00-20:00", true, MayName.General, false, false, true, [], null),
        new(Recall, DeliveryClass.Reminder, [], [], "09:00-20:00", false, MayName.TheProduct, false, false, true, [], [], [], []),
        new(Survey, DeliveryClass.Promotional, [Membership], [], "09:00-20:00", true, MayName.Nothing, false, false, true, [], [MarketingSms]),
    ];

    /// <summary>The row of a kind.</summary>
    internal static Row Of(MessageKind kind) => Rows.Single(row => row.Kind == kind);

    public static TheoryData<MessageKind> Kinds => [.. Enum.GetValues<MessageKind>()];

    [Fact]
    public void Every_kind_has_one_row_here_and_one_there()
    {
        Assert.Equal(Enum.GetValues<MessageKind>(), Rows.Select(row => row.Kind).Order());
        Assert.Equal(Enum.GetValues<MessageKind>(), GateTable.Shipped.Rules.Select(rule => rule.Kind).Order());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_row_says_what_the_trade_asks(MessageKind kind)
    {
        var (row, rule) = (Of(kind), GateTable.Shipped[kind]);

        Assert.Equal(row.Class, rule.Class);
        Assert.Equal(row.All, rule.Consents);
        Assert.Equal(row.Any, rule.AnyConsent);
        Assert.Equal(row.Hours, $"{rule.From}-{rule.Until}");
        Assert.Equal((row.OptOut, row.MayName, row.Link), (rule.OptOut, rule.MayName, rule.ProductLink));
        Assert.Equal((row.Commercial, row.Inbox), (rule.Commercial, rule.Inbox));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_row_opens_its_channels_and_no_others(MessageKind kind)
    {
        var (row, rule) = (Of(kind), GateTable.Shipped[kind]);

        Assert.Equal(row.WeChat, rule.Channels.GetValueOrDefault(Channel.WeChatSubscribe));
        Assert.Equal(row.Sms, rule.Channels.GetValueOrDefault(Channel.Sms));
        Assert.Equal(row.Official, rule.Channels.GetValueOrDefault(Channel.OfficialAccount));
        Assert.Equal(row.Chat, rule.Channels.GetValueOrDefault(Channel.CustomerService));
    }

    [Fact]
    public void Only_what_sells_is_commercial_and_only_what_is_promotional_may_be_held_out()
    {
        Assert.All(GateTable.Shipped.Rules, rule => Assert.True(!rule.Commercial || rule.Class == DeliveryClass.Promotional));
        Assert.All(GateTable.Shipped.Rules, rule => Assert.True(!rule.ProductLink || rule.Commercial));
    }

    [Fact]
    public void Hours_are_read_to_the_minute()
    {
        Assert.Equal((540, 1200), GateTable.Shipped[Promotion].Minutes);
        Assert.Equal((0, 1440), GateTable.Shipped[Verification].Minutes);
    }
}
