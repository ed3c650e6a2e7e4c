using Engagement.Members.Consents;
using Engagement.Members.Facts;
using Engagement.Members.Profiles;
using Engagement.Members.Stores;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>One batch of member rows inside its transaction: reads whom they could be, decides row by row, then writes everything at once.</summary>
internal sealed class MemberBatch(
    Tx tx, IdGenerator ids, FieldCipher cipher, BlindIndex index, TimeProvider businessClock, string account, ImportTally tally)
{
    private readonly MemberMatching _matching = new();
    private readonly ConsentLedger _consents = new(ids);
    private readonly Dictionary<Card, MemberRecord> _byCard = [];
    private readonly Dictionary<Card, MemberAlias> _aliases = [];
    private readonly Dictionary<long, MemberRecord> _byId = [];
    private readonly List<NewAlias> _newAliases = [];
    private readonly List<(long, string)> _touchedAliases = [];
    private readonly List<MemberChange> _changes = [];
    private readonly List<(long, long, long, string)> _reviews = [];
    private readonly List<(string, long)> _newIdentities = [];
    private Dictionary<string, RetailStore> _stores = [];
    private Dictionary<string, long> _identities = [];

    public async Task WriteAsync(IReadOnlyList<CleanMember> rows)
    {
        await LoadAsync(rows).ConfigureAwait(false);
        foreach (var row in rows) Decide(row);
        await SaveAsync().ConfigureAwait(false);
    }

    private async Task LoadAsync(IReadOnlyList<CleanMember> rows)
    {
        _stores = await tx.StoresAsync().ConfigureAwait(false);
        var cards = rows.Select(r => r.Card).Distinct().ToList();
        await tx.ReadMembersByCardAsync(cards, member =>
        {
            _byCard[new Card(member.Source, member.MemberNo)] = member;
            _byId[member.Id] = member;
        }).ConfigureAwait(false);
        await tx.ReadAliasesAsync([.. cards.Where(c => !_byCard.ContainsKey(c))], (card, alias) => _aliases[card] = alias).ConfigureAwait(false);
        await tx.ReadMembersByIdAsync([.. _aliases.Values.Select(a => a.MemberId).Where(id => !_byId.ContainsKey(id)).Distinct()], m => _byId[m.Id] = m)
            .ConfigureAwait(false);
        await _matching.LoadAsync(tx, [.. rows.Where(r => !_byCard.ContainsKey(r.Card) && !_aliases.ContainsKey(r.Card))], One).ConfigureAwait(false);
        await _consents.LoadAsync(tx, [.. _byId.Keys]).ConfigureAwait(false);
        _identities = await tx.IdentitiesAsync(account, [.. rows.Select(r => r.OpenId).Where(o => o.Length > 0).Distinct()]).ConfigureAwait(false);
    }

    // A member may be found in several ways; all of them must mean one object.
    private MemberRecord One(MemberRecord member)
    {
        if (_byId.TryGetValue(member.Id, out var known)) return known;
        _byId.Add(member.Id, member);
        return member;
    }

    private void Decide(CleanMember row)
    {
        if (row.StoreCode.Length > 0 && !_stores.ContainsKey(row.StoreCode)) tally.Reject(row.Line, "store_code", Reasons.UnknownStore);
        else if (_byCard.TryGetValue(row.Card, out var member)) Update(row, member, member.ContentHash, hash => member.ContentHash = hash);
        else if (_aliases.TryGetValue(row.Card, out var alias)) Update(row, _byId[alias.MemberId], alias.ContentHash, hash => TouchAlias(row.Card, alias, hash));
        else Place(row, _matching.Find(row));
    }

    private void TouchAlias(Card card, MemberAlias alias, string hash)
    {
        _aliases[card] = alias with { ContentHash = hash };
        _touchedAliases.Add((alias.Id, hash));
    }

    private void Update(CleanMember row, MemberRecord member, string hash, Action<string> setHash)
    {
        if (member.Erased) tally.Reject(row.Line, "member_no", Reasons.MemberErased);
        else if (row.Hashes.Contains(hash)) tally.Unchanged++;
        else if (row.Repeated) tally.Reject(row.Line, "member_no", Reasons.RepeatedKey);
        else
        {
            var changed = Take(row, member, merged: false) | Identify(row, member)
                | _consents.Apply(member.Id, row.Card.Source, row.Consents, merged: false, sameName: true);
            setHash(row.Hashes[0]);
            member.IsTouched = true;
            member.IsChanged |= changed;
            if (changed) tally.Changed++;
            else tally.Unchanged++;
        }
    }

    private void Place(CleanMember row, Match match)
    {
        if (match.Kind == MatchKind.Merge)
        {
            Merge(row, match.Member!, match.Reason);
            return;
        }

        var member = new MemberRecord
        {
            Id = ids.Next(), Source = row.Card.Source, MemberNo = row.Card.MemberNo, IsNew = true, ContentHash = row.Hashes[0],
            JoinedDay = row.Joined ?? businessClock.Today(),
        };
        Take(row, member, merged: false);
        _byId.Add(member.Id, member);
        _byCard.Add(row.Card, member);
        _matching.Add(member);
        Identify(row, member);
        _consents.Apply(member.Id, row.Card.Source, row.Consents, merged: false, sameName: true);
        tally.Added++;
        if (match.Kind == MatchKind.Review) Review(member, match.Member!.Id, match.Reason);
    }

    private void Merge(CleanMember row, MemberRecord member, string reason)
    {
        var id = ids.Next();
        var sameName = row.Name is not null && member.NameIndex is not null && row.NameIndexes.Contains(member.NameIndex);
        _newAliases.Add(new NewAlias(id, row.Card, member.Id, reason,
            cipher.Encrypt(s_aliasName, id, row.Name?.Value), cipher.Encrypt(s_aliasPhone, id, row.Phone?.Digits), row.Hashes[0]));
        _aliases.Add(row.Card, new MemberAlias(id, member.Id, row.Hashes[0]));
        member.IsChanged |= Take(row, member, merged: true) | Identify(row, member)
            | _consents.Apply(member.Id, row.Card.Source, row.Consents, merged: true, sameName);
        tally.Merged++;
    }

    private static readonly CipherColumn s_aliasName = new("member_alias", "name");
    private static readonly CipherColumn s_aliasPhone = new("member_alias", "phone");
    private static readonly CipherColumn s_changeOld = new("member_change", "old");

    // An empty value never erases one; a value of another source is replaced only where there was none.
    private bool Take(CleanMember row, MemberRecord member, bool merged)
    {
        var take = new FieldTaking(member, row.Card.Source, merged);
        if (row.Name is { } name && take.Wants("name", member.NameCipher is null, member.NameIndex is { } n && row.NameIndexes.Contains(n) && SameName(member, name)))
        {
            Remember(take, "name", cipher.Decrypt(MemberColumns.Name, member.Id, member.NameCipher));
            (member.NameCipher, member.NameIndex) = (cipher.Encrypt(MemberColumns.Name, member.Id, name.Value), row.NameIndexes[0]);
        }

        if (row.Phone is { } phone && take.Wants("phone", member.PhoneCipher is null, member.PhoneIndex is { } p && row.PhoneIndexes.Contains(p)))
        {
            Remember(take, "phone", cipher.Decrypt(MemberColumns.Phone, member.Id, member.PhoneCipher));
            (member.PhoneCipher, member.PhoneIndex) = (cipher.Encrypt(MemberColumns.Phone, member.Id, phone.Digits), row.PhoneIndexes[0]);
            member.TailIndex = index.Of(MemberColumns.TailIndex, phone.Tail);
        }

        if (row.Sex != 0 && take.Wants("sex", member.Sex == 0, member.Sex == row.Sex))
        {
            Remember(take, "sex", member.Sex.ToString());
            member.Sex = row.Sex;
        }

        if (row.Birthday is { } born && take.Wants("birthday", member.BirthMonthDay is null, member.BirthMonthDay == born.MonthDay && member.BirthYear == born.Year))
        {
            Remember(take, "birthday", $"{member.BirthYear}-{member.BirthMonthDay}");
            (member.BirthYear, member.BirthMonthDay) = (born.Year, born.MonthDay);
        }

        if (row.StoreCode.Length > 0 && _stores[row.StoreCode].Id is var store && take.Wants("store", member.StoreId is null, member.StoreId == store))
        {
            Remember(take, "store", member.StoreId?.ToString());
            member.StoreId = store;
        }

        return TakeRules(row, member, take);
    }

    // Two values with rules of their own: the earliest day of joining, and whoever asked for silence once has it.
    private static bool TakeRules(CleanMember row, MemberRecord member, FieldTaking take)
    {
        if (row.Joined is { } joined && joined < member.JoinedDay)
        {
            member.JoinedDay = joined;
            take.Set("joined");
        }

        var isPrivate = take.Merged ? member.PrivateMode || row.PrivateMode : row.PrivateMode;
        if (isPrivate != member.PrivateMode && (isPrivate || take.Owns("private_mode")))
        {
            member.PrivateMode = isPrivate;
            take.Set("private_mode");
        }

        return take.Changed;
    }

    private bool SameName(MemberRecord member, PersonName name) => cipher.Decrypt(MemberColumns.Name, member.Id, member.NameCipher) == name.Value;

    private void Remember(FieldTaking take, string field, string? old)
    {
        var source = take.Set(field);
        if (take.Member.IsNew || source is null) return;
        var id = ids.Next();
        _changes.Add(new MemberChange(id, take.Member.Id, field, cipher.Encrypt(s_changeOld, id, old), source, take.Source));
    }

    private bool Identify(CleanMember row, MemberRecord member)
    {
        if (row.OpenId.Length == 0) return false;
        if (_identities.TryAdd(row.OpenId, member.Id))
        {
            _newIdentities.Add((row.OpenId, member.Id));
            return true;
        }

        if (_identities[row.OpenId] != member.Id) Review(member, _identities[row.OpenId], "same_openid");
        return false;
    }

    private void Review(MemberRecord member, long other, string reason)
    {
        _reviews.Add((ids.Next(), member.Id, other, reason));
        tally.ToReview++;
    }

    private async Task SaveAsync()
    {
        var now = businessClock.NowMs();
        var added = _byId.Values.Where(m => m.IsNew).ToList();
        var changed = _byId.Values.Where(m => !m.IsNew && (m.IsChanged || m.IsTouched)).ToList();
        await tx.InsertMembersAsync(added).ConfigureAwait(false);
        await tx.UpdateMembersAsync(changed).ConfigureAwait(false);
        await FactStore.AddMembersAsync(tx, [.. added.Select(Facts)]).ConfigureAwait(false);
        await FactStore.UpdateMembersAsync(tx, [.. changed.Where(m => m.IsChanged).Select(Facts)]).ConfigureAwait(false);
        await tx.InsertAliasesAsync(_newAliases, now).ConfigureAwait(false);
        await tx.UpdateAliasesAsync(_touchedAliases).ConfigureAwait(false);
        await tx.InsertMemberChangesAsync(_changes, now).ConfigureAwait(false);
        await tx.InsertReviewsAsync(_reviews, now).ConfigureAwait(false);
        await tx.InsertIdentitiesAsync(account, _newIdentities).ConfigureAwait(false);
        await _consents.SaveAsync(tx).ConfigureAwait(false);
    }

    private static MemberFacts Facts(MemberRecord member) => new(member.Id, member.StoreId, member.BirthYear, member.Sex, member.JoinedDay);
}

/// <summary>Decides which fields of a member a row may set, and notes whose values they are.</summary>
internal sealed class FieldTaking(MemberRecord member, string source, bool merged)
{
    public MemberRecord Member => member;

    public string Source => source;

    public bool Merged => merged;

    public bool Changed { get; private set; }

    /// <summary>Whether the source may replace the field: it said the value before, or nobody did.</summary>
    public bool Owns(string field) => !member.FieldSources.TryGetValue(field, out var owner) || owner == source;

    /// <summary>Whether a value that differs should be taken.</summary>
    public bool Wants(string field, bool isEmpty, bool isSame) => !isSame && (isEmpty || (!merged && Owns(field)));

    /// <summary>Notes the source of a field's new value; returns that of the old one, <c>null</c> when there was none.</summary>
    public string? Set(string field)
    {
        var before = member.FieldSources.GetValueOrDefault(field);
        member.FieldSources[field] = source;
        Changed = true;
        return before;
    }
}
