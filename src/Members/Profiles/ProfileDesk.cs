using Engagement.Members.Facts;
using Engagement.Members.Minors;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Members.Profiles;

/// <summary>What somebody wants corrected; <c>null</c> stays as it is.</summary>
/// <param name="Name">The name.</param>
/// <param name="Birthday">The birthday.</param>
/// <param name="Sex">0 not told, 1 male, 2 female.</param>
public sealed record ProfileChange(PersonName? Name, Birthday? Birthday, int? Sex);

/// <summary>Corrects who a member is. What stood there before is kept, encrypted, with who said it.</summary>
public sealed class ProfileDesk
{
    private static readonly CipherColumn s_old = new("member_change", "old");

    private readonly IdGenerator _ids;
    private readonly FieldCipher _cipher;
    private readonly OpenRecords _records;
    private readonly GuardianDesk _guardians;
    private readonly Clocks _clocks;
    private readonly AuditLog _audit;

    internal ProfileDesk(IdGenerator ids, FieldCipher cipher, OpenRecords records, GuardianDesk guardians, Clocks clocks, AuditLog audit) =>
        (_ids, _cipher, _records, _guardians, _clocks, _audit) = (ids, cipher, records, guardians, clocks, audit);

    /// <summary>Changes a profile, in the caller's write; <c>false</c> when there is no such member. The audit entry is its last statement.</summary>
    /// <param name="tx">The open write.</param>
    /// <param name="member">Whose.</param>
    /// <param name="change">What.</param>
    /// <param name="source"><c>member</c> or <c>staff</c>.</param>
    /// <param name="actor">Who.</param>
    public async Task<bool> ChangeAsync(Tx tx, MemberId member, ProfileChange change, string source, AuditActor actor)
    {
        if (await _records.ReadAsync(tx, member.Value).ConfigureAwait(false) is not { } before) return false;
        var sources = new Dictionary<string, string>(before.Sources);
        var changes = new List<MemberChange>();
        var after = before with { Sources = sources };
        if (change.Name is { } name && name.Value != before.Name)
        {
            after = after with { Name = name.Value };
            Note("name", before.Name);
        }

        if (change.Birthday is { } born && (born.Year, born.MonthDay) != (before.BirthYear, before.BirthMonthDay ?? 0))
        {
            after = after with { BirthYear = born.Year, BirthMonthDay = born.MonthDay };
            Note("birthday", $"{before.BirthYear}-{before.BirthMonthDay}");
        }

        if (change.Sex is { } sex && sex != before.Sex)
        {
            after = after with { Sex = sex };
            Note("sex", $"{before.Sex}");
        }

        if (changes.Count == 0) return true;
        await _records.WriteAsync(tx, after).ConfigureAwait(false);
        await tx.InsertMemberChangesAsync(changes, _clocks.Business.NowMs()).ConfigureAwait(false);
        await FactStore.UpdateMembersAsync(tx, [new MemberFacts(after.Id, after.StoreId, after.BirthYear, after.Sex, after.JoinedDay)]).ConfigureAwait(false);
        await _guardians.CloseAsync(tx, member).ConfigureAwait(false);
        await _audit.AppendAsync(tx, new AuditEntry(actor, "member.corrected") { MemberId = member.Value, Detail = $$"""{"fields":[{{string.Join(',', changes.Select(one => $"\"{one.Field}\""))}}]}""" }).ConfigureAwait(false);
        return true;

        void Note(string field, string? old)
        {
            var id = _ids.Next();
            changes.Add(new MemberChange(id, member.Value, field, _cipher.Encrypt(s_old, id, old), sources.GetValueOrDefault(field, ""), source));
            sources[field] = source;
        }
    }
}
