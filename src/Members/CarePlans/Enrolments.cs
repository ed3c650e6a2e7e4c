using System.Security.Cryptography;
using System.Text.Json;
using Engagement.Members.Consents;
using Engagement.Members.Minors;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.CarePlans;

/// <summary>Programmes of the chain for chronic conditions (domain 5.1).</summary>
public static class CareProgrammes
{
    /// <summary>Codes and names.</summary>
    public static IReadOnlyDictionary<string, Phrase> All { get; } = new Dictionary<string, Phrase>
    {
        ["hypertension"] = new("高血压用药管理", "hypertension"), ["diabetes"] = new("糖尿病用药管理", "diabetes"), ["lipids"] = new("血脂用药管理", "lipids"),
        ["thyroid"] = new("甲状腺用药管理", "thyroid"), ["airways"] = new("呼吸道用药管理", "asthma and COPD"), ["gout"] = new("痛风用药管理", "gout"), ["general"] = new("长期用药管理", "long-term medicines"),
    };
}

/// <summary>What a member is asked to confirm.</summary>
/// <param name="Programme">The programme.</param>
/// <param name="Store">The store.</param>
/// <param name="Pharmacist">Who entered it.</param>
/// <param name="Medicines">How many medicines were entered.</param>
/// <param name="Text">What the member agrees to by accepting.</param>
/// <param name="TextVersion">The version of that text.</param>
/// <param name="ExpiresAt">When the code runs out.</param>
public sealed record EnrolmentOffer(Phrase Programme, string? Store, string Pharmacist, int Medicines, Phrase Text, string TextVersion, DateTimeOffset ExpiresAt);

/// <summary>An enrolment as staff see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Programme">The programme.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was entered.</param>
/// <param name="DecidedAt">When the member decided.</param>
public sealed record Enrolment(long Id, string Programme, EnrolmentState State, DateTimeOffset CreatedAt, DateTimeOffset? DecidedAt);

/// <summary>Where an enrolment stands.</summary>
public enum EnrolmentState
{
    /// <summary>Waits for the member.</summary>
    Waiting = 1,

    /// <summary>The member confirmed it.</summary>
    Confirmed = 2,

    /// <summary>The member declined.</summary>
    Declined = 3,

    /// <summary>It was ended.</summary>
    Ended = 4,
}

/// <summary>Enrolment at the counter: a pharmacist enters, and the member agrees on the own phone by QR code or by typing the code.</summary>
/// <remarks>Nobody of staff can agree for a member: there is no such call. What was entered is a draft, encrypted, and goes into the plan with the consent or not at all.</remarks>
public sealed class Enrolments(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher, CareDesk desk, ConsentStore consents, AuditLog audit)
{
    /// <summary>The version of the text that members agree to.</summary>
    public const string TextVersion = "care-1";

    private const int MostMedicines = 20;
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    private const int CodeLength = 10;

    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(30);
    private static readonly CipherColumn s_draft = new("care_enrolment", "draft");

    private static readonly Purpose[] s_purposes = [Purpose.Health, Purpose.Reminder];

    private static readonly Phrase s_text = new(
        "同意本药房为用药管理使用您的健康信息（所用药品、用法、测量值），并在药品快用完时提醒您。您可以随时在“隐私中心”撤回，撤回后不再提醒，也不影响购药。",
        "You agree that the pharmacy uses your health data (medicines, doses, measurements) to look after your medication, and reminds you when a medicine runs out. You can take this back in the privacy centre at any time.");

    private const string Insert = "INSERT INTO care_enrolment (id, member_id, code, programme, store_id, staff_id, state, draft_cipher, created_at, expires_at)";

    // An older one of the same member makes room: there is one code at a time.
    private const string Supersede = "UPDATE care_enrolment SET state = 3, draft_cipher = NULL, decided_at = @now WHERE member_id = @member AND state = 1";

    private const string Find = """
        SELECT e.id AS Id, e.programme AS Programme, e.store_id AS StoreId, e.staff_id AS StaffId, e.state AS State, e.draft_cipher AS Draft, e.expires_at AS ExpiresAt, s.name AS Store, f.display_name AS Staff
        FROM   care_enrolment e LEFT JOIN store s ON s.id = e.store_id LEFT JOIN staff f ON f.id = e.staff_id
        WHERE  e.code = @code AND e.member_id = @member
        """;

    private const string Decide = "UPDATE care_enrolment SET state = @state, draft_cipher = NULL, decided_at = @now WHERE id = @id AND state = 1";

    private const string End = "UPDATE care_enrolment SET state = 4, decided_at = @now, end_reason = @reason WHERE id = @id AND member_id = @member AND state = 2";

    private const string List = "SELECT id AS Id, programme AS Programme, state AS State, created_at AS CreatedAt, decided_at AS DecidedAt FROM care_enrolment WHERE member_id = @member ORDER BY id DESC LIMIT 50";

