using Engagement.Members.Codes;
using Engagement.Members.Coupons;
using Engagement.Members.Points;
using Engagement.Members.Profiles;
using Engagement.Storage;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Tills;

/// <summary>A member as a cashier sees one.</summary>
/// <param name="Shopper">Who, and how the till knows.</param>
/// <param name="Name">The name, masked.</param>
/// <param name="Phone">The phone, masked.</param>
/// <param name="Tier">The code of the tier; <c>null</c> without one.</param>
/// <param name="Points">The active points.</param>
/// <param name="Coupons">What the member can use here, for a member who showed the code; else none.</param>
public sealed record CounterMember(Shopper Shopper, string Name, string Phone, string? Tier, long Points, IReadOnlyList<WalletCoupon> Coupons);

/// <summary>Finds the member who stands at the counter: by the code on the phone, by the card, or by the phone number.</summary>
public sealed class Counter(Database database, MemberStore members, MemberCodes codes, BlindIndex index, PointsBook book, IMemberTiers tiers, CouponWallet wallet, IOptions<TillOptions> options)
{
    // Families share a phone. More than these share a number that somebody typed in to fill the field.
    private const int MostOfPhone = 5;

    internal const string SelectByPhone = "SELECT id FROM member WHERE phone_index IN @indexes AND erased_at IS NULL ORDER BY id LIMIT @most";

    internal const string SelectByNo = """
        SELECT id FROM member WHERE member_no = @no AND source = @source AND erased_at IS NULL
        UNION
        SELECT a.member_id FROM member_alias a JOIN member m ON m.id = a.member_id WHERE a.member_no = @no AND a.source = @source AND m.erased_at IS NULL
        """;

    /// <summary>Who shows this member code; at most one.</summary>
    public Task<IReadOnlyList<CounterMember>> ByCodeAsync(string code, StoreId store, CancellationToken ct) =>
        FindAsync(async session => await codes.FindAsync(session, code).ConfigureAwait(false) is { } member ? [member.Value] : [], present: true, store, ct);

    /// <summary>Who has this phone: none, one, or the members of a family.</summary>
    public Task<IReadOnlyList<CounterMember>> ByPhoneAsync(string text, StoreId store, CancellationToken ct) =>
        PhoneNumber.TryParse(text, out var phone, out _) && !phone.IsSuspicious
            ? FindAsync(session => session.QueryAsync<long>(SelectByPhone, new { indexes = index.Candidates(MemberColumns.PhoneIndex, phone.Digits), most = MostOfPhone }), present: false, store, ct)
            : Task.FromResult<IReadOnlyList<CounterMember>>([]);

    /// <summary>Whose card this is; at most one.</summary>
    public Task<IReadOnlyList<CounterMember>> ByCardAsync(string no, string source, StoreId store, CancellationToken ct) =>
        FindAsync(session => session.QueryAsync<long>(SelectByNo, new { no = no.Trim(), source }), present: false, store, ct);

    private async Task<IReadOnlyList<CounterMember>> FindAsync(Func<Session, Task<List<long>>> find, bool present, StoreId store, CancellationToken ct)
    {
        var found = await database.ReadAsync(async session =>
        {
            var ids = (await find(session).ConfigureAwait(false)).ConvertAll(MemberId.From);
            var profiles = await members.ProfilesAsync(session, ids).ConfigureAwait(false);
            var list = new List<CounterMember>();
            foreach (var profile in ids.Where(profiles.ContainsKey).Select(id => profiles[id]).Where(profile => !profile.Erased))
            {
                list.Add(new CounterMember(new Shopper(profile.Id, present), profile.Name?.ToString() ?? "", profile.Phone?.ToString() ?? "",
                    await tiers.TierAsync(session, profile.Id).ConfigureAwait(false), (await book.BalanceAsync(session, profile.Id).ConfigureAwait(false)).Active, []));
            }

            return list;
        }, ct).ConfigureAwait(false);
        if (found.Count != 1 || (options.Value.CodeNeeded && !present)) return found;
        var held = await wallet.HeldAsync(found[0].Shopper.Member, store, SalesChannel.Store, null, 50, ct).ConfigureAwait(false);
        return [found[0] with { Coupons = [.. held.Items.Where(coupon => coupon.Refusal is null)] }];
    }
}
