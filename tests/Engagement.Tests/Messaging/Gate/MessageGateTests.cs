using System.Reflection;
using System.Text.RegularExpressions;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Engagement.Tests.Support;
using Microsoft.Extensions.Options;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Gate;

/// <summary>The one function that decides: every kind on every channel, every reason, the hours, the caps and the order of the questions.</summary>
public sealed class MessageGateTests
{
    private const string Template = "TMPL-1";
    private static readonly int s_day = ChinaTime.DayOf(new DateOnly(2026, 3, 10));
    private static readonly DateTimeOffset s_noon = At(12, 0, 0);

    private readonly MessageGate _gate = new(GateTable.Shipped, Options.Create(new CapsOptions()), Options.Create(new QuietOptions()), Options.Create(new ChannelsOptions()));

    // Somebody who agreed to everything and can be reached in every way.
    private static readonly Recipient s_open = new()
    {
        Id = new MemberId(1), BirthYear = 1964, Consents = PurposeSet.Of(Enum.GetValues<Purpose>()), OpenId = "o1", PhoneIndex = "p1",
        Grants = new Dictionary<string, int> { [Template] = 1 }, OfficialOpenId = "of1", Window = new CustomerWindow(1, WeChatApp.OfficialAccount, "of1"),
    };

    // A message that has everything it could need.
    private static readonly MessageFacts s_ready = new()
    {
        NotAfter = At(19, 59, 59).ToUnixTimeMilliseconds() + 999, WeChatTemplateId = Template, HasSms = true, SmsFallback = true,
    };

    public static TheoryData<MessageKind> Kinds => GateTableTests.Kinds;

    public static TheoryData<MessageKind> KindsWithHours => [.. GateTableTests.Rows.Where(row => row.Hours == "09:00-20:00").Select(row => row.Kind)];

    public static TheoryData<MessageKind, Channel> KindsAndChannels
    {
        get
        {
            var data = new TheoryData<MessageKind, Channel>();
            foreach (var kind in Enum.GetValues<MessageKind>())
            {
                foreach (var channel in Enum.GetValues<Channel>()) data.Add(kind, channel);
            }

            return data;
        }
    }

    // ------------------------------------------------------------------ kind by channel

