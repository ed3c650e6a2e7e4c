using Engagement.Messaging;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Engagement.Tests.Messaging.Channels.Routing;

/// <summary>Which providers a message may take, kind by kind, and why not.</summary>
public sealed class ChoosingProviders(SqliteTestDatabase test) : IClassFixture<SqliteTestDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.FromHours(8));
    private static readonly SmsContent s_content = new("SMS_1", "康宁大药房", "您好，您有一项提醒。", new Dictionary<string, string>())
    {
        Others = new Dictionary<string, SmsProviderTemplate> { ["tencent"] = new("1110", []), ["huawei"] = new("H1", []) },
    };

    private static readonly SmsContent s_varied = s_content with { Parameters = new Dictionary<string, string> { ["store"] = "x" } };

    private SmsApprovals _approvals = null!;

    public static TheoryData<MessageKind> Kinds => [.. Enum.GetValues<MessageKind>()];

    public async Task InitializeAsync()
    {
        await test.Database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM sms_approval"), default);
        _approvals = new SmsApprovals(test.Database, new Clocks(new ManualClock(), new ManualClock()), NullLogger<SmsApprovals>.Instance);
        await _approvals.RefreshAsync(default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_an_agreement_no_provider_takes_a_promotion_and_all_take_the_rest(MessageKind kind)
    {
        var rule = GateTable.Shipped[kind];
        var way = Router().Look(rule, rule, s_content, s_noon);

        if (rule.Class == DeliveryClass.Promotional) Assert.Equal((0, Reason.SmsNotForPromotion), (way.Open.Count, way.Closed));
        else Assert.Equal(("aliyun tencent huawei", null), (Names(way), way.Closed));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void With_one_only_those_that_have_it_take_promotions_and_Huawei_none_with_variables(MessageKind kind)
    {
        var rule = GateTable.Shipped[kind];
        var router = Router("tencent", "huawei");

        if (rule.Class != DeliveryClass.Promotional)
        {
            Assert.Equal(3, router.Look(rule, rule, s_varied, s_noon).Open.Count);
            return;
        }

        Assert.Equal(["tencent", "huawei"], router.Look(rule, rule, s_content, s_noon).Open.Select(route => route.Provider));
        Assert.Equal(["tencent"], router.Look(rule, rule, s_varied, s_noon).Open.Select(route => route.Provider));
    }

    [Theory]
    [InlineData("07:59", "2026-03-10 08:00")]
    [InlineData("08:00", null)]
    [InlineData("21:59", null)]
    [InlineData("22:00", "2026-03-11 08:00")]
    public void Tencent_takes_promotions_from_eight_to_ten_in_the_evening(string time, string? opens)
    {
        var rule = GateTable.Shipped[MessageKind.Promotion];
        var now = DateTimeOffset.Parse($"2026-03-10 {time}:00+08:00");

        var way = Router("tencent").Look(rule, rule, s_content, now);

        Assert.Equal(["tencent"], way.Open.Select(route => route.Provider));
        Assert.Equal(opens is null ? 0 : DateTimeOffset.Parse(opens + ":00+08:00").ToUnixTimeMilliseconds(), way.OpensAt);
        Assert.Equal(0, Router("tencent").Look(GateTable.Shipped[MessageKind.Recall], GateTable.Shipped[MessageKind.Recall], s_content, now).OpensAt);
    }

    [Fact]
    public void A_provider_without_hours_carries_what_another_may_not_just_now()
    {
        var rule = GateTable.Shipped[MessageKind.Promotion];

        var way = Router("aliyun", "tencent").Look(rule, rule, s_content, s_noon.AddHours(11));

        Assert.Equal(("aliyun", 0), (Names(way), way.OpensAt));
    }

    [Fact]
    public async Task A_notice_template_never_carries_a_promotion()
    {
        var promotion = GateTable.Shipped[MessageKind.Promotion];
        var router = Router("aliyun");
        Assert.Equal(Reason.SmsNoticeTemplate, router.Look(promotion, GateTable.Shipped[MessageKind.Transaction], s_content, s_noon).Closed);

        await SaidAsync(new SmsApproval("aliyun", SmsSubject.Template, "SMS_1", SmsApprovalState.Approved, SmsTemplateType.Notice, ""));
        Assert.Equal(Reason.SmsNoticeTemplate, router.Look(promotion, promotion, s_content, s_noon).Closed);

        await SaidAsync(new SmsApproval("aliyun", SmsSubject.Template, "SMS_1", SmsApprovalState.Approved, SmsTemplateType.Marketing, ""));
        Assert.Null(router.Look(promotion, promotion, s_content, s_noon).Closed);
    }

    [Theory]
    [InlineData(SmsApprovalState.Draft)]
    [InlineData(SmsApprovalState.InReview)]
    [InlineData(SmsApprovalState.Refused)]
    public async Task What_a_provider_has_not_approved_goes_by_another_or_not_at_all(SmsApprovalState state)
    {
        var rule = GateTable.Shipped[MessageKind.Recall];
        await SaidAsync(new SmsApproval("aliyun", SmsSubject.Template, "SMS_1", state, SmsTemplateType.Unknown, "内容不合规"));

        Assert.Equal(["tencent", "huawei"], Router().Look(rule, rule, s_content, s_noon).Open.Select(route => route.Provider));
        Assert.Equal(Reason.SmsNotApproved, Router().Look(rule, rule, s_content with { Others = null }, s_noon).Closed);
        Assert.Equal("内容不合规", Assert.Single(await _approvals.AllAsync(default)).Reason);

        await SaidAsync(new SmsApproval("aliyun", SmsSubject.Template, "SMS_1", SmsApprovalState.Approved, SmsTemplateType.Unknown, ""));
        Assert.Equal(3, Router().Look(rule, rule, s_content, s_noon).Open.Count);
    }

    [Fact]
    public async Task A_signature_that_was_refused_closes_the_provider_for_it()
    {
        var rule = GateTable.Shipped[MessageKind.Recall];
        await SaidAsync(new SmsApproval("tencent", SmsSubject.Signature, "康宁大药房", SmsApprovalState.Refused, SmsTemplateType.Unknown, "资质不全"));

        Assert.Equal(["aliyun", "huawei"], Router().Look(rule, rule, s_content, s_noon).Open.Select(route => route.Provider));
        var own = s_content with { Others = new Dictionary<string, SmsProviderTemplate> { ["tencent"] = new("1110", []) { SignName = "康宁" } } };
        Assert.Equal(["aliyun", "tencent"], Router().Look(rule, rule, own, s_noon).Open.Select(route => route.Provider));
    }

    [Fact]
    public void Content_that_is_nowhere_has_no_way()
    {
        var rule = GateTable.Shipped[MessageKind.Recall];

        Assert.Same(SmsWay.None, Router().Look(rule, rule, null, s_noon));
    }

    [Fact]
    public void A_route_gives_the_values_in_the_order_of_its_provider_and_keeps_different_ones_apart()
    {
        KeyValuePair<string, string>[] values = [KeyValuePair.Create("a", "1"), KeyValuePair.Create("b", "2")];
        var tencent = new SmsRoute("tencent", "1110", "康宁", ["b", "a"], SmsCapabilities.ByProvider["tencent"]);
        var aliyun = new SmsRoute("aliyun", "SMS_1", "康宁", null, SmsCapabilities.ByProvider["aliyun"]);

        Assert.Equal(["2", "1"], tencent.Arrange(values).Select(value => value.Value));
        Assert.Equal(values, aliyun.Arrange(values));
        Assert.NotEqual(tencent.CallKey(values, ""), tencent.CallKey([values[0], values[0]], ""));
        Assert.NotEqual(tencent.CallKey(values, ""), tencent.CallKey(values, "12"));
        Assert.Equal(aliyun.CallKey(values, ""), aliyun.CallKey([values[0], values[0]], ""));
    }

    private static string Names(SmsWay way) => string.Join(' ', way.Open.Select(route => route.Provider));

    private SmsRouter Router(params string[] promoting)
    {
        ISmsProvider[] providers = [.. new[] { "aliyun", "tencent", "huawei" }.Select(name =>
            new PlannedProvider(name, SmsCapabilities.ByProvider[name] with { TakesPromotions = promoting.Contains(name) }))];
        var traffic = new SmsTraffic(providers.Select(one => one.Name), new SmsOptions(), TimeProvider.System, NullLogger<SmsTraffic>.Instance);
        return new SmsRouter(new SmsProviders(providers, traffic), _approvals);
    }

    private async Task SaidAsync(SmsApproval said)
    {
        await test.Database.WriteAsync(tx => _approvals.SaidAsync(tx, said), default);
        await _approvals.RefreshAsync(default);
    }
}
