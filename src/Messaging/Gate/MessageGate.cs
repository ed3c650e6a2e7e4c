using Engagement.Members.Consents;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Gate;

/// <summary>The one function that decides whether a message may go out, and how.</summary>
/// <remarks>
/// The order is the design's: erased, consent, suppression list, private mode, subscribe grant, prescription guard, hours,
/// caps; the content lint follows when the text exists. It fails closed, and every no has a reason.
/// </remarks>
public sealed class MessageGate(GateTable table, IOptions<CapsOptions> caps, IOptions<QuietOptions> quiet, IOptions<ChannelsOptions> channels)
{
    /// <summary>How far a health tip and an offer to one member are kept apart.</summary>
    internal static readonly TimeSpan Apart = TimeSpan.FromHours(24);

    // Moving on happens only where a channel is closed or has definitely refused.
    private readonly Channel[][] _orders = channels.Value.ByKind();

    /// <summary>The table behind it.</summary>
    public GateTable Table => table;

    /// <summary>Why this member cannot get this kind at all, whatever the channel; <c>null</c> when nothing stands against it.</summary>
    /// <remarks>Asked when a run is planned, and again at each intent.</remarks>
    public static string? RefusesMember(KindRule rule, bool erased, int? birthYear, PurposeSet consents, int year, long mutedKinds = 0)
    {
        if (erased) return Reason.Erased;
        // Only the year is known here: in the year in which somebody turns fourteen they may still be thirteen.
        if (rule.Class == DeliveryClass.Promotional && birthYear is { } born && year - born <= 14) return Reason.Minor;
        foreach (var purpose in rule.Consents)
        {
            if (!consents.Has(purpose)) return Reason.Missing(purpose);
        }

        if (rule.AnyConsent.Count > 0 && !rule.AnyConsent.Any(consents.Has)) return Reason.Missing(rule.AnyConsent[0]);
        return MayMute(rule.Kind) && (mutedKinds & (1L << (int)rule.Kind)) != 0 ? Reason.SwitchedOff : null;
    }

    /// <summary>Whether members may switch a kind off: not what they asked for this minute, what concerns their own account, or what the law wants them to hear.</summary>
    public static bool MayMute(MessageKind kind) => kind is not (MessageKind.Verification or MessageKind.Transaction or MessageKind.Recall);

    /// <summary>The verdict on one message at <paramref name="now"/> (business time).</summary>
    public Verdict Decide(MessageKind kind, Recipient recipient, MessageFacts message, DateTimeOffset now)
    {
        var rule = table[kind];
        if (message.Cancelled) return Suppress(Reason.Cancelled);
        if (RefusesMember(rule, recipient.Erased, recipient.BirthYear, recipient.Consents, ChinaTime.DateOf(now).Year, recipient.MutedKinds) is { } no) return Suppress(no);
        if (message.Answered) return Suppress(Reason.Answered);
        if (message.Refilled) return Suppress(Reason.Refilled);
        if (message.PromotesPrescription && rule.MayName != MayName.TheProduct) return Suppress(Reason.PrescriptionGuard);
        if (TooNear(rule, recipient, now) is { } apart)
        {
            return apart > message.NotAfter ? Suppress(Reason.TipAndOffer) : new Verdict(VerdictKind.Defer, default, Reason.TipAndOffer, apart, null);
        }

        string? refusals = null;
        foreach (var channel in _orders[(int)kind])
        {
            if (!IsMeant(channel, message)) continue;
            if (RefusesChannel(rule, channel, recipient, message) is not { } closed) return AtThisHour(rule, channel, recipient, message, now, refusals);
            refusals = (refusals is null ? "" : refusals + ",") + channel.Code() + "=" + closed;
        }

        return message.ChannelsTried == 0
            ? Suppress(rule.Inbox ? Reason.InboxOnly : Reason.NoContent, refusals)
            : new Verdict(VerdictKind.Fail, default, Reason.ProviderRefused, 0, refusals);
    }

    // Advertising law wants knowledge and offers apart (domain 4.4, 8): from when on this one is, when it is not yet.
    private static long? TooNear(KindRule rule, Recipient recipient, DateTimeOffset now)
    {
        var other = rule.Kind == MessageKind.Tip ? recipient.LastOfferAt : rule.Commercial ? recipient.LastTipAt : 0;
        var apart = other + (long)Apart.TotalMilliseconds;
        return other > 0 && apart > now.ToUnixTimeMilliseconds() ? apart : null;
    }