    [Theory]
    [MemberData(nameof(KindsAndChannels))]
    public void A_kind_goes_out_by_a_channel_with_just_the_consents_that_it_needs(MessageKind kind, Channel channel)
    {
        var row = GateTableTests.Of(kind);
        var needed = Needed(row, channel);
        var any = needed is { Length: > 0 } ? needed : row.Any.Take(1);
        var recipient = s_open with { Consents = PurposeSet.Of([.. row.All, .. any, .. needed ?? []]) };

        var verdict = Decide(kind, recipient, Only(channel));

        if (needed is not null) Assert.Equal((VerdictKind.Send, channel), (verdict.Kind, verdict.Channel));
        else Assert.Equal((VerdictKind.Suppress, row.Inbox ? Reason.InboxOnly : Reason.NoContent), (verdict.Kind, verdict.Reason));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_consent_less_and_nothing_goes_out(MessageKind kind)
    {
        var row = GateTableTests.Of(kind);
        foreach (var purpose in row.All)
        {
            Assert.Equal(MissingCode(purpose), Decide(kind, s_open with { Consents = Without(purpose) }, s_ready).Reason);
        }

        if (row.Any.Length > 0) Assert.Equal(MissingCode(row.Any[0]), Decide(kind, s_open with { Consents = Without(row.Any) }, s_ready).Reason);
        foreach (var purpose in row.Any)
        {
            var others = Decide(kind, s_open with { Consents = Without(purpose) }, s_ready);
            Assert.NotEqual(MissingCode(purpose), others.Reason);
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndChannels))]
    public void Consent_to_one_channel_is_none_to_the_other(MessageKind kind, Channel channel)
    {
        var row = GateTableTests.Of(kind);
        if (Needed(row, channel) is not { Length: > 0 } further) return;

        var verdict = Decide(kind, s_open with { Consents = Without(further) }, Only(channel));

        Assert.Equal((VerdictKind.Suppress, Reason.InboxOnly), (verdict.Kind, verdict.Reason));
        Assert.Contains($"{channel.Code()}={Reason.NoChannelConsent}", verdict.Refusals);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_member_with_nothing_gets_nothing(MessageKind kind)
    {
        Assert.Equal(VerdictKind.Suppress, Decide(kind, new Recipient { Id = new MemberId(1) }, s_ready).Kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_a_single_consent_only_a_code_and_a_recall_reach_a_phone(MessageKind kind)
    {
        var verdict = Decide(kind, new Recipient { Id = new MemberId(1), PhoneIndex = "p", OpenId = "o" }, s_ready);

        Assert.Equal(kind is Verification or Recall, verdict.Kind == VerdictKind.Send);
    }

    // ------------------------------------------------------------------ hours

    [Theory]
    [InlineData("08:59:59", false)]
    [InlineData("09:00:00", true)]
    [InlineData("19:59:59", true)]
    [InlineData("20:00:00", false)]
    public void Nothing_but_service_and_doses_leaves_before_nine_or_after_eight_in_China(string time, bool goes)
    {
        var facts = s_ready with { NotAfter = long.MaxValue };
        foreach (var row in GateTableTests.Rows.Where(row => row.Hours == "09:00-20:00"))
        {
            // The same instant on a server's clock elsewhere is the same instant.
            var now = At(TimeOnly.Parse(time)).ToOffset(TimeSpan.FromHours(-5));
            Assert.Equal(goes ? VerdictKind.Send : VerdictKind.Defer, _gate.Decide(row.Kind, s_open, facts, now).Kind);
        }
    }

    [Theory]
    [InlineData(Verification, "03:00:00", true)]
    [InlineData(Dose, "03:00:00", true)]
    [InlineData(Transaction, "07:59:59", false)]
    [InlineData(Transaction, "08:00:00", true)]
    [InlineData(Transaction, "21:59:59", true)]
    [InlineData(Transaction, "22:00:00", false)]
    public void Service_has_its_own_hours_and_a_dose_those_of_its_member(MessageKind kind, string time, bool goes)
    {
        var verdict = _gate.Decide(kind, s_open, s_ready with { NotAfter = long.MaxValue }, At(TimeOnly.Parse(time)));

        Assert.Equal(goes ? VerdictKind.Send : VerdictKind.Defer, verdict.Kind);
    }

    [Theory]
    [MemberData(nameof(KindsWithHours))]
    public void Outside_the_hours_it_waits_for_nine_unless_that_is_too_late(MessageKind kind)
    {
        var nine = At(9, 0, 0).ToUnixTimeMilliseconds();
        var tomorrow = nine + 24 * 3_600_000L;

        Assert.Equal((VerdictKind.Defer, nine, Reason.OutsideHours), WaitOf(At(6, 30, 0), nine));
        Assert.Equal((VerdictKind.Suppress, 0L, Reason.Expired), WaitOf(At(6, 30, 0), nine - 1));
        Assert.Equal((VerdictKind.Defer, tomorrow, Reason.OutsideHours), WaitOf(At(20, 0, 0), tomorrow));
        Assert.Equal((VerdictKind.Suppress, 0L, Reason.Expired), WaitOf(At(20, 0, 0), tomorrow - 1));

        (VerdictKind, long, string?) WaitOf(DateTimeOffset now, long notAfter)
        {
            var verdict = _gate.Decide(kind, s_open, s_ready with { NotAfter = notAfter }, now);
            return (verdict.Kind, verdict.Until, verdict.Reason);
        }
    }

    [Fact]
    public void After_its_last_moment_a_message_has_expired_within_the_hours_too()
    {
        Assert.Equal(VerdictKind.Send, Decide(Promotion, s_open, s_ready with { NotAfter = s_noon.ToUnixTimeMilliseconds() }).Kind);
        Assert.Equal(Reason.Expired, Decide(Promotion, s_open, s_ready with { NotAfter = s_noon.ToUnixTimeMilliseconds() - 1 }).Reason);
    }

    [Fact]
    public void A_chain_may_narrow_the_hours_and_not_widen_those_of_a_kind()
    {
        var narrow = new MessageGate(GateTable.Shipped, Options.Create(new CapsOptions()),
            Options.Create(new QuietOptions { From = TimeSpan.FromHours(11), Until = TimeSpan.FromHours(21) }), Options.Create(new ChannelsOptions()));

        Assert.Equal(At(11, 0, 0), narrow.OpensAt(GateTable.Shipped[Promotion], At(10, 0, 0)));
        Assert.Equal(At(11, 0, 0).AddDays(1), narrow.OpensAt(GateTable.Shipped[Promotion], At(20, 30, 0)));
        Assert.Equal(At(10, 0, 0), narrow.OpensAt(GateTable.Shipped[Transaction], At(10, 0, 0)));
    }

    // ------------------------------------------------------------------ caps

    [Fact]
    public void One_commercial_message_a_day_over_all_channels()
    {
        Assert.Equal(Reason.CapReached, Decide(Promotion, s_open with { PromotionalToday = 1 }, s_ready).Reason);
        Assert.Equal(VerdictKind.Send, Decide(Refill, s_open with { PromotionalToday = 1 }, s_ready).Kind);
        Assert.Equal(VerdictKind.Send, Decide(Transaction, s_open with { PromotionalToday = 9 }, s_ready).Kind);
    }

    [Fact]
    public void Two_commercial_sms_a_week_and_WeChat_goes_on()
    {
        Assert.Equal(VerdictKind.Send, Decide(Promotion, s_open with { CommercialSmsThisWeek = 1 }, Only(Channel.Sms)).Kind);
        var third = Decide(Promotion, s_open with { CommercialSmsThisWeek = 2 }, Only(Channel.Sms));
        Assert.Equal((Reason.InboxOnly, "wechat_subscribe=no_content,sms=sms_cap_reached"), (third.Reason, third.Refusals));
        Assert.Equal(Channel.WeChatSubscribe, Decide(Promotion, s_open with { CommercialSmsThisWeek = 2 }, s_ready).Channel);
    }

    [Fact]
    public void Caps_are_the_chains_to_set()
    {
        var generous = new MessageGate(GateTable.Shipped, Options.Create(new CapsOptions { PromotionalPerDay = 2, CommercialSmsPerWeek = 0 }), Options.Create(new QuietOptions()), Options.Create(new ChannelsOptions()));

        Assert.Equal(VerdictKind.Send, generous.Decide(Promotion, s_open with { PromotionalToday = 1 }, s_ready, s_noon).Kind);
        Assert.Contains("sms=sms_cap_reached", generous.Decide(Promotion, s_open, Only(Channel.Sms), s_noon).Refusals);
    }

    // ------------------------------------------------------------------ channels

    [Fact]
    public void The_order_is_cheapest_first_and_only_a_channel_that_is_open_is_taken()
    {
        var whole = s_ready with { HasOfficialAccount = true, HasCustomerService = true };
        var recipient = s_open;
        Assert.Equal(Channel.CustomerService, Decide(Refill, recipient, whole).Channel);
        recipient = recipient with { Window = null };
        Assert.Equal((Channel.WeChatSubscribe, "customer_service=window_closed"), Way(Decide(Refill, recipient, whole)));
        recipient = recipient with { Grants = new Dictionary<string, int>() };
        Assert.Equal((Channel.OfficialAccount, "customer_service=window_closed,wechat_subscribe=no_grant"), Way(Decide(Refill, recipient, whole)));
        recipient = recipient with { OfficialOpenId = null };
        Assert.Equal((Channel.Sms, "customer_service=window_closed,wechat_subscribe=no_grant,official_account=not_following"), Way(Decide(Refill, recipient, whole)));

        static (Channel, string?) Way(Verdict verdict) => (verdict.Channel, verdict.Refusals);
    }

    [Fact]
    public void The_order_is_the_chains_to_set_for_all_kinds_and_for_one()
    {
        var options = new ChannelsOptions();
        options.Order.AddRange([Channel.Sms, Channel.WeChatSubscribe]);
        options.Kinds[Refill] = [Channel.OfficialAccount];
        var gate = new MessageGate(GateTable.Shipped, Options.Create(new CapsOptions()), Options.Create(new QuietOptions()), Options.Create(options));
        var whole = s_ready with { HasOfficialAccount = true, HasCustomerService = true };

        Assert.Empty(options.Problems());
        Assert.Equal(Channel.Sms, gate.Decide(Recall, s_open, whole, s_noon).Channel);
        Assert.Equal(Channel.OfficialAccount, gate.Decide(Refill, s_open, whole, s_noon).Channel);
        Assert.Equal(Reason.InboxOnly, gate.Decide(Refill, s_open with { OfficialOpenId = null }, whole, s_noon).Reason);

        options.Order.Add(Channel.Sms);
        options.Kinds[Dose] = [(Channel)9];
        Assert.Equal(["Channels:Kinds:Dose", "Channels:Order"], options.Problems().Select(problem => problem.Split(' ')[0]).Order());
    }

    // The official account takes no advertising (40249), and a chat is an answer and no stage.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_promotional_goes_to_followers_or_into_chats(MessageKind kind)
    {
        var verdict = Decide(kind, s_open, s_ready with { WeChatTemplateId = null, HasSms = false, HasOfficialAccount = true, HasCustomerService = true });

        if (GateTable.Shipped[kind].Class == DeliveryClass.Promotional)
            Assert.Equal("customer_service=not_this_channel,wechat_subscribe=no_content,official_account=not_this_channel," + (kind == Tip ? "sms=not_this_channel" : "sms=no_content"), verdict.Refusals);
    }

    [Fact]
    public void A_template_that_WeChat_has_deleted_is_not_sent_in_vain()
    {
        Assert.Equal((Channel.Sms, "wechat_subscribe=template_gone"), (Decide(Refill, s_open, s_ready with { WeChatTemplateGone = true }).Channel, Decide(Refill, s_open, s_ready with { WeChatTemplateGone = true }).Refusals));
        Assert.Contains("official_account=template_gone", Decide(Refill, s_open, s_ready with { WeChatTemplateId = null, HasOfficialAccount = true, OfficialTemplateGone = true }).Refusals);
    }

    [Fact]
    public void WeChat_comes_first_and_sms_stands_in()
    {
        Assert.Equal(Channel.WeChatSubscribe, Decide(Refill, s_open, s_ready).Channel);
        var noGrant = Decide(Refill, s_open with { Grants = new Dictionary<string, int>() }, s_ready);
        Assert.Equal((VerdictKind.Send, Channel.Sms, "wechat_subscribe=no_grant"), (noGrant.Kind, noGrant.Channel, noGrant.Refusals));
    }

    [Fact]
    public void A_channel_that_has_refused_is_not_asked_again_and_when_all_have_it_has_failed()
    {
        var once = Decide(Refill, s_open, s_ready with { ChannelsTried = 1 << (int)Channel.WeChatSubscribe });
        Assert.Equal((VerdictKind.Send, Channel.Sms), (once.Kind, once.Channel));

        var twice = Decide(Refill, s_open, s_ready with { ChannelsTried = (1 << (int)Channel.WeChatSubscribe) | (1 << (int)Channel.Sms) });
        Assert.Equal((VerdictKind.Fail, Reason.ProviderRefused, "wechat_subscribe=refused_before,sms=refused_before"), (twice.Kind, twice.Reason, twice.Refusals));
    }

    [Theory]
    [InlineData(Promotion, true, false, false)]
    [InlineData(Promotion, false, true, true)]
    [InlineData(Refill, true, false, true)]
    [InlineData(Refill, false, true, false)]
    [InlineData(Verification, true, true, true)]
    public void A_refusal_by_reply_stops_what_it_was_about(MessageKind kind, bool commercial, bool reminders, bool goes)
    {
        var verdict = Decide(kind, s_open with { CommercialSmsBarred = commercial, ReminderSmsBarred = reminders }, Only(Channel.Sms));

        Assert.Equal(goes, verdict.Kind == VerdictKind.Send);
        if (!goes) Assert.EndsWith("sms=opted_out", verdict.Refusals);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_private_mode_only_a_code_that_was_asked_for_comes_by_sms(MessageKind kind)
    {
        Assert.Equal(kind == Verification, Decide(kind, s_open with { PrivateMode = true }, Only(Channel.Sms)).Kind == VerdictKind.Send);
    }

    // The last year in which somebody may still be thirteen: only the year of birth is known for many.
    [Theory]
    [InlineData(2012, false)]
    [InlineData(2011, true)]
    [InlineData(null, true)]
    public void Who_may_be_under_fourteen_gets_no_marketing(int? birthYear, bool goes)
    {
        var recipient = s_open with { BirthYear = birthYear };

        Assert.Equal(goes, Decide(Promotion, recipient, s_ready).Kind == VerdictKind.Send);
        Assert.Equal(VerdictKind.Send, Decide(Refill, recipient, s_ready).Kind);
    }

    // ------------------------------------------------------------------ reasons and their order

    // Each fault alone gives its reason; of two the earlier one is given. A cancelled or refilled message is no question about the member.
    private static readonly (string Reason, Func<Recipient, Recipient> Member, Func<MessageFacts, MessageFacts> Message)[] s_order =
    [
        (Reason.Cancelled, r => r, m => m with { Cancelled = true }),
        (Reason.Erased, r => r with { Erased = true }, m => m),
        (Reason.Minor, r => r with { BirthYear = 2020 }, m => m),
        (Reason.NoMarketingConsent, r => r with { Consents = default }, m => m),
        (Reason.SwitchedOff, r => r with { MutedKinds = 1L << (int)Promotion }, m => m),
        (Reason.Answered, r => r, m => m with { Answered = true }),
        (Reason.Refilled, r => r, m => m with { Refilled = true }),
        (Reason.PrescriptionGuard, r => r, m => m with { PromotesPrescription = true }),
        (Reason.TipAndOffer, r => r with { LastTipAt = s_noon.ToUnixTimeMilliseconds() }, m => m),
        (Reason.InboxOnly, r => r with { OpenId = null, PhoneIndex = null }, m => m),
        (Reason.Expired, r => r, m => m with { NotAfter = 0 }),
        (Reason.CapReached, r => r with { PromotionalToday = 1 }, m => m),
    ];

    [Fact]
    public void Of_two_reasons_the_weightier_is_given()
    {
        for (var i = 0; i < s_order.Length; i++)
        {
            for (var j = i; j < s_order.Length; j++)
            {
                var recipient = s_order[j].Member(s_order[i].Member(s_open));
                var message = s_order[j].Message(s_order[i].Message(s_ready));
                Assert.Equal(s_order[i].Reason, Decide(Promotion, recipient, message).Reason);
            }
        }
    }

    // The questions of one channel, in their order.
    private static readonly (string Reason, Func<Recipient, Recipient> Member, Func<MessageFacts, MessageFacts> Message)[] s_smsOrder =
    [
        (Reason.NoChannelConsent, r => r with { Consents = PurposeSet.Of(Purpose.MarketingWeChat) }, m => m),
        (Reason.ChannelOff, r => r with { MutedChannels = 1L << (int)Channel.Sms }, m => m),
        (Reason.RefusedBefore, r => r, m => m with { ChannelsTried = 1 << (int)Channel.Sms }),
        (Reason.NoContent, r => r, m => m with { HasSms = false }),
        (Reason.NoPhone, r => r with { PhoneIndex = null }, m => m),
        (Reason.OptedOut, r => r with { CommercialSmsBarred = true }, m => m),
        (Reason.PrivateMode, r => r with { PrivateMode = true }, m => m),
        (Reason.SmsFallbackOff, r => r, m => m with { SmsFallback = false }),
        (Reason.SmsNotForPromotion, r => r, m => m with { SmsClosed = Reason.SmsNotForPromotion }),
        (Reason.SmsCapReached, r => r with { CommercialSmsThisWeek = 2 }, m => m),
    ];

    [Fact]
    public void Sms_asks_for_consent_first_and_counts_last()
    {
        for (var i = 0; i < s_smsOrder.Length; i++)
        {
            for (var j = i; j < s_smsOrder.Length; j++)
            {
                var recipient = s_smsOrder[j].Member(s_smsOrder[i].Member(s_open));
                var message = s_smsOrder[j].Message(s_smsOrder[i].Message(s_ready with { WeChatTemplateId = null }));
                Assert.Equal($"wechat_subscribe=no_content,sms={s_smsOrder[i].Reason}", Decide(Promotion, recipient, message).Refusals);
            }
        }
    }

    [Theory]
    [InlineData(Promotion, "no_channel_consent")]
    [InlineData(Verification, "not_this_channel")]
    public void WeChat_says_why_it_is_closed(MessageKind kind, string reason) =>
        Assert.Equal("wechat_subscribe=" + reason, Decide(kind, s_open with { Consents = Without(Purpose.MarketingWeChat) }, s_ready).Refusals);

    [Fact]
    public void WeChat_needs_a_content_an_openid_and_a_subscription_for_this_template()
    {
        Assert.Equal("wechat_subscribe=no_content", Decide(Refill, s_open with { OpenId = null, Grants = new Dictionary<string, int>() }, s_ready with { WeChatTemplateId = null }).Refusals);
        Assert.Equal("wechat_subscribe=no_openid", Decide(Refill, s_open with { OpenId = null, Grants = new Dictionary<string, int>() }, s_ready).Refusals);
        Assert.Equal("wechat_subscribe=no_grant", Decide(Refill, s_open with { Grants = new Dictionary<string, int> { ["another"] = 3, [Template] = 0 } }, s_ready).Refusals);
    }

    [Fact]
    public void A_recall_may_name_a_prescription_product()
    {
        Assert.Equal(VerdictKind.Send, Decide(Recall, s_open, s_ready with { PromotesPrescription = true }).Kind);
    }

    [Theory]
    [InlineData(Transaction, Purpose.Membership, "no_membership_consent")]
    [InlineData(Refill, Purpose.Health, "no_health_consent")]
    [InlineData(Refill, Purpose.Reminder, "no_reminder_consent")]
    [InlineData(Promotion, Purpose.MarketingWeChat, "no_marketing_consent")]
    [InlineData(Tip, Purpose.Tips, "no_tips_consent")]
    public void A_missing_consent_has_its_own_code(MessageKind kind, Purpose missing, string code)
    {
        var recipient = s_open with { Consents = missing is Purpose.Tips or Purpose.MarketingWeChat ? default : Without(missing) };

        Assert.Equal(code, Decide(kind, recipient, s_ready).Reason);
    }

    // What the gate never says: these are given by runs, by rendering and by the desks.
    private static readonly string[] s_elsewhere =
        [Reason.SmsNotApproved, Reason.SmsNoticeTemplate, Reason.SmsProvidersResting, Reason.Already, Reason.SensitiveCategory, Reason.HeldOut, Reason.ContentRefused, Reason.TemplateError, Reason.DataError, Reason.NoReceipt];

    [Fact]
    public void Every_reason_of_the_gate_is_given_by_a_test_above()
    {
        var tested = s_order.Concat(s_smsOrder).Select(row => row.Reason).Concat(
        [
            Reason.NoMembershipConsent, Reason.NoHealthConsent, Reason.NoReminderConsent, Reason.NoTipsConsent, Reason.OutsideHours, Reason.NotThisChannel,
            Reason.NoOpenId, Reason.NoGrant, Reason.ProviderRefused, Reason.NotFollowing, Reason.WindowClosed, Reason.TemplateGone,
        ]);

        Assert.Equal(Codes().Except(s_elsewhere).Order(), tested.Distinct().Order());
    }

    [Fact]
    public void Every_reason_has_a_sentence_in_both_languages()
    {
        Assert.Equal(Codes().Order(), Reason.All.Keys.Order());
        Assert.All(Reason.All, reason =>
        {
            Assert.Matches(@"\p{IsCJKUnifiedIdeographs}", reason.Value.Zh);
            Assert.Matches("^[A-Za-z0-9 ,;:()'-]+$", reason.Value.En);
        });
        Assert.Equal(Reason.All.Count, Reason.All.Values.Select(phrase => phrase.En).Distinct().Count());
        Assert.Equal(Reason.All.Count, Reason.All.Values.Select(phrase => phrase.Zh).Distinct().Count());
        Assert.All(Reason.All.Keys, code => Assert.True(code.Length <= 32, "the column has 32 characters"));
    }

    [Fact]
    public void A_code_of_a_provider_stands_for_itself() => Assert.Equal(new Phrase("43101", "43101"), Reason.Sentence("43101"));

    [Fact]
    public void No_reason_is_dead()
    {
        var sources = Directory.EnumerateFiles(Repository.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("Gate/Reason.cs", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        var missing = Enum.GetValues<Purpose>().Select(Reason.Missing).ToHashSet();

        Assert.Empty(from field in Fields()
                     where !missing.Contains((string)field.GetValue(null)!) && !sources.Exists(text => Regex.IsMatch(text, $@"\bReason\.{field.Name}\b"))
                     select field.Name);
    }

    private static IEnumerable<FieldInfo> Fields() => typeof(Reason).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral);

    private static IEnumerable<string> Codes() => Fields().Select(field => (string)field.GetValue(null)!);

    private Verdict Decide(MessageKind kind, Recipient recipient, MessageFacts message) => _gate.Decide(kind, recipient, message, s_noon);

    private static MessageFacts Only(Channel channel) => channel switch
    {
        Channel.Sms => s_ready with { WeChatTemplateId = null },
        Channel.WeChatSubscribe => s_ready with { HasSms = false },
        Channel.OfficialAccount => s_ready with { WeChatTemplateId = null, HasSms = false, HasOfficialAccount = true },
        Channel.CustomerService => s_ready with { WeChatTemplateId = null, HasSms = false, HasCustomerService = true },
    };

    private static Purpose[]? Needed(GateTableTests.Row row, Channel channel) => channel switch
    {
        Channel.Sms => row.Sms,
        Channel.WeChatSubscribe => row.WeChat,
        Channel.OfficialAccount => row.Official,
        Channel.CustomerService => row.Chat,
    };

    private static PurposeSet Without(params Purpose[] purposes) => PurposeSet.Of([.. Enum.GetValues<Purpose>().Except(purposes)]);

    private static string MissingCode(Purpose purpose) => purpose switch
    {
        Purpose.Membership => "no_membership_consent",
        Purpose.Health => "no_health_consent",
        Purpose.Reminder => "no_reminder_consent",
        Purpose.Tips => "no_tips_consent",
        _ => "no_marketing_consent",
    };

    private static DateTimeOffset At(int hour, int minute, int second) => At(new TimeOnly(hour, minute, second));

    private static DateTimeOffset At(TimeOnly time) => ChinaTime.At(s_day, time);
}