    /// <summary>Enters an enrolment; the code to show, or why not.</summary>
    public async Task<(CareOutcome Outcome, string Code, DateTimeOffset ExpiresAt)> EnterAsync(
        MemberId member, string programme, IReadOnlyList<NewTherapy> medicines, StoreId? store, StaffId staff, CancellationToken ct)
    {
        if (!CareProgrammes.All.ContainsKey(programme)) return (CareOutcome.TextInvalid, "", default);
        if (medicines.Count > MostMedicines) return (CareOutcome.TooMany, "", default);
        if (medicines.Select(one => one.Check()).FirstOrDefault(check => check != CareOutcome.Done) is var wrong and not 0) return (wrong, "", default);
        var (id, code, until) = (ids.Next(), RandomNumberGenerator.GetString(Alphabet, CodeLength), clocks.System.GetUtcNow() + s_life);
        var draft = cipher.Encrypt(s_draft, id, JsonSerializer.Serialize([.. medicines], CareJson.Default.ListNewTherapy));
        await database.WriteAsync(async tx =>
        {
            var now = clocks.Business.NowMs();
            await tx.ExecuteAsync(Supersede, new { member = member.Value, now }).ConfigureAwait(false);
            await tx.InsertManyAsync(Insert, [id], (one, v) =>
            {
                (v[0], v[1], v[2], v[3], v[4]) = (one, member.Value, code, programme, store?.Value);
                (v[5], v[6], v[7], v[8], v[9]) = (staff.Value, (int)EnrolmentState.Waiting, draft, now, until.ToUnixTimeMilliseconds());
            }).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        return (CareOutcome.Done, code, ChinaTime.In(until));
    }

    /// <summary>What a code asks this member to confirm; <c>null</c> when it is not this member's, has run out or was decided on.</summary>
    public Task<EnrolmentOffer?> FindAsync(MemberId member, string code, CancellationToken ct) => database.ReadAsync(async session =>
    {
        if (await RowAsync(session, member, code).ConfigureAwait(false) is not { } row || !IsOpen(row)) return null;
        return new EnrolmentOffer(CareProgrammes.All[row.Programme], row.Store, row.Staff ?? "", Medicines(row).Count, s_text, TextVersion, ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAt)));
    }, ct);

    /// <summary>The member's own decision: accepting gives the consents and brings the medicines into the plan, in one write. Under fourteen a guardian has agreed before.</summary>
    public Task<CareOutcome> DecideAsync(MemberId member, string code, bool accept, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        // The member's row first, as everywhere in care plans.
        var entered = await HealthDoor.EnterAsync(tx, member).ConfigureAwait(false);
        if (entered == CareOutcome.NotFound || await RowAsync(tx, member, code).ConfigureAwait(false) is not { } row) return CareOutcome.NotFound;
        if (!IsOpen(row)) return CareOutcome.Over;
        // The code keeps waiting: the guardian may be at hand.
        if (accept && await GuardianDesk.OfAsync(tx, member, ChinaTime.Date(clocks.Business.Today())).ConfigureAwait(false) is { Under14: true, HasGuardian: false }) return CareOutcome.GuardianNeeded;
        var now = clocks.Business.NowMs();
        if (await tx.ExecuteAsync(Decide, new { id = row.Id, state = (int)(accept ? EnrolmentState.Confirmed : EnrolmentState.Declined), now }).ConfigureAwait(false) != 1) return CareOutcome.Over;
        if (!accept) return CareOutcome.Done;
        await consents.RecordAsync(tx, [.. s_purposes.Select(purpose => new ConsentChange(member, purpose, true, TextVersion, "miniprogram", $"enrolment:{row.Id}", now))]).ConfigureAwait(false);
        foreach (var medicine in Medicines(row)) await desk.EnterAsync(tx, member, medicine, Teller.Pharmacist(new StaffId(row.StaffId))).ConfigureAwait(false);
        await audit.AppendAsync(tx, [.. s_purposes.Select(purpose => new AuditEntry(new AuditActor(member.Value, "member", "member"), "consent.given")
        {
            MemberId = member.Value, Subject = $"consent:{PurposeNames.Code(purpose)}",
        })]).ConfigureAwait(false);
        return CareOutcome.Done;
    }, ct);

    /// <summary>Ends an enrolment that was confirmed.</summary>
    public Task<bool> EndAsync(MemberId member, long enrolment, string reason, CancellationToken ct) => database.WriteAsync(async tx =>
        await tx.ExecuteAsync(End, new { id = enrolment, member = member.Value, reason, now = clocks.Business.NowMs() }).ConfigureAwait(false) == 1, ct);

    /// <summary>The enrolments of a member, the newest first.</summary>
    public Task<IReadOnlyList<Enrolment>> ListAsync(MemberId member, CancellationToken ct) => database.ReadAsync<IReadOnlyList<Enrolment>>(async session =>
        [.. (await session.QueryAsync<ListRow>(List, new { member = member.Value }).ConfigureAwait(false)).Select(row => new Enrolment(row.Id, row.Programme, (EnrolmentState)row.State, At(row.CreatedAt), row.DecidedAt is { } at ? At(at) : null))], ct);

    private static Task<Row?> RowAsync(Session session, MemberId member, string code) =>
        code.Length > 20 ? Task.FromResult<Row?>(null) : session.SingleOrDefaultAsync<Row>(Find, new { code = code.Trim().ToUpperInvariant(), member = member.Value });

    private bool IsOpen(Row row) => row.State == (long)EnrolmentState.Waiting && row.ExpiresAt > clocks.System.NowMs();

    private List<NewTherapy> Medicines(Row row) => row.Draft is null ? [] : JsonSerializer.Deserialize(cipher.Decrypt(s_draft, row.Id, row.Draft), CareJson.Default.ListNewTherapy)!;

    private static DateTimeOffset At(long at) => ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(at));

    private sealed class Row
    {
        public long Id { get; init; }
        public string Programme { get; init; } = "";
        public long? StoreId { get; init; }
        public long StaffId { get; init; }
        public long State { get; init; }
        public byte[]? Draft { get; init; }
        public long ExpiresAt { get; init; }
        public string? Store { get; init; }
        public string? Staff { get; init; }
    }

    private sealed class ListRow
    {
        public long Id { get; init; }
        public string Programme { get; init; } = "";
        public long State { get; init; }
        public long CreatedAt { get; init; }
        public long? DecidedAt { get; init; }
    }
}
