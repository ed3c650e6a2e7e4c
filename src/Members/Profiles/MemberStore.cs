using System.Data.Common;
using Engagement.Members.Staff;
using Engagement.Storage;

namespace Engagement.Members.Profiles;

/// <summary>Finds members and decrypts who they are. Whoever calls it writes the access log.</summary>
public sealed class MemberStore(Database database, FieldCipher cipher, BlindIndex index)
{
    private const string SelectProfiles = """
        SELECT id, source, member_no, ref, name_cipher, phone_cipher, sex, birth_year, birth_md, store_id, joined_day, private_mode, erased_at
        FROM member WHERE id IN
        """;

    private const string ByNoInScope = "(id IN (SELECT m.id FROM member m WHERE m.member_no = @no UNION SELECT a.member_id FROM member_alias a WHERE a.member_no = @no))";
    private const string SelectByNo = "SELECT id FROM member WHERE member_no = @no AND erased_at IS NULL UNION SELECT member_id FROM member_alias WHERE member_no = @no";
    private const string SelectByPhone = "SELECT id FROM member WHERE phone_index IN @indexes AND erased_at IS NULL ORDER BY id LIMIT @most";
    private const string SelectByTail = "SELECT id FROM member WHERE tail_index IN @indexes AND erased_at IS NULL ORDER BY id LIMIT @most";
    private const string SelectByName = "SELECT id FROM member WHERE name_index IN @indexes AND erased_at IS NULL ORDER BY id LIMIT @most";

    /// <summary>Finds members by what somebody at the counter says: a member number, a phone, its last four digits, or a name.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="most">At most so many; families share phones and people share names.</param>
    /// <param name="ct">Stops the search.</param>
    public Task<IReadOnlyList<MemberId>> FindAsync(string text, int most, CancellationToken ct) => database.ReadAsync(async session =>
    {
        var plain = PlainText.Fold(text);
        var found = (await session.QueryAsync<long>(SelectByNo, new { no = plain }).ConfigureAwait(false)).AsEnumerable();
        if (PhoneNumber.TryParse(plain, out var phone, out _))
        {
            found = found.Concat(await ByIndexAsync(session, SelectByPhone, MemberColumns.PhoneIndex, phone.Digits, most).ConfigureAwait(false));
        }
        else if (plain.Length == 4 && plain.All(char.IsAsciiDigit))
        {
            found = found.Concat(await ByIndexAsync(session, SelectByTail, MemberColumns.TailIndex, plain, most).ConfigureAwait(false));
        }
        else if (PersonName.TryParse(plain, out var name, out _))
        {
            found = found.Concat(await ByIndexAsync(session, SelectByName, MemberColumns.NameIndex, name.CompareForm, most).ConfigureAwait(false));
        }

        return (IReadOnlyList<MemberId>)[.. found.Distinct().Take(most).Select(MemberId.From)];
    }, ct);

    /// <summary>As <see cref="FindAsync(string, int, CancellationToken)"/>, only members whose home store is in the scope.</summary>
    public async Task<IReadOnlyList<MemberId>> FindAsync(Session session, string text, StaffScope scope, int most)
    {
        var plain = PlainText.Fold(text);
        var found = new List<long>(await session.QueryAsync<long>(InScope(ByNoInScope, scope), new { no = plain, most, scope.Stores, scope.Owner }).ConfigureAwait(false));
        (string Column, string Purpose, string Value)? by = PhoneNumber.TryParse(plain, out var phone, out _) ? ("phone_index", MemberColumns.PhoneIndex, phone.Digits)
            : plain.Length == 4 && plain.All(char.IsAsciiDigit) ? ("tail_index", MemberColumns.TailIndex, plain)
            : PersonName.TryParse(plain, out var name, out _) ? ("name_index", MemberColumns.NameIndex, name.CompareForm) : null;
        if (by is { } key)
        {
            found.AddRange(await session.QueryAsync<long>(InScope($"{key.Column} IN @indexes", scope), new { indexes = index.Candidates(key.Purpose, key.Value), most, scope.Stores, scope.Owner }).ConfigureAwait(false));
        }

        return [.. found.Distinct().Take(most).Select(MemberId.From)];
    }

    private static string InScope(string condition, StaffScope scope) => $"SELECT id FROM member WHERE {condition} AND erased_at IS NULL AND {scope.Sql("store_id")} ORDER BY id LIMIT @most";

    /// <summary>The profiles of members, decrypted, with few statements; ids that do not exist are left out.</summary>
    public Task<IReadOnlyDictionary<MemberId, MemberProfile>> ProfilesAsync(IReadOnlyList<MemberId> members, CancellationToken ct) =>
        database.ReadAsync(session => ProfilesAsync(session, members), ct);

    /// <inheritdoc cref="ProfilesAsync(IReadOnlyList{MemberId}, CancellationToken)"/>
    /// <remarks>For work that has a session open already, such as the gate.</remarks>
    public async Task<IReadOnlyDictionary<MemberId, MemberProfile>> ProfilesAsync(Session session, IReadOnlyList<MemberId> members)
    {
        var profiles = new Dictionary<MemberId, MemberProfile>(members.Count);
        await session.ReadInAsync(SelectProfiles, [.. members.Select(m => m.Value)], row =>
        {
            var profile = Read(row);
            profiles[profile.Id] = profile;
        }).ConfigureAwait(false);
        return profiles;
    }

    private Task<List<long>> ByIndexAsync(Session session, string sql, string purpose, string value, int most) =>
        session.QueryAsync<long>(sql, new { indexes = index.Candidates(purpose, value), most });

    private MemberProfile Read(DbDataReader row)
    {
        var id = row.GetInt64(0);
        var name = row.IsDBNull(4) ? null : cipher.Decrypt(MemberColumns.Name, id, row.GetFieldValue<byte[]>(4));
        var phone = row.IsDBNull(5) ? null : cipher.Decrypt(MemberColumns.Phone, id, row.GetFieldValue<byte[]>(5));
        return new MemberProfile
        {
            Id = new MemberId(id),
            Source = row.GetString(1),
            MemberNo = row.GetString(2),
            Ref = row.GetString(3),
            Name = name is null ? null : PersonName.Parse(name),
            Phone = phone is null ? null : PhoneNumber.Parse(phone),
            Sex = row.GetInt32(6),
            Birthday = row.IsDBNull(8) ? null : new Birthday(row.IsDBNull(7) ? null : row.GetInt32(7), row.GetInt32(8) / 100, row.GetInt32(8) % 100),
            StoreId = row.IsDBNull(9) ? null : new StoreId(row.GetInt64(9)),
            JoinedDay = row.GetInt32(10),
            PrivateMode = row.GetInt32(11) != 0,
            Erased = !row.IsDBNull(12),
        };
    }
}
