using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Coupons;

/// <summary>Where staff write, approve and stop coupons. Each save is a version of its own; what is published never changes.</summary>
public sealed class CouponDefinitions(Database database, IdGenerator ids, Clocks clocks, IOptions<CouponOptions> options)
{
    /// <summary>Saves a new definition as a draft.</summary>
    /// <param name="code">Its code: 2 to 32 capital letters, digits and hyphens; it stays.</param>
    /// <param name="terms">What it says.</param>
    /// <param name="author">The member of staff who wrote it.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<SaveOutcome> CreateAsync(string code, CouponTerms terms, long author, CancellationToken ct) => database.WriteAsync(tx => CreateAsync(tx, code, terms, author), ct);

    /// <inheritdoc cref="CreateAsync(string, CouponTerms, long, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public async Task<SaveOutcome> CreateAsync(Tx tx, string code, CouponTerms terms, long author)
    {
        if (!IsCode(code)) return new SaveOutcome.Refused([CouponReason.TermsInvalid.About("code")]);
        if (await tx.DefinitionIdAsync(code).ConfigureAwait(false) is not null) return new SaveOutcome.Refused([CouponReason.CodeTaken.About(code)]);
        var findings = await CheckAsync(tx, terms).ConfigureAwait(false);
        if (findings.Count > 0) return new SaveOutcome.Refused(findings);
        var id = ids.Next();
        await tx.InsertDefinitionAsync(id, code, terms, author, clocks.Business.NowMs()).ConfigureAwait(false);
        return new SaveOutcome.Saved(new CouponDefinitionId(id), 1);
    }

    /// <summary>Saves a change as the next version, a draft until it is published; coupons go on as they were claimed.</summary>
    /// <param name="id">Which.</param>
    /// <param name="seen">The version that the editor saw.</param>
    /// <param name="terms">What it is to say.</param>
    /// <param name="author">The member of staff who changed it.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<SaveOutcome> ChangeAsync(CouponDefinitionId id, long seen, CouponTerms terms, long author, CancellationToken ct) =>
        database.WriteAsync(tx => ChangeAsync(tx, id, seen, terms, author), ct);

    /// <inheritdoc cref="ChangeAsync(CouponDefinitionId, long, CouponTerms, long, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public async Task<SaveOutcome> ChangeAsync(Tx tx, CouponDefinitionId id, long seen, CouponTerms terms, long author)
    {
        if (await tx.DefinitionAsync(id).ConfigureAwait(false) is not { } known) return new SaveOutcome.Refused([CouponReason.UnknownDefinition.About()]);
        if (known.Version != seen) return await StaleAsync(tx, known, seen).ConfigureAwait(false);
        var findings = await CheckAsync(tx, terms).ConfigureAwait(false);
        if (findings.Count > 0) return new SaveOutcome.Refused(findings);
        if (await tx.InsertVersionAsync(id, seen, terms, author, clocks.Business.NowMs()).ConfigureAwait(false)) return new SaveOutcome.Saved(id, seen + 1);
        return await StaleAsync(tx, (await tx.DefinitionAsync(id).ConfigureAwait(false))!, seen).ConfigureAwait(false);
    }

    /// <summary>Approves the newest version and opens its claims. Nobody approves what they wrote any part of since the last approval.</summary>
    /// <param name="id">Which.</param>
    /// <param name="seen">The version that the approver read.</param>
    /// <param name="approver">The member of staff who approves.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<PublishOutcome> PublishAsync(CouponDefinitionId id, long seen, long approver, CancellationToken ct) => database.WriteAsync(tx => PublishAsync(tx, id, seen, approver), ct);

    /// <inheritdoc cref="PublishAsync(CouponDefinitionId, long, long, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public async Task<PublishOutcome> PublishAsync(Tx tx, CouponDefinitionId id, long seen, long approver)
    {
        if (await tx.DefinitionAsync(id).ConfigureAwait(false) is not { } known) return Refused(CouponReason.UnknownDefinition);
        if (known.Version != seen) return Refused(CouponReason.Stale);
        if (known.PublishedVersion == seen)
        {
            var published = (await tx.VersionAsync(id, seen).ConfigureAwait(false))!;
            return new PublishOutcome.Published(published.Author, published.Approver!.Value);
        }

        if ((await tx.AuthorsAsync(id, seen, known.PublishedVersion ?? 0).ConfigureAwait(false)).Contains(approver)) return Refused(CouponReason.AuthorApproves);
        // Products and approvals may have changed since it was saved.
        var findings = await CheckAsync(tx, known.Terms).ConfigureAwait(false);
        if (findings.Count > 0) return new PublishOutcome.Refused(findings);
        return await tx.PublishAsync(known, approver, clocks.Business.NowMs()).ConfigureAwait(false) ? new PublishOutcome.Published(known.Author, approver) : Refused(CouponReason.Stale);
    }

