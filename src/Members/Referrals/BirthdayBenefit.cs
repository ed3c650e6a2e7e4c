using Engagement.Members.Points;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Referrals;

/// <summary>What became of a birthday benefit.</summary>
public enum BirthdayOutcome
{
    /// <summary>It is the member's now.</summary>
    Taken = 1,

    /// <summary>It was taken for this birthday before.</summary>
    TakenBefore = 2,

    /// <summary>The birthday is not near.</summary>
    NotNow = 3,

    /// <summary>The member's birthday is not known.</summary>
    NoBirthday = 4,
}

/// <summary>How it stands with a member's birthday benefit.</summary>
/// <param name="Outcome">What an attempt to take it would come to.</param>
/// <param name="From">The first day on which it may be taken, of the birthday that is near or else the next one; <c>null</c> without a birthday.</param>
/// <param name="Until">The last such day.</param>
/// <param name="Points">What it is worth.</param>
public sealed record BirthdayStanding(BirthdayOutcome Outcome, DateOnly? From, DateOnly? Until, int Points);

/// <summary>What a member gets on a birthday: once for each, whatever is done to the date. 29 February is kept on the 28th in common years.</summary>
public sealed class BirthdayBenefit(Clocks clocks, PointsDesk points, IOptions<BirthdayOptions> options)
{
    private const string SelectBirthday = "SELECT birth_md FROM member WHERE id = @id AND erased_at IS NULL";
    internal const string SelectTaken = "SELECT COUNT(*) FROM birthday_benefit WHERE member_id = @id AND year = @year";
    private const string Insert = "INSERT INTO birthday_benefit (member_id, year, taken_at, what) VALUES (@id, @year, @now, @what)";
    private const string SelectChanged = "SELECT MAX(changed_at) FROM member_change WHERE member_id = @id AND field = 'birthday'";

    /// <summary>Takes the benefit of the birthday that is near; what it is, the caller gives in the same write.</summary>
    /// <param name="tx">The caller's write.</param>
    /// <param name="member">The member.</param>
    /// <param name="what">What is given, for the record: at most 64 characters.</param>
    /// <returns>The outcome, and the year of the birthday when it is near.</returns>
    public async Task<(BirthdayOutcome Outcome, int Year)> TakeAsync(Tx tx, MemberId member, string what)
    {
        await LedgerStore.LockAsync(tx, [member.Value]).ConfigureAwait(false);
        if (await tx.ScalarAsync<int?>(SelectBirthday, new { id = member.Value }).ConfigureAwait(false) is not { } born) return (BirthdayOutcome.NoBirthday, 0);
        if (BirthdayDates.YearServed(born, ChinaTime.Date(clocks.Business.Today()), options.Value.Window) is not { } year) return (BirthdayOutcome.NotNow, 0);
        var key = new { id = member.Value, year, now = clocks.Business.NowMs(), what };
        if (await tx.ScalarAsync<long>(SelectTaken, key).ConfigureAwait(false) > 0) return (BirthdayOutcome.TakenBefore, year);
        await tx.ExecuteAsync(Insert, key).ConfigureAwait(false);
        return (BirthdayOutcome.Taken, year);
    }

    /// <summary>Takes it as points.</summary>
    public async Task<BirthdayOutcome> GiveAsync(Tx tx, MemberId member)
    {
        var (outcome, year) = await TakeAsync(tx, member, "points").ConfigureAwait(false);
        if (outcome == BirthdayOutcome.Taken)
        {
            await points.GiveAsync(tx, member, options.Value.GiftPoints, PointsPart.BirthdayGift, $"birthday:{member}:{year}", options.Value.ValidDays, "生日礼").ConfigureAwait(false);
        }

        return outcome;
    }

    /// <summary>How it stands, without taking anything.</summary>
    public async Task<BirthdayStanding> LookAsync(Session session, MemberId member)
    {
        var gift = options.Value.GiftPoints;
        if (await session.ScalarAsync<int?>(SelectBirthday, new { id = member.Value }).ConfigureAwait(false) is not { } born) return new BirthdayStanding(BirthdayOutcome.NoBirthday, null, null, gift);
        var today = ChinaTime.Date(clocks.Business.Today());
        var near = BirthdayDates.YearServed(born, today, options.Value.Window);
        var taken = near is { } year && await IsTakenAsync(session, member, year).ConfigureAwait(false);
        // Of a birthday that is not near, the next one is shown.
        var shown = near ?? Enumerable.Range(today.Year, 2).First(candidate => BirthdayDates.In(born, candidate) > today);
        var (from, until) = BirthdayDates.Around(born, shown, options.Value.Window);
        return new BirthdayStanding(near is null ? BirthdayOutcome.NotNow : taken ? BirthdayOutcome.TakenBefore : BirthdayOutcome.Taken, from, until, gift);
    }

    /// <summary>Whether the benefit of a birthday was taken.</summary>
    internal static async Task<bool> IsTakenAsync(Session session, MemberId member, int year) =>
        await session.ScalarAsync<long>(SelectTaken, new { id = member.Value, year }).ConfigureAwait(false) > 0;

    /// <summary>Whether a birthday that is known may be changed: not so soon after the last change.</summary>
    public async Task<bool> MayChangeAsync(Session session, MemberId member) =>
        await session.ScalarAsync<long?>(SelectChanged, new { id = member.Value }).ConfigureAwait(false) is not { } changed
        || DateTimeOffset.FromUnixTimeMilliseconds(changed).AddMonths(options.Value.ChangeMonths) <= clocks.Business.GetUtcNow();
}