    private string? RefusesChannel(KindRule rule, Channel channel, Recipient recipient, MessageFacts message)
    {
        if (!rule.Channels.TryGetValue(channel, out var consents)) return Reason.NotThisChannel;
        if (!consents.All(recipient.Consents.Has)) return Reason.NoChannelConsent;
        if (rule.Class != DeliveryClass.Service && (recipient.MutedChannels & (1L << (int)channel)) != 0) return Reason.ChannelOff;
        if ((message.ChannelsTried & (1 << (int)channel)) != 0) return Reason.RefusedBefore;
        return channel switch
        {
            Channel.WeChatSubscribe => RefusesWeChat(recipient, message),
            Channel.Sms => RefusesSms(rule, recipient, message),
            Channel.OfficialAccount => recipient.OfficialOpenId is null ? Reason.NotFollowing : message.OfficialTemplateGone ? Reason.TemplateGone : null,
            Channel.CustomerService => recipient.Window is null ? Reason.WindowClosed : null,
        };
    }

    // Few templates are written for the official account and for chats; that others are not is no refusal to tell of.
    private static bool IsMeant(Channel channel, MessageFacts message) => channel switch
    {
        Channel.WeChatSubscribe or Channel.Sms => true,
        Channel.OfficialAccount => message.HasOfficialAccount,
        Channel.CustomerService => message.HasCustomerService,
    };

    private static string? RefusesWeChat(Recipient recipient, MessageFacts message) =>
        message.WeChatTemplateId is not { } template ? Reason.NoContent
        : message.WeChatTemplateGone ? Reason.TemplateGone
        : recipient.OpenId is null ? Reason.NoOpenId
        : recipient.Grants.GetValueOrDefault(template) <= 0 ? Reason.NoGrant
        : null;

    private string? RefusesSms(KindRule rule, Recipient recipient, MessageFacts message)
    {
        if (!message.HasSms) return Reason.NoContent;
        if (recipient.PhoneIndex is null) return Reason.NoPhone;
        var barred = rule.Class switch
        {
            DeliveryClass.Service => false,
            DeliveryClass.Reminder => recipient.ReminderSmsBarred,
            DeliveryClass.Promotional => recipient.CommercialSmsBarred,
        };
        if (barred) return Reason.OptedOut;
        if (recipient.PrivateMode && rule.Kind != MessageKind.Verification) return Reason.PrivateMode;
        if (rule.Class != DeliveryClass.Promotional) return message.SmsClosed;
        return !message.SmsFallback ? Reason.SmsFallbackOff
            : message.SmsClosed is { } closed ? closed
            : rule.Commercial && recipient.CommercialSmsThisWeek >= caps.Value.CommercialSmsPerWeek ? Reason.SmsCapReached
            : null;
    }

    private Verdict AtThisHour(KindRule rule, Channel channel, Recipient recipient, MessageFacts message, DateTimeOffset now, string? refusals)
    {
        var opens = OpensAt(rule, now).ToUnixTimeMilliseconds();
        if (channel == Channel.Sms) opens = Math.Max(opens, message.SmsOpensAt);
        if (opens > message.NotAfter) return Suppress(Reason.Expired, refusals);
        if (opens > now.ToUnixTimeMilliseconds()) return new Verdict(VerdictKind.Defer, channel, Reason.OutsideHours, opens, refusals);
        if (rule.Class == DeliveryClass.Promotional && recipient.PromotionalToday >= caps.Value.PromotionalPerDay) return Suppress(Reason.CapReached, refusals);
        return new Verdict(VerdictKind.Send, channel, null, 0, refusals);
    }

    /// <summary>The first moment from <paramref name="now"/> on at which the kind may go out.</summary>
    public DateTimeOffset OpensAt(KindRule rule, DateTimeOffset now)
    {
        var (from, until) = rule.Minutes;
        var (opens, closes) = (TimeSpan.FromMinutes(from), TimeSpan.FromMinutes(until));
        // A kind that may go out round the clock (a code, the member's own dose times) has no quiet hours.
        if (rule.Class != DeliveryClass.Service && until - from < 24 * 60)
        {
            opens = opens > quiet.Value.From ? opens : quiet.Value.From;
            closes = closes < quiet.Value.Until ? closes : quiet.Value.Until;
        }

        var local = ChinaTime.In(now);
        var midnight = local - local.TimeOfDay;
        return local.TimeOfDay < opens ? midnight + opens : local.TimeOfDay < closes ? now : midnight.AddDays(1) + opens;
    }

    private static Verdict Suppress(string reason, string? refusals = null) => new(VerdictKind.Suppress, default, reason, 0, refusals);
}
