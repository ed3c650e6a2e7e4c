using Engagement.Members.Consents;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.Minors;

/// <summary>Whether a member is under fourteen, and whether a guardian agreed.</summary>
/// <param name="Under14">Under fourteen today.</param>
/// <param name="HasGuardian">A guardian agreed.</param>
public readonly record struct Minority(bool Under14, bool HasGuardian);

/// <summary>A guardian who agrees.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Phone">Their phone, proved by a code.</param>
/// <param name="Relation"><c>father</c>, <c>mother</c> or <c>other</c>.</param>
/// <param name="TextVersion">The version of the text that they saw.</param>
public sealed record Guardian(PersonName Name, PhoneNumber Phone, string Relation, string TextVersion);

/// <summary>Members under fourteen, and who agreed for them (个人信息保护法 31).</summary>
public sealed class GuardianDesk(FieldCipher cipher, ConsentStore consents, Clocks clocks, AuditLog audit)
{
    /// <summary>Purposes that no guardian can open to somebody under fourteen.</summary>
    public static readonly IReadOnlyList<Purpose> Closed = [Purpose.MarketingSms, Purpose.MarketingWeChat, Purpose.Tips, Purpose.Personalisation];

    private const int Age = 14;

    private static readonly CipherColumn s_name = new("member_guardian", "name");
    private static readonly CipherColumn s_phone = new("member_guardian", "phone");

    private const string Select = """
        SELECT m.birth_year AS BirthYear, m.birth_md AS BirthMonthDay, g.confirmed_at AS ConfirmedAt FROM member m LEFT JOIN member_guardian g ON g.member_id = m.id WHERE m.id = @member
        """;

    private const string SelectGuardian = "SELECT name_cipher AS Name, phone_cipher AS Phone, relation AS Relation, confirmed_at AS ConfirmedAt FROM member_guardian WHERE member_id = @member";
    private const string Insert = "INSERT INTO member_guardian (member_id, name_cipher, phone_cipher, relation, text_version, confirmed_at)";
    private const string SelectGiven = "SELECT purpose FROM consent WHERE member_id = @member AND granted = 1 AND purpose IN @closed";

    /// <summary>Whether somebody born then is under fourteen on a day.</summary>
    public static bool IsUnder14(int? birthYear, int? monthDay, DateOnly today) =>
        birthYear is { } year && monthDay is { } born && (today.Year - year < Age || (today.Year - year == Age && today.Month * 100 + today.Day < born));

    /// <summary>How it stands with a member.</summary>
    public Task<Minority> OfAsync(Session session, MemberId member) => OfAsync(session, member, ChinaTime.Date(clocks.Business.Today()));

    /// <summary>How it stands with a member on a day.</summary>
    internal static async Task<Minority> OfAsync(Session session, MemberId member, DateOnly today)
    {
        var row = await session.SingleOrDefaultAsync<Row>(Select, new { member = member.Value }).ConfigureAwait(false);
        return row is null ? default : new Minority(IsUnder14((int?)row.BirthYear, (int?)row.BirthMonthDay, today), row.ConfirmedAt is not null);
    }

    /// <summary>The guardian, masked; <c>null</c> when there is none.</summary>
    public async Task<(string Name, string Phone, string Relation)?> GuardianAsync(Session session, MemberId member) =>
        await session.SingleOrDefaultAsync<GuardianRow>(SelectGuardian, new { member = member.Value }).ConfigureAwait(false) is { } row
            ? (PersonName.Parse(cipher.Decrypt(s_name, member.Value, row.Name)!).ToString(), PhoneNumber.Parse(cipher.Decrypt(s_phone, member.Value, row.Phone)!).ToString(), row.Relation)
            : null;

    /// <summary>Notes that a guardian agreed; the last statement is the audit entry.</summary>
    public async Task AgreeAsync(Tx tx, MemberId member, Guardian guardian)
    {
        await tx.InsertManyAsync(Insert, [guardian], (g, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) =
                (member.Value, cipher.Encrypt(s_name, member.Value, g.Name.Value), cipher.Encrypt(s_phone, member.Value, g.Phone.Digits), g.Relation, g.TextVersion, clocks.Business.NowMs()),
            $"""
            {tx.Dialect.OnConflictUpdate("member_id")} name_cipher = {tx.Dialect.New("name_cipher")}, phone_cipher = {tx.Dialect.New("phone_cipher")},
                relation = {tx.Dialect.New("relation")}, text_version = {tx.Dialect.New("text_version")}, confirmed_at = {tx.Dialect.New("confirmed_at")}
            """).ConfigureAwait(false);
        await audit.AppendAsync(tx, new AuditEntry(new AuditActor(member.Value, "member", "member"), "member.guardian_agreed") { MemberId = member.Value }).ConfigureAwait(false);
    }

    /// <summary>Takes back what somebody under fourteen may not have given: after a birthday came in.</summary>
    public async Task CloseAsync(Tx tx, MemberId member)
    {
        if (await OfAsync(tx, member).ConfigureAwait(false) is not { Under14: true }) return;
        var given = await tx.QueryAsync<int>(SelectGiven, new { member = member.Value, closed = Closed.Select(purpose => (int)purpose) }).ConfigureAwait(false);
        var now = clocks.Business.NowMs();
        if (given.Count > 0) await consents.RecordAsync(tx, [.. given.Select(purpose => new ConsentChange(member, (Purpose)purpose, false, "", "under_14", "birthday", now))]).ConfigureAwait(false);
    }

    private sealed class Row
    {
        public long? BirthYear { get; init; }
        public long? BirthMonthDay { get; init; }
        public long? ConfirmedAt { get; init; }
    }

    private sealed class GuardianRow
    {
        public byte[]? Name { get; init; }
        public byte[]? Phone { get; init; }
        public string Relation { get; init; } = "";
        public long ConfirmedAt { get; init; }
    }
}
