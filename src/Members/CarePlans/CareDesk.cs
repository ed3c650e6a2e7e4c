using Engagement.Members.Products;
using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>The four answers to a refill.</summary>
public enum RefillAnswer
{
    /// <summary>已购买.</summary>
    Bought = 1,

    /// <summary>还有药.</summary>
    StillHave = 2,

    /// <summary>不再服用.</summary>
    Stopped = 3,

    /// <summary>3 天后提醒.</summary>
    Later = 4,
}

/// <summary>Whether a dose was taken.</summary>
public enum DoseState
{
    /// <summary>Not yet.</summary>
    Due = 0,

    /// <summary>已服用.</summary>
    Taken = 1,

    /// <summary>跳过.</summary>
    Skipped = 2,
}

/// <summary>Who says something of a care plan.</summary>
/// <param name="Source">A pharmacist or the member.</param>
/// <param name="Staff">The pharmacist, when it is one.</param>
public readonly record struct Teller(TherapySource Source, StaffId? Staff)
{
    /// <summary>The member.</summary>
    public static readonly Teller Member = new(TherapySource.Member, null);

    /// <summary>A pharmacist.</summary>
    public static Teller Pharmacist(StaffId staff) => new(TherapySource.Pharmacist, staff);
}

/// <summary>What a member or a pharmacist changes in a care plan. Each change is a statement; the line is added up again in the same write, and what waits for it is looked at anew.</summary>
public sealed class CareDesk(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher, TherapyStore therapies)
{
    private const int MostLines = 60;
    private const int BackDays = 7;

    private const string FindLine = "SELECT id, therapy_key AS TherapyKey, coverage_end AS CoverageEnd, last_fill_day AS LastFillDay, state AS State FROM therapy_line WHERE id = @line AND member_id = @member";

    private const string FindKey = "SELECT id FROM therapy_line WHERE member_id = @member AND therapy_key = @key";

    private const string CountLines = "SELECT COUNT(*) FROM therapy_line WHERE member_id = @member";

    // Sorted so that the same name finds the same product each time.
    private const string FindProducts = """
        SELECT id, generic_name AS GenericName, strength FROM product WHERE therapy IS NOT NULL AND (name = @name OR generic_name = @name) ORDER BY id
        """;

    private const string LatestDose = """
        SELECT id, detail_cipher AS Detail FROM therapy_statement WHERE member_id = @member AND therapy_key = @key AND kind = 2 ORDER BY id DESC LIMIT 1
        """;

    private const string Mark = "INSERT INTO dose_mark (line_id, day, minute, member_id, state, marked_at)";

    /// <summary>Adds a medicine; the id of its line when it is done, or there already.</summary>
    public Task<(CareOutcome Outcome, long? Line)> AddAsync(MemberId member, NewTherapy therapy, Teller by, CancellationToken ct) => database.WriteAsync(async tx =>
        await HealthDoor.EnterAsync(tx, member).ConfigureAwait(false) is var entered and not CareOutcome.Done ? (entered, null) : await AddAsync(tx, member, therapy, by).ConfigureAwait(false), ct);

    /// <summary>Says how a medicine is taken from today on.</summary>
    public Task<CareOutcome> DoseAsync(MemberId member, long line, Dose dose, Teller by, CancellationToken ct) => !dose.IsPlausible ? Task.FromResult(CareOutcome.DoseInvalid) :
        OnLineAsync(member, line, (tx, row) => SayAsync(tx, member, row.TherapyKey, [DoseStatement(dose, by)]), ct);

