using Engagement.Members.Staff;
using Engagement.Members.Tips;
using Engagement.Storage;
using Engagement.Storage.Events;

namespace Engagement.Members.Cases;

/// <summary>What members and staff do with cases.</summary>
public sealed class CaseDesk(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher)
{
    private const int LongestText = 2000;
    private const int MostPhotos = 6;
    private const int MostPerDay = 20;
    private const int MostEntriesPerDay = 100;

    private const string CountSince = "SELECT COUNT(*) FROM service_case WHERE member_id = @member AND opened_at > @since";
    private const string CountEntries = "SELECT COUNT(*) FROM case_entry e JOIN service_case c ON c.id = e.case_id WHERE c.member_id = @member AND e.voice = 1 AND e.at > @since";
    private const string Unfinished = "c.member_id = @member AND c.state <> 3 ORDER BY c.id DESC LIMIT 1";
    private const string HomeStore = "SELECT store_id FROM member WHERE id = @member";
    private const string TakePhoto = "UPDATE case_photo SET case_id = @id WHERE id = @photo AND member_id = @member AND case_id IS NULL";
    private const string Wait = "UPDATE service_case SET state = 1, level = 0, due_at = @due, done_at = NULL, reopened = reopened + @again, version = version + 1 WHERE id = @id";
    private const string Answer = "UPDATE service_case SET state = @state, answered_at = COALESCE(answered_at, @now), done_at = @done, version = version + 1 WHERE id = @id";
    // domain R-AI-3: what touches symptoms or the safety of medicines is for a pharmacist.
    private const string ToPharmacist = "UPDATE service_case SET category = 5, due_at = CASE WHEN due_at > @due THEN @due ELSE due_at END, version = version + 1 WHERE id = @id AND category = 2";

    private const string Rate = "UPDATE service_case SET rating = @score WHERE id = @id AND member_id = @member AND state = 3";
    private const string Change = "UPDATE service_case SET category = @category, cause = @cause, store_id = @store, owner_id = @owner, version = version + 1 WHERE id = @id AND version = @version";
    private const string Overdue = "SELECT id AS Id, level AS Level FROM service_case WHERE state = 1 AND due_at <= @now AND level < @highest ORDER BY due_at LIMIT 200";
    private const string Escalate = "UPDATE service_case SET level = level + 1, due_at = @due, version = version + 1 WHERE id = @id AND state = 1 AND due_at <= @now";

    private readonly CaseStore _store = new(ids, cipher);
    private readonly EventStore _events = new(ids);

    /// <summary>A member opens a case in the mini-program.</summary>
    public Task<(CaseOutcome Outcome, long Id)> OpenAsync(MemberId member, CaseCategory category, string text, IReadOnlyList<long> photos, CancellationToken ct) =>
        !IsText(text) || category == CaseCategory.Call ? Task.FromResult((CaseOutcome.TextInvalid, 0L)) : database.WriteAsync(async tx =>
        {
            var now = clocks.Business.NowMs();
            if (await tx.ScalarAsync<long>(CountSince, new { member = member.Value, since = now - 86_400_000 }).ConfigureAwait(false) >= MostPerDay) return (CaseOutcome.TooMany, 0L);
            var id = await _store.InsertAsync(tx, member, category, await HomeAsync(tx, member).ConfigureAwait(false), CaseChannel.MiniProgram, now).ConfigureAwait(false);
            // Nothing of a case stays when one of its photos cannot be taken.
            return await HearAsync(tx, id, member, CaseChannel.MiniProgram, text, photos, now).ConfigureAwait(false) ? (CaseOutcome.Done, id) : throw new PhotoRefusedException();
        }, ct).RefusedPhotosAsync();

    /// <summary>A member says more; what was answered waits for us again.</summary>
    public Task<CaseOutcome> SayAsync(MemberId member, long id, string text, IReadOnlyList<long> photos, CancellationToken ct) =>
        AsMemberAsync(member, id, text, photos, again: false, ct);

    /// <summary>A member opens a case again that we thought was done.</summary>
    public Task<CaseOutcome> ReopenAsync(MemberId member, long id, string text, CancellationToken ct) => AsMemberAsync(member, id, text, [], again: true, ct);

