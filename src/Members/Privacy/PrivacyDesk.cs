using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Members.Consents;
using Engagement.Members.SignIn;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Privacy;

/// <summary>Requests of members about their data: taken at once, done by the program or by a person, each step written down.</summary>
public sealed class PrivacyDesk
{
    private const int AtOnce = 20;

    // Chinese stays readable, and nothing that could end a string gets through.
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Database _database;
    private readonly Clocks _clocks;
    private readonly PrivacyStore _store;
    private readonly ConsentStore _consents;
    private readonly Eraser _eraser;
    private readonly AuditLog _audit;
    private readonly PrivacyOptions _options;
    private readonly IReadOnlyList<IPersonalData> _data;

    internal PrivacyDesk(
        Database database, Clocks clocks, PrivacyStore store, ConsentStore consents, Eraser eraser, AuditLog audit, IOptions<PrivacyOptions> options, IEnumerable<IPersonalData> data) =>
        (_database, _clocks, _store, _consents, _eraser, _audit, _options, _data) = (database, clocks, store, consents, eraser, audit, options.Value, [.. data]);

    /// <summary>Everything that is known about a member.</summary>
    public Task<IReadOnlyList<DataSection>> ShowAsync(MemberId member, CancellationToken ct) => _database.ReadAsync(async session =>
    {
        var sections = new List<DataSection>();
        foreach (var one in _data) sections.AddRange(await one.ShowAsync(session, member).ConfigureAwait(false));
        return (IReadOnlyList<DataSection>)[.. sections.Where(section => section.Rows.Count > 0)];
    }, ct);