    /// <summary>Takes the answer to a refill. It stops the steps that were planned.</summary>
    /// <param name="member">Who answers.</param>
    /// <param name="line">Of which line.</param>
    /// <param name="answer">What.</param>
    /// <param name="days">The days of <see cref="RefillAnswer.StillHave"/>; of <see cref="RefillAnswer.Bought"/> those of the last supply when not given.</param>
    /// <param name="by">Who says so.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<CareOutcome> AnswerAsync(MemberId member, long line, RefillAnswer answer, int? days, Teller by, CancellationToken ct)
    {
        if (days is < 0 or > NewTherapy.MostDays || (answer == RefillAnswer.Bought && days == 0)) return Task.FromResult(CareOutcome.DaysInvalid);
        if (answer == RefillAnswer.StillHave && days is null) return Task.FromResult(CareOutcome.DaysNeeded);
        return OnLineAsync(member, line, async (tx, row) =>
        {
            if (answer == RefillAnswer.Bought) days ??= await TherapyStore.LastSupplyAsync(tx, member.Value, row.TherapyKey).ConfigureAwait(false);
            if (answer == RefillAnswer.Bought && days is not > 0) return CareOutcome.DaysNeeded;
            var kind = answer switch
            {
                RefillAnswer.Bought => StatementKind.Bought,
                RefillAnswer.StillHave => StatementKind.StillHave,
                RefillAnswer.Stopped => StatementKind.Stopped,
                RefillAnswer.Later => StatementKind.Later,
            };
            return await SayAsync(tx, member, row.TherapyKey, [Statement(kind, by) with { Days = answer is RefillAnswer.Bought or RefillAnswer.StillHave ? days : null }]).ConfigureAwait(false);
        }, ct);
    }

    /// <summary>Marks a dose of today or of the last days as taken or skipped; again changes it.</summary>
    public Task<CareOutcome> MarkAsync(MemberId member, long line, DateOnly date, string time, DoseState state, CancellationToken ct)
    {
        var (day, today) = (ChinaTime.DayOf(date), clocks.Business.Today());
        if (Dose.MinuteOf(time) is not { } minute || state == DoseState.Due || day > today || day < today - BackDays) return Task.FromResult(CareOutcome.TimeInvalid);
        return OnLineAsync(member, line, async (tx, row) =>
        {
            var dose = await tx.SingleOrDefaultAsync<DoseRow>(LatestDose, new { member = member.Value, key = row.TherapyKey }).ConfigureAwait(false);
            if (dose is null || Dose.FromJson(cipher.Decrypt(StatementStore.Detail, dose.Id, dose.Detail))?.Minutes.Contains(minute) != true) return CareOutcome.TimeInvalid;
            await tx.InsertManyAsync(Mark, [minute], (m, v) => (v[0], v[1], v[2], v[3], v[4], v[5]) = (line, day, m, member.Value, (int)state, clocks.Business.NowMs()),
                $"{tx.Dialect.OnConflictUpdate("line_id, day, minute")} state = {tx.Dialect.New("state")}, marked_at = {tx.Dialect.New("marked_at")}").ConfigureAwait(false);
            return CareOutcome.Done;
        }, ct);
    }

    /// <summary>Adds a medicine in an open write, behind the health consent.</summary>
    internal async Task<(CareOutcome Outcome, long? Line)> AddAsync(Tx tx, MemberId member, NewTherapy therapy, Teller by)
    {
        if (therapy.Check() is var check and not CareOutcome.Done) return (check, null);
        if (await tx.ScalarAsync<long>(CountLines, new { member = member.Value }).ConfigureAwait(false) >= MostLines) return (CareOutcome.TooMany, null);
        var entered = Statement(StatementKind.Entered, by);
        var product = await ProductOfAsync(tx, therapy).ConfigureAwait(false);
        var key = product is null ? $"m:{entered.Id}" : Product.KeyOf(product.GenericName, product.Strength);
        if (await tx.ScalarAsync<long?>(FindKey, new { member = member.Value, key }).ConfigureAwait(false) is { } there) return (CareOutcome.Exists, there);
        List<TherapyStatement> said =
        [
            entered with
            {
                Days = therapy.DaysLeft, ProductId = product?.Id,
                Detail = cipher.Encrypt(StatementStore.Detail, entered.Id, System.Text.Json.JsonSerializer.Serialize(therapy with { Name = therapy.Name.Trim(), Dose = null }, CareJson.Default.NewTherapy)),
            },
        ];
        if (therapy.Dose is { } dose) said.Add(DoseStatement(dose, by));
        await SayAsync(tx, member, key, said).ConfigureAwait(false);
        return (CareOutcome.Done, await tx.ScalarAsync<long>(FindKey, new { member = member.Value, key }).ConfigureAwait(false));
    }