    /// <summary>A member rates what was done, 1 to 5; again changes it.</summary>
    public Task<CaseOutcome> RateAsync(MemberId member, long id, int score, CancellationToken ct) => database.WriteAsync(async tx =>
        await FindAsync(tx, member, id).ConfigureAwait(false) is not { } found ? CaseOutcome.NotFound
        : score is < 1 or > 5 || found.State != CaseState.Done ? CaseOutcome.NotNow
        : await tx.ExecuteAsync(Rate, new { id, member = member.Value, score }).ConfigureAwait(false) >= 0 ? CaseOutcome.Done : CaseOutcome.NotNow, ct);

    /// <summary>A member's cases, the newest first.</summary>
    public Task<IReadOnlyList<ServiceCase>> ListAsync(MemberId member, long? before, int limit, CancellationToken ct) => database.ReadAsync(session => _store.CasesAsync(
        session, "c.member_id = @member AND c.id < @before ORDER BY c.id DESC LIMIT @limit", new { member = member.Value, before = before ?? long.MaxValue, limit }), ct);

    /// <summary>One case of a member with its thread, without what staff note among themselves.</summary>
    public Task<(ServiceCase? Case, IReadOnlyList<CaseEntry> Thread)> ReadAsync(MemberId member, long id, CancellationToken ct) => database.ReadAsync<(ServiceCase?, IReadOnlyList<CaseEntry>)>(async session =>
        await FindAsync(session, member, id).ConfigureAwait(false) is { } found ? (found, await _store.ThreadAsync(session, id, withInternal: false).ConfigureAwait(false)) : (null, []), ct);

    /// <summary>What a member wrote to us outside the mini-program goes into the case that is not done yet, or opens one: one thread over all channels. In the caller's write, once for each message.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="member">Who; <c>null</c> for somebody whom we do not know, whose words open a case of their own.</param>
    /// <param name="channel">Where.</param>
    /// <param name="text">What.</param>
    /// <returns>The fixed text that such words get at once; <c>null</c> for most.</returns>
    public async Task<string?> HearAsync(Tx tx, MemberId? member, CaseChannel channel, string text)
    {
        var now = clocks.Business.NowMs();
        var found = member is { } known && await _store.CasesAsync(tx, Unfinished, new { member = known.Value }).ConfigureAwait(false) is [var unfinished] ? unfinished : null;
        if (found is { State: CaseState.Answered }) await WaitAsync(tx, found, now, again: false).ConfigureAwait(false);
        var id = found?.Id ?? await _store.InsertAsync(tx, member, CaseCategory.Consultation, member is { } writer ? await HomeAsync(tx, writer).ConfigureAwait(false) : null, channel, now).ConfigureAwait(false);
        await HearAsync(tx, id, member, channel, text, [], now).ConfigureAwait(false);
        return CaseTexts.For(text);
    }

    // ------------------------------------------------------------------ staff

    /// <summary>Opens a case in the caller's write, for what came by another way: a call, a chat, a low score.</summary>
    public async Task<long> LogAsync(Tx tx, MemberId? member, CaseCategory category, StoreId? store, CaseChannel source, string text)
    {
        var now = clocks.Business.NowMs();
        if (store is null && member is { } known) store = await HomeAsync(tx, known).ConfigureAwait(false);
        var id = await _store.InsertAsync(tx, member, category, store, source, now).ConfigureAwait(false);
        await _store.SayAsync(tx, id, now, CaseVoice.Member, null, "", source, text, [], isInternal: false).ConfigureAwait(false);
        return id;
    }

    /// <summary>The cases in sight of staff, the newest first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="scope">What the caller sees.</param>
    /// <param name="state">Only these; <c>null</c> for all.</param>
    /// <param name="owner">Only those of this owner; <c>null</c> for all.</param>
    /// <param name="before">The last of the page before.</param>
    /// <param name="limit">At most so many.</param>
    public Task<IReadOnlyList<ServiceCase>> ListAsync(Session session, StaffScope scope, CaseState? state, long? owner, long? before, int limit) => _store.CasesAsync(session, $"""
        {scope.Sql("c.store_id", "c.owner_id")} AND c.id < @before {(state is null ? "" : "AND c.state = @state")} {(owner is null ? "" : "AND c.owner_id = @owner")} ORDER BY c.id DESC LIMIT @limit
        """, new { scope.Stores, scope.Owner, before = before ?? long.MaxValue, state = (int?)state, owner, limit });