    /// <summary>Takes a request; one that is open already is the answer. The session has proved who asks.</summary>
    public Task<PrivacyRequest> SubmitAsync(MemberSession session, RequestKind kind, string? note, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        var member = session.Member!.Value;
        // Two taps take turns: the second finds the request of the first.
        if (!await PrivacyStore.LockAsync(tx, member).ConfigureAwait(false)) throw new InvalidOperationException($"Member {member} was merged or erased since the session was looked up.");
        if (await PrivacyStore.OpenAsync(tx, member, kind).ConfigureAwait(false) is [var open, ..]) return open;
        var now = _clocks.Business.NowMs();
        long? act = kind switch
        {
            RequestKind.Export => now,
            RequestKind.Erasure => now + (long)_options.ErasureWait.TotalMilliseconds,
            RequestKind.Correction or RequestKind.Explanation => null,
        };
        var id = await _store.AddAsync(tx, member, kind, RequestState.IdentityChecked, note, session.Id, now, Due(_clocks.Business.Today(), _options.WorkingDays), act).ConfigureAwait(false);
        await _store.StepAsync(tx, id, RequestState.Submitted, member.Value, "member", now).ConfigureAwait(false);
        await _store.StepAsync(tx, id, RequestState.IdentityChecked, member.Value, "member", now).ConfigureAwait(false);
        if (kind == RequestKind.Erasure) await StopAsync(tx, member, id, now).ConfigureAwait(false);
        await _audit.AppendAsync(tx, Entry(new AuditActor(member.Value, "member", "member"), "privacy.requested", member, id, kind)).ConfigureAwait(false);
        return (await PrivacyStore.FindAsync(tx, member, id).ConfigureAwait(false))!;
    }, ct);

    /// <summary>Takes an erasure back while it waits, and any other that waits with it; <c>false</c> when there is none.</summary>
    public Task<bool> WithdrawErasureAsync(MemberId member, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        if (!await PrivacyStore.LockAsync(tx, member).ConfigureAwait(false)) return false;
        var open = await PrivacyStore.OpenAsync(tx, member, RequestKind.Erasure).ConfigureAwait(false);
        var now = _clocks.Business.NowMs();
        foreach (var request in open)
        {
            await PrivacyStore.SetAsync(tx, request.Id, RequestState.Withdrawn, "", now, null, null).ConfigureAwait(false);
            await _store.StepAsync(tx, request.Id, RequestState.Withdrawn, member.Value, "member", now).ConfigureAwait(false);
        }

        await _audit.AppendAsync(tx, [.. open.Select(request => Entry(new AuditActor(member.Value, "member", "member"), "privacy.withdrawn", member, request.Id, request.Kind))]).ConfigureAwait(false);
        return open.Count > 0;
    }, ct);

    /// <summary>A member's requests, newest first.</summary>
    public static Task<List<PrivacyRequest>> OfAsync(Session session, MemberId member) => PrivacyStore.OfAsync(session, member);

    /// <summary>One request of a member.</summary>
    public static Task<PrivacyRequest?> FindAsync(Session session, MemberId member, long id) => PrivacyStore.FindAsync(session, member, id);

    /// <summary>The file of an export, for the session that asked for it, while it lives; else <c>null</c>.</summary>
    public Task<string?> FileAsync(MemberSession session, long id, CancellationToken ct) => _database.ReadAsync(async read =>
    {
        var request = await PrivacyStore.FindAsync(read, session.Member!.Value, id).ConfigureAwait(false);
        return request is { Kind: RequestKind.Export, State: RequestState.Fulfilled, FileUntil: { } until } && until > _clocks.Business.NowMs() && request.SessionId == session.Id
            ? await _store.FileAsync(read, id).ConfigureAwait(false)
            : null;
    }, ct);

    /// <summary>Requests for staff, newest first.</summary>
    public static Task<List<PrivacyRequest>> ListAsync(Session session, StaffScope scope, bool open, long? before, int limit) => PrivacyStore.ListAsync(session, scope, open, before, limit);

    /// <summary>What the member wrote with it.</summary>
    public Task<string?> NoteAsync(Session session, long id) => _store.NoteAsync(session, id);

    /// <summary>A member of staff finishes a request; <c>false</c> when it is not there, not open, or of a kind that the program does.</summary>
    /// <param name="id">The request.</param>
    /// <param name="scope">Which members the caller may see.</param>
    /// <param name="refusal">Why it is refused; <c>null</c> when it is fulfilled.</param>
    /// <param name="actor">Who.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<bool> FinishAsync(long id, StaffScope scope, string? refusal, AuditActor actor, CancellationToken ct) => _database.WriteAsync(async tx =>
    {
        if (await PrivacyStore.FindAsync(tx, scope, id).ConfigureAwait(false) is not { } seen) return false;
        // Looked at again under the lock: it may have been taken back or carried out meanwhile. The request of an erased member can be finished too.
        await PrivacyStore.LockAsync(tx, new MemberId(seen.MemberId)).ConfigureAwait(false);
        var request = await PrivacyStore.FindAsync(tx, scope, id).ConfigureAwait(false);
        if (request is not { IsOpen: true } || (refusal is null && request.ActAt is not null)) return false;
        var (now, state) = (_clocks.Business.NowMs(), refusal is null ? RequestState.Fulfilled : RequestState.Refused);
        await PrivacyStore.SetAsync(tx, id, state, refusal ?? "", now, null, actor.Id).ConfigureAwait(false);
        await _store.StepAsync(tx, id, state, actor.Id, actor.Role, now).ConfigureAwait(false);
        await _audit.AppendAsync(tx, Entry(actor, refusal is null ? "privacy.fulfilled" : "privacy.refused", new MemberId(request.MemberId), id, request.Kind)).ConfigureAwait(false);
        return true;
    }, ct);

    /// <summary>Does what is due: builds files, erases members, removes old files. Says how many requests were done.</summary>
    public async Task<int> RunDueAsync(CancellationToken ct)
    {
        var now = _clocks.Business.NowMs();
        var due = await _database.ReadAsync(session => PrivacyStore.DueAsync(session, now, AtOnce), ct).ConfigureAwait(false);
        foreach (var request in due)
        {
            if (request.Kind == RequestKind.Export) await ExportAsync(request, ct).ConfigureAwait(false);
            else await _database.WriteAsync(tx => EraseAsync(tx, request), ct).ConfigureAwait(false);
        }

        await _database.WriteAsync(tx => PrivacyStore.SweepAsync(tx, now), ct).ConfigureAwait(false);
        return due.Count;
    }

    private async Task ExportAsync(PrivacyRequest request, CancellationToken ct)
    {
        var member = new MemberId(request.MemberId);
        var file = Written(member, _clocks.Business.GetUtcNow(), await ShowAsync(member, ct).ConfigureAwait(false));
        await _database.WriteAsync(async tx =>
        {
            // Another process may have built it meanwhile.
            if (await PrivacyStore.FindAsync(tx, member, request.Id).ConfigureAwait(false) is not { IsOpen: true }) return;
            var now = _clocks.Business.NowMs();
            await _store.StepAsync(tx, request.Id, RequestState.InWork, 0, "system", now).ConfigureAwait(false);
            await _store.SaveFileAsync(tx, request.Id, file).ConfigureAwait(false);
            await PrivacyStore.SetAsync(tx, request.Id, RequestState.Fulfilled, "", now, now + (long)_options.FileLife.TotalMilliseconds, null).ConfigureAwait(false);
            await _store.StepAsync(tx, request.Id, RequestState.Fulfilled, 0, "system", now).ConfigureAwait(false);
            await _audit.AppendAsync(tx, Entry(AuditActor.System, "privacy.exported", member, request.Id, request.Kind)).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
    }

    private async Task EraseAsync(Tx tx, PrivacyRequest request)
    {
        var member = new MemberId(request.MemberId);
        // Under the lock: it may have been taken back in the very moment in which it is due.
        await PrivacyStore.LockAsync(tx, member).ConfigureAwait(false);
        if (await PrivacyStore.FindAsync(tx, member, request.Id).ConfigureAwait(false) is not { IsOpen: true }) return;
        var now = _clocks.Business.NowMs();
        await _store.StepAsync(tx, request.Id, RequestState.InWork, 0, "system", now).ConfigureAwait(false);
        await _eraser.EraseAsync(tx, member, now, _data).ConfigureAwait(false);
        await PrivacyStore.SetAsync(tx, request.Id, RequestState.Fulfilled, "", now, null, null).ConfigureAwait(false);
        await _store.StepAsync(tx, request.Id, RequestState.Fulfilled, 0, "system", now).ConfigureAwait(false);
        await _audit.AppendAsync(tx, Entry(AuditActor.System, "member.erased", member, request.Id, request.Kind)).ConfigureAwait(false);
    }

    // Use stops at once, not when the wait is over. Whoever comes back gives consents anew.
    private async Task StopAsync(Tx tx, MemberId member, long request, long now)
    {
        var given = await tx.QueryAsync<int>("SELECT purpose FROM consent WHERE member_id = @member AND granted = 1 AND purpose <> 1", new { member = member.Value }).ConfigureAwait(false);
        if (given.Count > 0) await _consents.RecordAsync(tx, [.. given.Select(purpose => new ConsentChange(member, (Purpose)purpose, false, "", "erasure", $"privacy_request:{request}", now))]).ConfigureAwait(false);
    }

    private static string Written(MemberId member, DateTimeOffset at, IReadOnlyList<DataSection> sections) => new JsonObject
    {
        ["member"] = member.ToString(), ["at"] = ChinaTime.In(at).ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        ["sections"] = new JsonArray([.. sections.Select(section => new JsonObject
        {
            ["code"] = section.Code, ["title"] = section.Title.Zh,
            ["rows"] = new JsonArray([.. section.Rows.Select(row => new JsonObject { ["label"] = row.Label.Zh, ["value"] = row.Value.Zh, ["origin"] = row.Origin.Zh })]),
        })]),
    }.ToJsonString(s_readable);

    // Working days are Monday to Friday: a public holiday only makes it earlier.
    private static long Due(int today, int workingDays)
    {
        var day = today;
        for (var left = workingDays; left > 0;)
        {
            day++;
            if (ChinaTime.Date(day).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)) left--;
        }

        return ChinaTime.At(day, new TimeOnly(18, 0)).ToUnixTimeMilliseconds();
    }

    private static AuditEntry Entry(AuditActor actor, string action, MemberId member, long request, RequestKind kind) =>
        new(actor, action) { MemberId = member.Value, Subject = $"privacy_request:{request}", Detail = $$"""{"kind":"{{kind}}"}""" };
}
