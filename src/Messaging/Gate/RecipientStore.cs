using System.Data.Common;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;

namespace Engagement.Messaging.Gate;

/// <summary>Whether a member may be in an audience at all: what <see cref="MessageGate.RefusesMember"/> asks for.</summary>
/// <param name="Id">Who.</param>
/// <param name="Erased">Whether the member asked to be erased.</param>
/// <param name="BirthYear">The year of birth, when known.</param>
/// <param name="Consents">What the member agreed to.</param>
public sealed record Eligibility(MemberId Id, bool Erased, int? BirthYear, PurposeSet Consents)
{
    /// <summary>Kinds that the member has switched off: bit n stands for the kind with number n.</summary>
    public long MutedKinds { get; init; }
}

/// <summary>A member as a wave needs it: for the gate, and for rendering and addressing.</summary>
/// <param name="Gate">What the gate asks for.</param>
/// <param name="NameCipher">The name, encrypted.</param>
/// <param name="PhoneCipher">The phone, encrypted; opened only to dial it.</param>
/// <param name="Sex">1 male, 2 female, 0 unknown.</param>
/// <param name="StoreName">The home store.</param>
/// <param name="StoreCity">Its city.</param>
internal sealed record WaveMember(Recipient Gate, byte[]? NameCipher, byte[]? PhoneCipher, int Sex, string? StoreName, string? StoreCity);

/// <summary>Reads members for the gate, many at a time.</summary>
public static class RecipientStore
{
    // Purposes and scopes are small numbers, each at most once for a member: their sum is a set of bits.
    private const string Consents = "(SELECT SUM(1 << c.purpose) FROM consent c WHERE c.member_id = m.id AND c.granted = 1)";

    private const string Eligible = $"SELECT m.id, m.erased_at, m.birth_year, {Consents}, m.muted_kinds FROM member m WHERE m.id IN";

    // The openid is joined from the member's side: asked for by account, SQLite reads every openid that the account has.
    internal const string Members = $"""
        SELECT m.id, m.gate_version, m.erased_at, m.private_mode, m.birth_year, m.phone_index, m.name_cipher, m.phone_cipher, m.sex,
               s.name, s.city, {Consents}, i.openid,
               (SELECT SUM(x.scope) FROM suppression x WHERE x.channel = 1 AND x.address_index = m.phone_index),
               m.muted_kinds, m.muted_channels
        FROM   member m LEFT JOIN store s ON s.id = m.store_id LEFT JOIN member_identity i ON i.member_id = m.id AND i.account = @p0
        WHERE  m.id IN
        """;

    // From the member's side, for the same reason.
    internal const string Reach = """
        SELECT m.id, i.account, i.openid, w.id, w.until_at
        FROM   member m JOIN member_identity i ON i.member_id = m.id
               LEFT JOIN wechat_window w ON w.account = i.account AND w.openid = i.openid AND w.remaining > 0 AND w.until_at > @p0
        WHERE  m.id IN
        """;

    private const string Grants = "SELECT member_id, template_id, remaining FROM wechat_grant WHERE remaining > 0 AND member_id IN";

    // What went out, or may have gone out: Sending, Sent, Delivered, Undelivered and InDoubt. Of the last day also what came into the inbox alone.
    // The id, which rises with time, keeps years of other messages out.
    private const string Recent = """
        SELECT member_id, channel, intent_at, kind, outcome_at, state
        FROM   message
        WHERE  id >= @p0 AND class = 3 AND (state IN (2, 3, 4, 5, 8) AND intent_at >= @p1 OR state = 6 AND outcome_at >= @p2 AND reason IN ('inbox_only', 'cap_reached')) AND member_id IN
        """;

    // No message waits longer than this between its making and its intent; then a week counts.
    private static readonly TimeSpan s_longestLife = TimeSpan.FromDays(45);

    /// <summary>What decides whether these members may be in an audience.</summary>
    public static async Task<IReadOnlyList<Eligibility>> EligibilityAsync(Session session, IReadOnlyList<long> members)
    {
        var found = new Dictionary<long, Eligibility>(members.Count);
        await session.ReadInAsync(Eligible, members, row =>
        {
            var id = row.GetInt64(0);
            found[id] = new Eligibility(new MemberId(id), !row.IsDBNull(1), Number(row, 2), new PurposeSet(Bits(row, 3))) { MutedKinds = row.GetInt64(4) };
        }).ConfigureAwait(false);
        return [.. members.Where(found.ContainsKey).Select(id => found[id])];
    }