    /// <summary>One case in sight, with the whole thread.</summary>
    public async Task<(ServiceCase? Case, IReadOnlyList<CaseEntry> Thread)> ReadAsync(Session session, StaffScope scope, long id) =>
        await FindAsync(session, scope, id).ConfigureAwait(false) is { } found ? (found, await _store.ThreadAsync(session, id, withInternal: true).ConfigureAwait(false)) : (null, []);

    /// <summary>Staff answer, note, or say that it is done; the member is told, except of a note.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="scope">What the caller sees.</param>
    /// <param name="id">The case.</param>
    /// <param name="staff">Who speaks.</param>
    /// <param name="text">What.</param>
    /// <param name="channel">Where it was said.</param>
    /// <param name="isInternal">Whether it is a note among staff.</param>
    /// <param name="isDone">Whether nothing is left to do.</param>
    public async Task<CaseOutcome> AnswerAsync(Tx tx, StaffScope scope, long id, CaseStaff staff, string text, CaseChannel channel, bool isInternal, bool isDone)
    {
        if (!IsText(text)) return CaseOutcome.TextInvalid;
        if (await FindAsync(tx, scope, id).ConfigureAwait(false) is not { } found) return CaseOutcome.NotFound;
        var licence = await TipDesk.LicenceAsync(tx, new StaffId(staff.Id)).ConfigureAwait(false) is { } held && held.ValidUntil >= clocks.Business.Today() ? held : null;
        if (found.Category == CaseCategory.Pharmacist && licence is null && !isInternal) return CaseOutcome.LicenceNeeded;
        var now = clocks.Business.NowMs();
        var speaker = licence is null ? staff.Name : $"药师 {licence.Name}（注册证 {licence.LicenceNo}）";
        await _store.SayAsync(tx, id, now, CaseVoice.Staff, staff, speaker, channel, text, [], isInternal).ConfigureAwait(false);
        if (isInternal) return CaseOutcome.Done;
        await tx.ExecuteAsync(Answer, new { id, state = (int)(isDone ? CaseState.Done : CaseState.Answered), now, done = isDone ? now : (long?)null }).ConfigureAwait(false);
        if (found.Member is { } member) await _events.AppendAsync(tx, EventKind.CaseAnswered, [member.Value]).ConfigureAwait(false);
        return CaseOutcome.Done;
    }

    /// <summary>Changes category, cause, store and owner.</summary>
    public async Task<CaseOutcome> ChangeAsync(Tx tx, StaffScope scope, long id, long version, CaseCategory category, string cause, StoreId? store, long? owner)
    {
        if (cause.Length > 32 || await FindAsync(tx, scope, id).ConfigureAwait(false) is null) return cause.Length > 32 ? CaseOutcome.TextInvalid : CaseOutcome.NotFound;
        return await tx.ExecuteAsync(Change, new { id, version, category = (int)category, cause, store = store?.Value, owner }).ConfigureAwait(false) == 1 ? CaseOutcome.Done : CaseOutcome.Stale;
    }

    /// <summary>Passes on what is overdue: to the store's manager, then to the head office. How many.</summary>
    public Task<int> EscalateAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var now = clocks.Business.NowMs();
        var passed = 0;
        foreach (var row in await tx.QueryAsync<OverdueRow>(Overdue, new { now, highest = CaseTerms.Highest }).ConfigureAwait(false))
        {
            if (await tx.ExecuteAsync(Escalate, new { id = row.Id, now, due = now + (long)CaseTerms.Escalation.TotalMilliseconds }).ConfigureAwait(false) != 1) continue;
            passed++;
            await _store.SayAsync(tx, row.Id, now, CaseVoice.House, null, "", CaseChannel.House, row.Level == 0 ? "超时未答复，已转门店店长。" : "再次超时，已转总部。", [], isInternal: true).ConfigureAwait(false);
        }

