using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>What is done with a row whose card is new.</summary>
internal enum MatchKind
{
    /// <summary>Nobody like it: a new member.</summary>
    None,

    /// <summary>The same person.</summary>
    Merge,

    /// <summary>Perhaps the same person: a new member, and a pair for a member of staff to look at.</summary>
    Review,
}

/// <summary>A decision with the record it is about.</summary>
internal readonly record struct Match(MatchKind Kind, MemberRecord? Member, string Reason);

/// <summary>Decides whether a row with a new card is somebody who is known (domain 7.2, match and merge).</summary>
/// <remarks>Shared identifiers are weak: a phone alone never merges two different names, and a filled-in number proves nothing.</remarks>
internal sealed class MemberMatching
{
    // More people than this on one number: a shop's or a village's phone.
    private const int MostOnOnePhone = 5;
    private const int YearsFarApart = 10;

    private readonly Dictionary<string, List<MemberRecord>> _byPhone = [];
    private readonly Dictionary<(string Name, int MonthDay), List<MemberRecord>> _byNameAndBirth = [];
    private readonly HashSet<long> _known = [];

    /// <summary>Reads everybody whom rows of a batch could be.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="rows">The rows whose cards are new.</param>
    /// <param name="one">Gives the object that stands for a record which was read twice.</param>
    public async Task LoadAsync(Session session, IReadOnlyList<CleanMember> rows, Func<MemberRecord, MemberRecord> one)
    {
        var phones = rows.Where(r => r.Phone is { IsSuspicious: false }).SelectMany(r => r.PhoneIndexes).Distinct().ToList();
        await session.ReadMembersByPhoneAsync(phones, m => Add(one(m))).ConfigureAwait(false);
        var births = rows.Where(r => r.Birthday?.Year is not null).SelectMany(r => r.NameIndexes.Select(n => (n, r.Birthday!.Value.MonthDay))).Distinct().ToList();
        await session.ReadMembersByNameAndBirthAsync(births, m => Add(one(m))).ConfigureAwait(false);
    }

    /// <summary>Makes a member known to the rows that follow.</summary>
    public void Add(MemberRecord member)
    {
        if (member.Erased || !_known.Add(member.Id)) return;
        if (member.PhoneIndex is not null) ListOf(_byPhone, member.PhoneIndex).Add(member);
        if (member is { NameIndex: not null, BirthMonthDay: not null }) ListOf(_byNameAndBirth, (member.NameIndex, member.BirthMonthDay.Value)).Add(member);
    }

    /// <summary>The decision for one row.</summary>
    public Match Find(CleanMember row)
    {
        if (row.Phone is { IsSuspicious: false })
        {
            var sharers = row.PhoneIndexes.SelectMany(i => _byPhone.GetValueOrDefault(i) ?? []).ToList();
            if (sharers.Count > 0) return ByPhone(row, sharers);
        }

        if (row.Name is not { IsPartial: false } || row.Birthday?.Year is null) return default;
        var namesake = row.NameIndexes.SelectMany(n => _byNameAndBirth.GetValueOrDefault((n, row.Birthday.Value.MonthDay)) ?? [])
            .FirstOrDefault(m => m.BirthYear == row.Birthday.Value.Year);
        return namesake is null ? default : new Match(MatchKind.Review, namesake, "same_name_and_birthday");
    }

    private static Match ByPhone(CleanMember row, List<MemberRecord> sharers)
    {
        if (sharers.Count >= MostOnOnePhone) return new Match(MatchKind.Review, sharers[0], "phone_shared_by_many");
        if (row.Name is { IsPartial: false } && sharers.Find(m => m.NameIndex is not null && row.NameIndexes.Contains(m.NameIndex)) is { } same)
        {
            return Conflict(row, same) ? new Match(MatchKind.Review, same, "hard_conflict") : new Match(MatchKind.Merge, same, "same_phone_and_name");
        }

        var only = sharers[0];
        if (sharers.Count == 1 && (row.Name is null || only.NameIndex is null))
        {
            return Conflict(row, only) ? new Match(MatchKind.Review, only, "hard_conflict") : new Match(MatchKind.Merge, only, "same_phone_no_name");
        }

        return new Match(MatchKind.Review, only, "same_phone_other_name");
    }

    private static bool Conflict(CleanMember row, MemberRecord member) =>
        row.Sex != 0 && member.Sex != 0 && row.Sex != member.Sex
        && row.Birthday?.Year is { } year && member.BirthYear is { } other && Math.Abs(year - other) >= YearsFarApart;

    private static List<MemberRecord> ListOf<TKey>(Dictionary<TKey, List<MemberRecord>> lists, TKey key) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists.Add(key, list = []);
        return list;
    }
}
