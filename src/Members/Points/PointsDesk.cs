using Engagement.Storage;

namespace Engagement.Members.Points;

/// <summary>What became of a request to the ledger.</summary>
public enum PointsOutcome
{
    /// <summary>Done now, or done before by the same request: the result is the same.</summary>
    Done = 1,

    /// <summary>积分不足: there are fewer active points.</summary>
    Insufficient = 2,

    /// <summary>The key was used for something else; nothing was changed.</summary>
    KeyReused = 3,

    /// <summary>There is no redemption with this key.</summary>
    NotFound = 4,
}

/// <summary>The answer of the ledger.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="EntryId">The entry, when done.</param>
/// <param name="Points">What was added, below zero what was taken, when done.</param>
/// <param name="Active">The active balance after it; of a refusal, the balance now.</param>
public readonly record struct PointsResult(PointsOutcome Outcome, long EntryId, long Points, long Active);

/// <summary>Spends and gives points inside the write of whoever needs it: a coupon and its price are there together, or neither.</summary>
/// <remarks>
/// A key names the request for ever, over all members: the same request again has the same answer, another one under the same key is refused.
/// Begin it with the name of its source (<c>coupon:</c>, <c>pos:</c>); it has at most 100 characters.
/// </remarks>
public sealed class PointsDesk(IdGenerator ids, Clocks clocks)
{
    /// <summary>The longest key that callers may make.</summary>
    public const int LongestKey = 100;

    /// <summary>Spends active points, those first that expire first.</summary>
    /// <param name="tx">The caller's write.</param>
    /// <param name="member">Whose.</param>
    /// <param name="points">How many, above zero.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="what">What for, in words: shown to the member, at most 200 characters.</param>
    public async Task<PointsResult> RedeemAsync(Tx tx, MemberId member, long points, string key, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(points);
        Check(key);
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        var account = await ledger.OpenOneAsync(member.Value).ConfigureAwait(false);
        if (await LedgerStore.EntryAsync(tx, key).ConfigureAwait(false) is { } before) return Again(before, EntryKind.Redeemed, member, -points, what, account);
        if (account.Redeem(points, key, ledger.Today, what) is not { } entry) return new PointsResult(PointsOutcome.Insufficient, 0, 0, account.Active);
        await ledger.SaveAsync().ConfigureAwait(false);
        return new PointsResult(PointsOutcome.Done, entry.Id, entry.Points, entry.ActiveAfter);
    }

    /// <summary>Undoes a redemption, once: the points go back to the lots they came from, and keep their last day.</summary>
    /// <param name="tx">The caller's write.</param>
    /// <param name="member">Whose.</param>
    /// <param name="key">The key of the redemption.</param>
    public async Task<PointsResult> CancelAsync(Tx tx, MemberId member, string key)
    {
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        var account = await ledger.OpenOneAsync(member.Value).ConfigureAwait(false);
        var redeemed = await LedgerStore.EntryAsync(tx, key).ConfigureAwait(false);
        if (redeemed is null || redeemed.Kind != (int)EntryKind.Redeemed || redeemed.MemberId != member.Value) return new PointsResult(PointsOutcome.NotFound, 0, 0, account.Active);
        if (await LedgerStore.EntryAsync(tx, $"cancel:{redeemed.Id}").ConfigureAwait(false) is { } before)
        {
            return new PointsResult(PointsOutcome.Done, before.Id, before.Points, before.ActiveAfter);
        }

        var allocations = await LedgerStore.MovesAsync(tx, redeemed.Id).ConfigureAwait(false);
        await LedgerStore.ReadLotsAsync(tx, account, [.. allocations.Select(move => move.LotId).Where(lot => !account.Has(lot))]).ConfigureAwait(false);
        var entry = account.Cancel(redeemed.Id, allocations, ledger.Today);
        await ledger.SaveAsync().ConfigureAwait(false);
        return new PointsResult(PointsOutcome.Done, entry.Id, entry.Points, account.Active);
    }

    /// <summary>Undoes a redemption whose record may have become part of this member's: then the points come as new ones.</summary>
    internal async Task GiveBackAsync(Tx tx, MemberId member, string key, int validDays, string what)
    {
        if ((await CancelAsync(tx, member, key).ConfigureAwait(false)).Outcome == PointsOutcome.Done) return;
        if (await LedgerStore.EntryAsync(tx, key).ConfigureAwait(false) is not { Kind: (int)EntryKind.Redeemed } redeemed) return;
        await GiveAsync(tx, member, -redeemed.Points, PointsPart.None, $"cancel:{redeemed.Id}", validDays, what).ConfigureAwait(false);
    }

    /// <summary>Gives points that are active at once: a reward, a gift.</summary>
    /// <param name="tx">The caller's write.</param>
    /// <param name="member">To whom.</param>
    /// <param name="points">How many, above zero.</param>
    /// <param name="part">Why.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="validDays">For how many days after today.</param>
    /// <param name="what">Words for it: shown to the member.</param>
    public async Task<PointsResult> GiveAsync(Tx tx, MemberId member, long points, PointsPart part, string key, int validDays, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(points);
        Check(key);
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        var account = await ledger.OpenOneAsync(member.Value).ConfigureAwait(false);
        if (await LedgerStore.EntryAsync(tx, key).ConfigureAwait(false) is { } before) return Again(before, EntryKind.Earned, member, points, what, account);
        var entry = account.Earn([(part, points)], key, new LotTerms(ledger.Today, validDays), ledger.Today, null, what);
        account.CatchUp(ledger.Today);
        await ledger.SaveAsync().ConfigureAwait(false);
        return new PointsResult(PointsOutcome.Done, entry.Id, entry.Points, account.Active);
    }

    /// <summary>Takes back what <see cref="GiveAsync"/> gave, once; what was spent meanwhile is owed.</summary>
    internal async Task TakeBackAsync(Tx tx, MemberId member, long given)
    {
        var ledger = new OpenLedger(tx, ids, clocks.Business);
        var account = await ledger.OpenOneAsync(member.Value).ConfigureAwait(false);
        var key = $"takeback:{given}";
        if (await LedgerStore.EntryAsync(tx, key).ConfigureAwait(false) is not null) return;
        var points = await tx.ScalarAsync<long>("SELECT points FROM points_entry WHERE id = @given", new { given }).ConfigureAwait(false);
        account.ClawBack(points, key, ledger.Today, lot => lot.Id == given, given);
        await ledger.SaveAsync().ConfigureAwait(false);
    }

    private static void Check(string key)
    {
        if (key.Length is 0 or > LongestKey) throw new ArgumentException($"An idempotency key has 1 to {LongestKey} characters.", nameof(key));
    }

    private static PointsResult Again(LedgerStore.EntryRow before, EntryKind kind, MemberId member, long points, string what, Account account) =>
        before.Says(kind, member.Value, points, what)
            ? new PointsResult(PointsOutcome.Done, before.Id, before.Points, before.ActiveAfter)
            : new PointsResult(PointsOutcome.KeyReused, 0, 0, account.Active);
}
