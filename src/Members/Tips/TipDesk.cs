using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Tips;

/// <summary>A pharmacist's licence, as it hangs in the shop.</summary>
/// <param name="Staff">The account.</param>
/// <param name="Name">The pharmacist.</param>
/// <param name="LicenceNo">The number.</param>
/// <param name="Institution">Where they are registered.</param>
/// <param name="ValidUntil">The last day.</param>
public sealed record PharmacistLicence(StaffId Staff, string Name, string LicenceNo, string Institution, int ValidUntil);

/// <summary>Writes, reviews and withdraws articles. A version is checked before it is kept, and published by a pharmacist who did not write it; medicine safety needs two.</summary>
public sealed class TipDesk(Database database, IdGenerator ids, Clocks clocks, ITipWords words, TipShelf shelf)
{
    /// <summary>How long a review holds.</summary>
    public const int LongestDays = 366;

    private const string FindLicence = "SELECT staff_id AS StaffId, name AS Name, licence_no AS LicenceNo, institution AS Institution, valid_until AS ValidUntil FROM pharmacist_licence WHERE staff_id = @staff";
    private const string FindTip = "SELECT id AS Id, latest_version AS Latest FROM tip WHERE id = @id";
    private const string CountWritten = """
        SELECT COUNT(*) FROM tip_version
        WHERE  tip_id = @id AND author_id = @staff AND version > (SELECT COALESCE(MAX(o.version), 0) FROM tip_version o WHERE o.tip_id = @id AND o.state IN (3, 5))
        """;

    private const string FindCode = "SELECT id FROM tip WHERE code = @code";
    private const string FindVersion = "SELECT state AS State, author_id AS Author, first_reviewer_id AS FirstReviewer, content AS Content FROM tip_version WHERE tip_id = @id AND version = @version";
    private const string InsertTip = "INSERT INTO tip (id, code, latest_version)";
    private const string InsertVersion = "INSERT INTO tip_version (tip_id, version, content, state, author_id, created_at, valid_from, valid_until)";
    private const string Raise = "UPDATE tip SET latest_version = @next WHERE id = @id AND latest_version = @latest";
    private const string ReviewOnce = "UPDATE tip_version SET state = 2, first_reviewer_id = @staff WHERE tip_id = @id AND version = @version AND state = 1";
    private const string Refuse = "UPDATE tip_version SET state = 4, reviewer_id = @staff WHERE tip_id = @id AND version = @version AND state IN (1, 2)";
    private const string Replace = "UPDATE tip_version SET state = 5 WHERE tip_id = @id AND state = 3";

    private const string Publish = """
        UPDATE tip_version SET state = 3, reviewer_id = @staff, reviewer = @name, licence_no = @licence, reviewed_day = @today WHERE tip_id = @id AND version = @version AND state IN (1, 2)
        """;

    private const string Show = "UPDATE tip SET published_version = @version, withdrawn_at = NULL, withdrawn_why = NULL WHERE id = @id";
    private const string Withdraw = "UPDATE tip SET published_version = NULL, withdrawn_at = @now, withdrawn_why = @why WHERE id = @id AND published_version IS NOT NULL";
    private const string Readers = "SELECT member_id FROM tip_view WHERE tip_id = @id AND member_id > @after ORDER BY member_id LIMIT @limit";