    /// <summary>Everything that a wave needs to know of these members.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="members">Their ids, each once.</param>
    /// <param name="account">The WeChat account whose openids count.</param>
    /// <param name="now">Business time.</param>
    /// <param name="systemNow">System time, which ids are made from; never later than business time.</param>
    internal static async Task<Dictionary<long, WaveMember>> LoadAsync(
        Session session, IReadOnlyList<long> members, string account, DateTimeOffset now, DateTimeOffset systemNow)
    {
        var grants = new Dictionary<long, Dictionary<string, int>>();
        await session.ReadInAsync(Grants, members, row =>
        {
            if (!grants.TryGetValue(row.GetInt64(0), out var book)) grants[row.GetInt64(0)] = book = [];
            book[row.GetString(1)] = row.GetInt32(2);
        }).ConfigureAwait(false);
        var (today, week, offers, tips) = await RecentAsync(session, members, now, systemNow).ConfigureAwait(false);

        var found = new Dictionary<long, WaveMember>(members.Count);
        await session.ReadInAsync(Members, members, row =>
        {
            var id = row.GetInt64(0);
            var barred = Bits(row, 13);
            found[id] = new WaveMember(new Recipient
            {
                Id = new MemberId(id), Version = row.GetInt64(1), Erased = !row.IsDBNull(2), PrivateMode = row.GetInt32(3) != 0,
                BirthYear = Number(row, 4), PhoneIndex = Text(row, 5), MutedKinds = Bits(row, 14), MutedChannels = Bits(row, 15), Consents = new PurposeSet(Bits(row, 11)), OpenId = Text(row, 12),
                CommercialSmsBarred = (barred & (long)SuppressionScope.Commercial) != 0, ReminderSmsBarred = (barred & (long)SuppressionScope.Reminders) != 0,
                Grants = grants.GetValueOrDefault(id) ?? s_noGrants,
                LastOfferAt = offers.GetValueOrDefault(id), LastTipAt = tips.GetValueOrDefault(id),
                PromotionalToday = today.GetValueOrDefault(id), CommercialSmsThisWeek = week.GetValueOrDefault(id),
            }, Bytes(row, 6), Bytes(row, 7), row.GetInt32(8), Text(row, 9), Text(row, 10));
        }, account).ConfigureAwait(false);
        return found;
    }

    /// <summary>Adds how these members can be reached at WeChat beside the mini-program's cards. Asked only for a wave with a template that could use it.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="found">The members; those who can be reached are replaced.</param>
    /// <param name="accounts">Our accounts.</param>
    /// <param name="systemNow">WeChat's time.</param>
    internal static async Task AddReachAsync(Session session, Dictionary<long, WaveMember> found, WeChatOptions accounts, DateTimeOffset systemNow)
    {
        var windows = new Dictionary<long, long>();
        await session.ReadInAsync(Reach, [.. found.Keys], row =>
        {
            var (id, account, openId) = (row.GetInt64(0), row.GetString(1), row.GetString(2));
            WeChatApp? app = account == accounts.AppId ? WeChatApp.MiniProgram : account == accounts.OfficialAccount.AppId ? WeChatApp.OfficialAccount : null;
            if (app is null) return;
            var gate = found[id].Gate;
            if (app == WeChatApp.OfficialAccount) gate = gate with { OfficialOpenId = openId };
            // The shortest first: it is gone first.
            if (!row.IsDBNull(3) && row.GetInt64(4) < windows.GetValueOrDefault(id, long.MaxValue))
            {
                windows[id] = row.GetInt64(4);
                gate = gate with { Window = new CustomerWindow(row.GetInt64(3), app.Value, openId) };
            }

            found[id] = found[id] with { Gate = gate };
        }, systemNow.ToUnixTimeMilliseconds()).ConfigureAwait(false);
    }

    private static readonly Dictionary<string, int> s_noGrants = [];

    private static async Task<(Dictionary<long, int> Today, Dictionary<long, int> SmsThisWeek, Dictionary<long, long> Offers, Dictionary<long, long> Tips)> RecentAsync(
        Session session, IReadOnlyList<long> members, DateTimeOffset now, DateTimeOffset systemNow)
    {
        var midnight = ChinaTime.At(ChinaTime.DayOf(now), TimeOnly.MinValue).ToUnixTimeMilliseconds();
        var (today, week, offers, tips) = (new Dictionary<long, int>(), new Dictionary<long, int>(), new Dictionary<long, long>(), new Dictionary<long, long>());
        var dayAgo = (now - MessageGate.Apart).ToUnixTimeMilliseconds();
        await session.ReadInAsync(Recent, members, row =>
        {
            var id = row.GetInt64(0);
            var kind = (MessageKind)row.GetInt32(3);
            var inInbox = row.GetInt32(5) == (int)MessageState.Suppressed;
            var at = inInbox ? row.GetInt64(4) : row.GetInt64(2);
            var near = kind == MessageKind.Tip ? tips : kind is MessageKind.Promotion or MessageKind.Birthday ? offers : null;
            if (near is not null && at >= dayAgo) near[id] = Math.Max(at, near.GetValueOrDefault(id));
            if (inInbox) return;
            if (row.GetInt64(2) >= midnight) today[id] = today.GetValueOrDefault(id) + 1;
            if (row.GetInt32(1) == (int)Channel.Sms) week[id] = week.GetValueOrDefault(id) + 1;
        }, IdGenerator.FloorOf((systemNow - s_longestLife).ToUnixTimeMilliseconds()), now.AddDays(-7).ToUnixTimeMilliseconds(), dayAgo).ConfigureAwait(false);
        return (today, week, offers, tips);
    }

    private static int? Number(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long Bits(DbDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);

    private static byte[]? Bytes(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
