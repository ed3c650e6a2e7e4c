using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Storage;

namespace Engagement.Members.Profiles;

/// <summary>The SQL by which imports read and write members.</summary>
internal static partial class MemberRecordStore
{
    // Without vowels and look-alikes: it may be read aloud, and it spells nothing.
    private const string RefAlphabet = "23456789bcdfghjkmnpqrstvwxz";
    private const int RefLength = 22;

    private const string Select = """
        SELECT id, source, member_no, name_cipher, name_index, phone_cipher, phone_index, tail_index, sex, birth_year, birth_md,
               store_id, joined_day, private_mode, erased_at, field_sources, content_hash
        FROM member
        """;

    private const string SelectByPhone = $"{Select} WHERE phone_index IN";
    private const string SelectById = $"{Select} WHERE id IN";

    private const string InsertColumns = """
        INSERT INTO member (id, source, member_no, ref, name_cipher, name_index, phone_cipher, phone_index, tail_index, sex, birth_year, birth_md,
                            store_id, joined_day, private_mode, erased_at, field_sources, content_hash, gate_version, version)
        """;

    private const string Update = """
        UPDATE member
        SET    name_cipher = @p1, name_index = @p2, phone_cipher = @p3, phone_index = @p4, tail_index = @p5, sex = @p6, birth_year = @p7, birth_md = @p8,
               store_id = @p9, joined_day = @p10, private_mode = @p11, field_sources = @p12, content_hash = @p13,
               gate_version = gate_version + @p14, version = version + @p14
        WHERE  id = @p0
        """;

    private const string SelectAliases = "SELECT source, member_no, member_id, id, content_hash FROM member_alias";
    private const string InsertAlias = "INSERT INTO member_alias (id, source, member_no, member_id, reason, name_cipher, phone_cipher, content_hash, merged_at)";
    private const string UpdateAlias = "UPDATE member_alias SET content_hash = @p1 WHERE id = @p0";
    private const string InsertChange = "INSERT INTO member_change (id, member_id, field, old_cipher, old_source, new_source, changed_at)";
    private const string InsertReview = "INSERT INTO merge_review (id, member_id, other_id, reason, created_at)";
    private const string SelectIdentities = "SELECT openid, member_id FROM member_identity WHERE account = @account AND openid IN @openids";
    private const string InsertIdentity = "INSERT INTO member_identity (account, openid, member_id, unionid)";
    private const string SelectIds = "SELECT source, member_no, id, erased_at FROM member";

    private const string SelectIdsByPhone = "SELECT phone_index, id FROM member WHERE erased_at IS NULL AND phone_index IN";

    private static readonly string[] s_card = ["source", "member_no"];

    /// <summary>Members by their cards.</summary>
    public static Task ReadMembersByCardAsync(this Session session, IReadOnlyList<Card> cards, Action<MemberRecord> member) =>
        session.ReadInAsync(Select, s_card, cards, FillCard, row => member(Read(row)));

    /// <summary>Only the ids of members by their cards: what a purchase needs. Erased members are left out.</summary>
    public static Task ReadIdsByCardAsync(this Session session, IReadOnlyList<Card> cards, Action<Card, long> member) =>
        session.ReadInAsync(SelectIds, s_card, cards, FillCard, row =>
        {
            if (row.IsDBNull(3)) member(new Card(row.GetString(0), row.GetString(1)), row.GetInt64(2));
        });

    /// <summary>Only the ids of members with one of these phones; a number may be of several.</summary>
    public static Task ReadIdsByPhoneAsync(this Session session, IReadOnlyList<string> phoneIndexes, Action<string, long> member) =>
        session.ReadInAsync(SelectIdsByPhone, phoneIndexes, row => member(row.GetString(0), row.GetInt64(1)));

    /// <summary>Cards that were merged into a member who is known under another one.</summary>
    public static Task ReadAliasesAsync(this Session session, IReadOnlyList<Card> cards, Action<Card, MemberAlias> alias) =>
        session.ReadInAsync(SelectAliases, s_card, cards, FillCard, row =>
            alias(new Card(row.GetString(0), row.GetString(1)), new MemberAlias(row.GetInt64(3), row.GetInt64(2), row.GetString(4))));

    /// <summary>Members with one of these phones.</summary>
    public static Task ReadMembersByPhoneAsync(this Session session, IReadOnlyList<string> phoneIndexes, Action<MemberRecord> member) =>
        session.ReadInAsync(SelectByPhone, phoneIndexes, row => member(Read(row)));

    /// <summary>Members by id.</summary>
    public static Task ReadMembersByIdAsync(this Session session, IReadOnlyList<long> members, Action<MemberRecord> member) =>
        session.ReadInAsync(SelectById, members, row => member(Read(row)));

    /// <summary>Members with one of these names and birthdays together.</summary>
    public static Task ReadMembersByNameAndBirthAsync(this Session session, IReadOnlyList<(string NameIndex, int MonthDay)> keys, Action<MemberRecord> member) =>
        session.ReadInAsync(Select, ["name_index", "birth_md"], keys, static (key, values) => (values[0], values[1]) = (key.NameIndex, key.MonthDay), row => member(Read(row)));

    public static Task InsertMembersAsync(this Tx tx, IReadOnlyList<MemberRecord> members) =>
        tx.InsertManyAsync(InsertColumns, members, static (member, values) =>
        {
            (values[0], values[1], values[2], values[3]) = (member.Id, member.Source, member.MemberNo, RandomNumberGenerator.GetString(RefAlphabet, RefLength));
            FillProfile(member, values.AsSpan(4, 11));
            (values[15], values[16], values[17], values[18], values[19]) =
                (null, JsonSerializer.Serialize(member.FieldSources, SourcesJson.Default.DictionaryStringString), member.ContentHash, 1L, 1L);
        });