    /// <summary>Keeps a new article or, with <paramref name="tip"/>, a new version of one; or says what stands against it.</summary>
    /// <param name="tip">The article; <c>null</c> for a new one.</param>
    /// <param name="latest">The newest version that the author has seen.</param>
    /// <param name="file">Code and content.</param>
    /// <param name="from">The first day.</param>
    /// <param name="until">The last day.</param>
    /// <param name="author">Who wrote it.</param>
    /// <param name="ct">Stops before the write.</param>
    public async Task<(TipOutcome Outcome, long Id, int Version, IReadOnlyList<Phrase> Findings)> WriteAsync(
        long? tip, int latest, TipFile file, DateOnly from, DateOnly until, StaffId author, CancellationToken ct)
    {
        var names = await database.ReadAsync(TipCheck.NamesAsync, ct).ConfigureAwait(false);
        var findings = TipCheck.Findings(file.Content, names, words, ChinaTime.Date(clocks.Business.Today())).ToList();
        if (until < from || until.DayNumber - from.DayNumber > LongestDays) findings.Add(new("有效期须在一年之内", "it is valid for a year at most, then it is reviewed anew"));
        if (file.Code.Length is 0 or > 64 || !file.Code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')) findings.Add(new("编号只能由字母、数字、- 和 _ 组成", "a code has letters, digits, - and _ only"));
        if (findings.Count > 0) return (TipOutcome.Refused, 0, 0, findings);
        return await database.WriteAsync(async tx =>
        {
            var id = tip ?? ids.Next();
            var version = latest + 1;
            if (tip is null)
            {
                if (await tx.ScalarAsync<long?>(FindCode, new { code = file.Code }).ConfigureAwait(false) is not null) return (TipOutcome.CodeTaken, 0L, 0, findings);
                version = 1;
                await tx.InsertManyAsync(InsertTip, [id], (one, v) => (v[0], v[1], v[2]) = (one, file.Code, 1)).ConfigureAwait(false);
            }
            else if (await tx.SingleOrDefaultAsync<TipRow>(FindTip, new { id }).ConfigureAwait(false) is not { } row)
            {
                return (TipOutcome.NotFound, id, 0, findings);
            }
            else if (await tx.ExecuteAsync(Raise, new { id, latest, next = version }).ConfigureAwait(false) != 1)
            {
                return (TipOutcome.Stale, id, (int)row.Latest, findings);
            }

            await tx.InsertManyAsync(InsertVersion, [version], (one, v) =>
            {
                (v[0], v[1], v[2], v[3]) = (id, one, file.Content.ToJson(), (int)TipState.Draft);
                (v[4], v[5], v[6], v[7]) = (author.Value, clocks.Business.NowMs(), ChinaTime.DayOf(from), ChinaTime.DayOf(until));
            }).ConfigureAwait(false);
            return (TipOutcome.Done, id, version, (IReadOnlyList<Phrase>)findings);
        }, ct).ConfigureAwait(false);
    }

    /// <summary>A pharmacist's verdict on the newest version, in the caller's write. Who wrote anything since the last one that was out does not judge it.</summary>
    public async Task<TipOutcome> ReviewAsync(Tx tx, long tip, int version, bool accept, StaffId reviewer)
    {
        // The article's row first: an author who saves the next version meanwhile waits, or is waited for.
        if (await tx.SingleOrDefaultAsync<TipRow>($"{FindTip} {tx.Dialect.ForUpdate}", new { id = tip }).ConfigureAwait(false) is not { } article) return TipOutcome.NotFound;
        if (await tx.SingleOrDefaultAsync<VersionRow>($"{FindVersion} {tx.Dialect.ForUpdate}", new { id = tip, version }).ConfigureAwait(false) is not { } row) return TipOutcome.NotFound;
        if (await LicenceAsync(tx, reviewer).ConfigureAwait(false) is not { } licence || licence.ValidUntil < clocks.Business.Today()) return TipOutcome.NoLicence;
        if (article.Latest != version || (TipState)row.State is not (TipState.Draft or TipState.ReviewedOnce)) return TipOutcome.Stale;
        if (!FourEyes.Allows(new StaffId(row.Author), reviewer) || row.FirstReviewer == reviewer.Value) return TipOutcome.OwnTip;
        if (await tx.ScalarAsync<long>(CountWritten, new { id = tip, staff = reviewer.Value }).ConfigureAwait(false) > 0) return TipOutcome.OwnTip;
        var asked = new { id = tip, version, staff = reviewer.Value, name = licence.Name, licence = licence.LicenceNo, today = clocks.Business.Today() };
        if (!accept)
        {
            await tx.ExecuteAsync(Refuse, asked).ConfigureAwait(false);
            return TipOutcome.Done;
        }

        if (row.State == (long)TipState.Draft && TipContent.FromJson(row.Content).MedicineSafety)
        {
            await tx.ExecuteAsync(ReviewOnce, asked).ConfigureAwait(false);
            return TipOutcome.Done;
        }

        await tx.ExecuteAsync(Replace, asked).ConfigureAwait(false);
        await tx.ExecuteAsync(Publish, asked).ConfigureAwait(false);
        await tx.ExecuteAsync(Show, asked).ConfigureAwait(false);
        tx.AfterCommit(shelf.Clear);
        return TipOutcome.Done;
    }

    /// <inheritdoc cref="ReviewAsync(Tx, long, int, bool, StaffId)"/>
    public Task<TipOutcome> ReviewAsync(long tip, int version, bool accept, StaffId reviewer, CancellationToken ct) => database.WriteAsync(tx => ReviewAsync(tx, tip, version, accept, reviewer), ct);

    /// <summary>Takes an article away from everybody, in the caller's write; <c>false</c> when none is out.</summary>
    public async Task<bool> WithdrawAsync(Tx tx, long tip, string why)
    {
        if (await tx.ExecuteAsync(Withdraw, new { id = tip, why, now = clocks.Business.NowMs() }).ConfigureAwait(false) != 1) return false;
        await tx.ExecuteAsync(Replace, new { id = tip }).ConfigureAwait(false);
        tx.AfterCommit(shelf.Clear);
        return true;
    }

    /// <summary>Who has read it: members are told when something in it was wrong.</summary>
    public static Task<List<long>> ReadersAsync(Session session, long tip, long? after, int limit) => session.QueryAsync<long>(Readers, new { id = tip, after = after ?? 0, limit });

    /// <summary>The licence of an account; <c>null</c> when it is none of a pharmacist.</summary>
    public static async Task<PharmacistLicence?> LicenceAsync(Session session, StaffId staff) =>
        await session.SingleOrDefaultAsync<LicenceRow>(FindLicence, new { staff = staff.Value }).ConfigureAwait(false) is { } row
            ? new PharmacistLicence(staff, row.Name, row.LicenceNo, row.Institution, (int)row.ValidUntil) : null;

    /// <summary>Keeps a licence, in the caller's write.</summary>
    public static Task KeepLicenceAsync(Tx tx, PharmacistLicence licence) => tx.InsertManyAsync(
        "INSERT INTO pharmacist_licence (staff_id, name, licence_no, institution, valid_until)", [licence],
        static (one, v) => (v[0], v[1], v[2], v[3], v[4]) = (one.Staff.Value, one.Name, one.LicenceNo, one.Institution, one.ValidUntil),
        $"""
        {tx.Dialect.OnConflictUpdate("staff_id")} name = {tx.Dialect.New("name")}, licence_no = {tx.Dialect.New("licence_no")},
            institution = {tx.Dialect.New("institution")}, valid_until = {tx.Dialect.New("valid_until")}
        """);

    private sealed class TipRow
    {
        public long Id { get; init; }
        public long Latest { get; init; }
    }

    private sealed class VersionRow
    {
        public long State { get; init; }
        public long Author { get; init; }
        public long? FirstReviewer { get; init; }
        public string Content { get; init; } = "";
    }

    private sealed class LicenceRow
    {
        public long StaffId { get; init; }
        public string Name { get; init; } = "";
        public string LicenceNo { get; init; } = "";
        public string Institution { get; init; } = "";
        public long ValidUntil { get; init; }
    }
}
