using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>Finds who bought: by card, else by a phone that is of one member only. Who is not found buys anonymously.</summary>
internal sealed class BuyerLookup
{
    private const string SelectAlive = "SELECT id FROM member WHERE erased_at IS NULL AND id IN";

    private readonly Dictionary<Card, long> _byCard = [];
    private readonly Dictionary<string, long> _byPhone = [];
    private readonly HashSet<string> _shared = [];
    private readonly HashSet<long> _alive = [];

    /// <summary>Reads the buyers of a batch.</summary>
    public async Task LoadAsync(Session session, IReadOnlyList<CheckedLine> lines)
    {
        var cards = new HashSet<Card>();
        var phones = new HashSet<string>();
        foreach (var line in lines)
        {
            if (line.Row.MemberId is not null) continue;
            if (line.Row.MemberNo.Length > 0) cards.Add(new Card(line.Row.Source, line.Row.MemberNo));
            else phones.UnionWith(line.PhoneIndexes);
        }

        await session.ReadIdsByCardAsync([.. cards], (card, id) => _byCard[card] = id).ConfigureAwait(false);
        cards.ExceptWith(_byCard.Keys);
        await LoadAliasesAsync(session, cards).ConfigureAwait(false);
        await session.ReadIdsByPhoneAsync([.. phones], (phone, id) =>
        {
            if (!_byPhone.TryAdd(phone, id)) _shared.Add(phone);
        }).ConfigureAwait(false);
        await session.ReadInAsync(SelectAlive, [.. lines.Select(line => line.Row.MemberId).OfType<long>().Distinct()], row => _alive.Add(row.GetInt64(0))).ConfigureAwait(false);
    }

    // The card of an erased member stays known, so that no file brings the person back; it buys anonymously.
    private async Task LoadAliasesAsync(Session session, IReadOnlyCollection<Card> cards)
    {
        var aliases = new Dictionary<Card, long>();
        await session.ReadAliasesAsync([.. cards], (card, alias) => aliases[card] = alias.MemberId).ConfigureAwait(false);
        var erased = new HashSet<long>();
        await session.ReadMembersByIdAsync([.. aliases.Values.Distinct()], member =>
        {
            if (member.Erased) erased.Add(member.Id);
        }).ConfigureAwait(false);
        foreach (var (card, member) in aliases)
        {
            if (!erased.Contains(member)) _byCard[card] = member;
        }
    }

    /// <summary>The buyer, or <c>null</c>.</summary>
    public long? Of(CheckedLine line)
    {
        if (line.Row.MemberId is { } known) return _alive.Contains(known) ? known : null;
        if (line.Row.MemberNo.Length > 0) return _byCard.TryGetValue(new Card(line.Row.Source, line.Row.MemberNo), out var id) ? id : null;
        foreach (var phone in line.PhoneIndexes)
        {
            if (_byPhone.TryGetValue(phone, out var member)) return _shared.Contains(phone) ? null : member;
        }

        return null;
    }
}