    /// <summary>As <see cref="AddAsync(Tx, MemberId, NewTherapy, Teller)"/>; of a medicine that is there already the dose counts.</summary>
    internal async Task EnterAsync(Tx tx, MemberId member, NewTherapy therapy, Teller by)
    {
        var (outcome, line) = await AddAsync(tx, member, therapy, by).ConfigureAwait(false);
        if (outcome != CareOutcome.Exists || therapy.Dose is not { } dose) return;
        var row = await tx.SingleOrDefaultAsync<LineRow>(FindLine, new { line, member = member.Value }).ConfigureAwait(false);
        await SayAsync(tx, member, row!.TherapyKey, [DoseStatement(dose, by)]).ConfigureAwait(false);
    }

    // A name alone will do when all products of that name have one strength.
    private static async Task<ProductRow?> ProductOfAsync(Tx tx, NewTherapy therapy)
    {
        var found = await tx.QueryAsync<ProductRow>(FindProducts, new { name = therapy.Name.Trim() }).ConfigureAwait(false);
        var strength = (therapy.Strength ?? "").Replace(" ", "", StringComparison.Ordinal);
        var matching = strength.Length == 0 ? found : found.FindAll(p => string.Equals(p.Strength.Replace(" ", "", StringComparison.Ordinal), strength, StringComparison.OrdinalIgnoreCase));
        return matching.DistinctBy(p => Product.KeyOf(p.GenericName, p.Strength)).Count() == 1 ? matching[0] : null;
    }

    private Task<CareOutcome> OnLineAsync(MemberId member, long line, Func<Tx, LineRow, Task<CareOutcome>> work, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await HealthDoor.EnterAsync(tx, member).ConfigureAwait(false) is var entered and not CareOutcome.Done) return entered;
        return await tx.SingleOrDefaultAsync<LineRow>(FindLine, new { line, member = member.Value }).ConfigureAwait(false) is { } row
            ? await work(tx, row).ConfigureAwait(false) : CareOutcome.NotFound;
    }, ct);

    private async Task<CareOutcome> SayAsync(Tx tx, MemberId member, string key, IReadOnlyList<TherapyStatement> said)
    {
        await therapies.SayAsync(tx, member.Value, key, said).ConfigureAwait(false);
        return CareOutcome.Done;
    }

    private TherapyStatement DoseStatement(Dose dose, Teller by)
    {
        var said = Statement(StatementKind.Dose, by);
        return said with { UnitsPerDayMilli = dose.UnitsPerDayMilli, Detail = cipher.Encrypt(StatementStore.Detail, said.Id, dose.ToJson()) };
    }

    private TherapyStatement Statement(StatementKind kind, Teller by) =>
        new(ids.Next(), kind, clocks.Business.Today()) { Teller = by.Source, Staff = by.Staff, SaidAt = clocks.Business.NowMs() };

    private sealed class LineRow
    {
        public long Id { get; init; }
        public string TherapyKey { get; init; } = "";
        public long CoverageEnd { get; init; }
        public long LastFillDay { get; init; }
        public long State { get; init; }
    }

    private sealed class ProductRow
    {
        public long Id { get; init; }
        public string GenericName { get; init; } = "";
        public string Strength { get; init; } = "";
    }

    private sealed class DoseRow
    {
        public long Id { get; init; }
        public byte[]? Detail { get; init; }
    }
}