    public static Task UpdateMembersAsync(this Tx tx, IReadOnlyList<MemberRecord> members) =>
        tx.ExecuteManyAsync(Update, 15, members, static (member, values) =>
        {
            values[0] = member.Id;
            FillProfile(member, values.AsSpan(1, 11));
            (values[12], values[13], values[14]) =
                (JsonSerializer.Serialize(member.FieldSources, SourcesJson.Default.DictionaryStringString), member.ContentHash, member.IsChanged ? 1L : 0L);
        });

    public static Task InsertAliasesAsync(this Tx tx, IReadOnlyList<NewAlias> aliases, long now) =>
        tx.InsertManyAsync(InsertAlias, aliases, (alias, values) =>
        {
            (values[0], values[1], values[2], values[3], values[4]) = (alias.Id, alias.Card.Source, alias.Card.MemberNo, alias.MemberId, alias.Reason);
            (values[5], values[6], values[7], values[8]) = (alias.NameCipher, alias.PhoneCipher, alias.ContentHash, now);
        });

    public static Task UpdateAliasesAsync(this Tx tx, IReadOnlyList<(long Id, string Hash)> aliases) =>
        tx.ExecuteManyAsync(UpdateAlias, 2, aliases, static (alias, values) => (values[0], values[1]) = (alias.Id, alias.Hash));

    public static Task InsertMemberChangesAsync(this Tx tx, IReadOnlyList<MemberChange> changes, long now) =>
        tx.InsertManyAsync(InsertChange, changes, (change, values) =>
            (values[0], values[1], values[2], values[3], values[4], values[5], values[6]) =
            (change.Id, change.MemberId, change.Field, change.OldCipher, change.OldSource, change.NewSource, now));

    /// <summary>Notes pairs for review; a pair that is noted already stays as it is.</summary>
    public static Task InsertReviewsAsync(this Tx tx, IReadOnlyList<(long Id, long MemberId, long OtherId, string Reason)> reviews, long now) =>
        tx.InsertManyAsync(InsertReview, reviews, (review, values) =>
            (values[0], values[1], values[2], values[3], values[4]) = (review.Id, review.MemberId, review.OtherId, review.Reason, now),
            tx.Dialect.OnConflictKeep("member_id, other_id"));

    public static async Task<Dictionary<string, long>> IdentitiesAsync(this Session session, string account, IReadOnlyCollection<string> openids)
    {
        var owners = new Dictionary<string, long>();
        foreach (var chunk in openids.Chunk(500))
        {
            var rows = await session.QueryAsync<(string OpenId, long MemberId)>(SelectIdentities, new { account, openids = chunk }).ConfigureAwait(false);
            foreach (var (openid, member) in rows) owners.Add(openid, member);
        }

        return owners;
    }

    public static Task InsertIdentitiesAsync(this Tx tx, string account, IReadOnlyList<(string OpenId, long MemberId)> identities) =>
        tx.InsertManyAsync(InsertIdentity, identities, (identity, values) =>
            (values[0], values[1], values[2], values[3]) = (account, identity.OpenId, identity.MemberId, null));

    private static void FillCard(Card card, Span<object?> values) => (values[0], values[1]) = (card.Source, card.MemberNo);

    private static void FillProfile(MemberRecord member, Span<object?> values)
    {
        (values[0], values[1], values[2], values[3], values[4]) =
            (member.NameCipher, member.NameIndex, member.PhoneCipher, member.PhoneIndex, member.TailIndex);
        (values[5], values[6], values[7], values[8], values[9], values[10]) =
            (member.Sex, member.BirthYear, member.BirthMonthDay, member.StoreId, member.JoinedDay, member.PrivateMode ? 1 : 0);
    }

    private static MemberRecord Read(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Source = row.GetString(1),
        MemberNo = row.GetString(2),
        NameCipher = row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
        NameIndex = Text(row, 4),
        PhoneCipher = row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
        PhoneIndex = Text(row, 6),
        TailIndex = Text(row, 7),
        Sex = row.GetInt32(8),
        BirthYear = row.IsDBNull(9) ? null : row.GetInt32(9),
        BirthMonthDay = row.IsDBNull(10) ? null : row.GetInt32(10),
        StoreId = row.IsDBNull(11) ? null : row.GetInt64(11),
        JoinedDay = row.GetInt32(12),
        PrivateMode = row.GetInt32(13) != 0,
        Erased = !row.IsDBNull(14),
        FieldSources = JsonSerializer.Deserialize(row.GetString(15), SourcesJson.Default.DictionaryStringString)!,
        ContentHash = row.GetString(16),
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    [JsonSerializable(typeof(Dictionary<string, string>))]
    private sealed partial class SourcesJson : JsonSerializerContext;
}

/// <summary>A card or member number in the system that issued it.</summary>
/// <param name="Source">The code of that system.</param>
/// <param name="MemberNo">The number.</param>
internal readonly record struct Card(string Source, string MemberNo);

/// <summary>A card that was merged.</summary>
/// <param name="Id">The id of the alias.</param>
/// <param name="MemberId">Who carries it now.</param>
/// <param name="ContentHash">What its row said last.</param>
internal readonly record struct MemberAlias(long Id, long MemberId, string ContentHash);

/// <summary>A card that is being merged, with its own words.</summary>
internal sealed record NewAlias(long Id, Card Card, long MemberId, string Reason, byte[]? NameCipher, byte[]? PhoneCipher, string ContentHash);

/// <summary>A value that is being replaced.</summary>
internal sealed record MemberChange(long Id, long MemberId, string Field, byte[]? OldCipher, string OldSource, string NewSource);