        return passed;
    }, ct);

    private Task<CaseOutcome> AsMemberAsync(MemberId member, long id, string text, IReadOnlyList<long> photos, bool again, CancellationToken ct)
    {
        if (!IsText(text)) return Task.FromResult(CaseOutcome.TextInvalid);
        return database.WriteAsync(async tx =>
        {
            var now = clocks.Business.NowMs();
            if (await FindAsync(tx, member, id).ConfigureAwait(false) is not { } found) return (CaseOutcome.NotFound, id);
            var isDone = found.State == CaseState.Done;
            if (again != isDone || (again && found.DoneAt < clocks.Business.GetUtcNow() - CaseTerms.Reopening)) return (CaseOutcome.NotNow, id);
            if (await tx.ScalarAsync<long>(CountEntries, new { member = member.Value, since = now - 86_400_000 }).ConfigureAwait(false) >= MostEntriesPerDay) return (CaseOutcome.TooMany, id);
            if (found.State != CaseState.Open) await WaitAsync(tx, found, now, again).ConfigureAwait(false);
            return await HearAsync(tx, id, member, CaseChannel.MiniProgram, text, photos, now).ConfigureAwait(false) ? (CaseOutcome.Done, id) : throw new PhotoRefusedException();
        }, ct).RefusedPhotosAsync().OutcomeAsync();
    }

    private static Task<int> WaitAsync(Tx tx, ServiceCase answered, long now, bool again) =>
        tx.ExecuteAsync(Wait, new { id = answered.Id, due = now + (long)CaseTerms.For(answered.Category).TotalMilliseconds, again = again ? 1 : 0 });

    private static async Task<StoreId?> HomeAsync(Tx tx, MemberId member) =>
        await tx.ScalarAsync<long?>(HomeStore, new { member = member.Value }).ConfigureAwait(false) is { } home ? new StoreId(home) : null;

    // What cannot wait is answered in the same moment by a fixed text, and a question becomes one to a pharmacist, as that text says.
    private async Task<bool> HearAsync(Tx tx, long id, MemberId? member, CaseChannel channel, string text, IReadOnlyList<long> photos, long now)
    {
        if (photos.Count > MostPhotos || photos.Distinct().Count() != photos.Count) return false;
        foreach (var photo in photos)
        {
            if (await tx.ExecuteAsync(TakePhoto, new { id, photo, member = member?.Value }).ConfigureAwait(false) != 1) return false;
        }

        await _store.SayAsync(tx, id, now, CaseVoice.Member, null, "", channel, text.Trim(), photos, isInternal: false).ConfigureAwait(false);
        if (CaseTexts.For(text) is not { } fixedText) return true;
        await _store.SayAsync(tx, id, now, CaseVoice.House, null, "自动提示", CaseChannel.House, fixedText, [], isInternal: false).ConfigureAwait(false);
        await tx.ExecuteAsync(ToPharmacist, new { id, due = now + (long)CaseTerms.For(CaseCategory.Pharmacist).TotalMilliseconds }).ConfigureAwait(false);
        return true;
    }

    private async Task<ServiceCase?> FindAsync(Session session, MemberId member, long id) =>
        await _store.CasesAsync(session, "c.id = @id AND c.member_id = @member", new { id, member = member.Value }).ConfigureAwait(false) is [var found] ? found : null;

    private async Task<ServiceCase?> FindAsync(Session session, StaffScope scope, long id) =>
        await _store.CasesAsync(session, $"c.id = @id AND {scope.Sql("c.store_id", "c.owner_id")}", new { id, scope.Stores, scope.Owner }).ConfigureAwait(false) is [var found] ? found : null;

    private static bool IsText(string text) => text.Trim().Length is >= 1 and <= LongestText && !text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t'));

    private sealed class OverdueRow
    {
        public long Id { get; init; }
        public long Level { get; init; }
    }
}

/// <summary>Undoes the write of a case whose photos cannot be taken.</summary>
internal sealed class PhotoRefusedException : Exception;

/// <summary>Turns that back into a value.</summary>
internal static class PhotoRefusals
{
    public static async Task<(CaseOutcome Outcome, long Id)> RefusedPhotosAsync(this Task<(CaseOutcome, long)> write)
    {
        try
        {
            return await write.ConfigureAwait(false);
        }
        catch (PhotoRefusedException)
        {
            return (CaseOutcome.PhotoInvalid, 0);
        }
    }

    public static async Task<CaseOutcome> OutcomeAsync(this Task<(CaseOutcome Outcome, long)> write) => (await write.ConfigureAwait(false)).Outcome;
}