    /// <summary>Stops claims, or lets them run again; coupons that members hold are not touched. <c>false</c> when it was never published.</summary>
    public Task<bool> OpenAsync(CouponDefinitionId id, bool open, CancellationToken ct) => database.WriteAsync(tx => OpenAsync(tx, id, open), ct);

    /// <inheritdoc cref="OpenAsync(CouponDefinitionId, bool, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public static Task<bool> OpenAsync(Tx tx, CouponDefinitionId id, bool open) => DefinitionStore.OpenAsync(tx, id, open);

    /// <summary>Lets members claim a definition that is for invited members only; those who may already are left as they are.</summary>
    public Task InviteAsync(CouponDefinitionId id, IReadOnlyList<MemberId> members, CancellationToken ct) => database.WriteAsync(tx => InviteAsync(tx, id, members), ct);

    /// <inheritdoc cref="InviteAsync(CouponDefinitionId, IReadOnlyList{MemberId}, CancellationToken)"/>
    /// <remarks>In the caller's write.</remarks>
    public static Task InviteAsync(Tx tx, CouponDefinitionId id, IReadOnlyList<MemberId> members) => tx.InsertManyAsync(
        "INSERT INTO coupon_invitation (definition_id, member_id)", [.. members.Distinct()],
        (member, values) => (values[0], values[1]) = (id.Value, member.Value), tx.Dialect.OnConflictKeep("definition_id, member_id"));

    /// <summary>One definition; <c>null</c> when there is none.</summary>
    public Task<CouponDefinition?> FindAsync(CouponDefinitionId id, CancellationToken ct) => database.ReadAsync(session => session.DefinitionAsync(id), ct);

    /// <summary>The definition with this code; <c>null</c> when there is none.</summary>
    public Task<CouponDefinition?> FindAsync(string code, CancellationToken ct) => database.ReadAsync(async session =>
        await session.DefinitionIdAsync(code).ConfigureAwait(false) is { } id ? await session.DefinitionAsync(new CouponDefinitionId(id)).ConfigureAwait(false) : null, ct);

    /// <summary>All definitions, newest first.</summary>
    public async Task<CouponPage<CouponDefinition>> ListAsync(CouponCursor? after, int limit, CancellationToken ct)
    {
        limit = Math.Clamp(limit, 1, CouponPage<CouponDefinition>.Longest);
        var rows = await database.ReadAsync(session => session.DefinitionsAsync(after?.Id ?? long.MaxValue, limit + 1), ct).ConfigureAwait(false);
        return CouponPage<CouponDefinition>.Of(rows, limit, row => row, row => new CouponCursor(0, row.Id.Value));
    }

    /// <summary>Every version that was ever saved, oldest first.</summary>
    public Task<IReadOnlyList<CouponVersion>> VersionsAsync(CouponDefinitionId id, CancellationToken ct) => database.ReadAsync(session => session.VersionsAsync(id), ct);

    private Task<IReadOnlyList<CouponRefusal>> CheckAsync(Session session, CouponTerms terms) =>
        DefinitionCheck.RunAsync(session, terms, options.Value, clocks.Business.Today());

    private static async Task<SaveOutcome> StaleAsync(Session session, CouponDefinition now, long seen) =>
        await session.VersionAsync(now.Id, seen).ConfigureAwait(false) is { } before
            ? new SaveOutcome.Stale(now.Version, CouponTerms.Changes(before.Terms, now.Terms))
            : new SaveOutcome.Refused([CouponReason.Stale.About()]);

    private static PublishOutcome.Refused Refused(CouponReason reason) => new([reason.About()]);

    private static bool IsCode(string code) => code.Length is >= 2 and <= 32 && code.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '-');
}
