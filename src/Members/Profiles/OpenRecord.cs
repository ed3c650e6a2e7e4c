using System.Text.Json;
using System.Text.Json.Serialization;
using Engagement.Storage;

namespace Engagement.Members.Profiles;

/// <summary>A member record with its values open, while it is compared, changed, merged or parted.</summary>
internal sealed record OpenRecord
{
    public required long Id { get; init; }
    public required string Source { get; init; }
    public required string MemberNo { get; init; }
    public string? Name { get; init; }
    public string? Phone { get; init; }
    public long? PhoneVerifiedAt { get; init; }
    public int Sex { get; init; }
    public int? BirthYear { get; init; }
    public int? BirthMonthDay { get; init; }
    public long? StoreId { get; init; }
    public int JoinedDay { get; init; }
    public bool PrivateMode { get; init; }
    public long MutedKinds { get; init; }
    public long MutedChannels { get; init; }
    public string ContentHash { get; init; } = "";

    /// <summary>Which source each value came from, by field.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>The name in the form that is compared; <c>null</c> when there is none, or only a surname with a title.</summary>
    [JsonIgnore]
    public string? CompareName => Name is null || PersonName.Parse(Name) is { IsPartial: true } ? null : PersonName.Parse(Name).CompareForm;

    /// <summary>Masked.</summary>
    public override string ToString() => $"OpenRecord {{ Id = {Id} }}";
}

/// <summary>Reads and writes such records.</summary>
internal sealed partial class OpenRecords(FieldCipher cipher, BlindIndex index)
{
    private const string Select = """
        SELECT id, source, member_no AS MemberNo, name_cipher AS NameCipher, phone_cipher AS PhoneCipher, phone_verified_at AS PhoneVerifiedAt, sex, birth_year AS BirthYear,
               birth_md AS BirthMonthDay, store_id AS StoreId, joined_day AS JoinedDay, private_mode AS PrivateMode, muted_kinds AS MutedKinds,
               muted_channels AS MutedChannels, content_hash AS ContentHash, field_sources AS FieldSources
        FROM   member WHERE id = @id AND erased_at IS NULL
        """;

    private const string Update = """
        UPDATE member
        SET    name_cipher = @name, name_index = @nameIndex, phone_cipher = @phone, phone_index = @phoneIndex, tail_index = @tailIndex, phone_verified_at = @verified,
               sex = @sex, birth_year = @birthYear, birth_md = @birthMd, store_id = @store, joined_day = @joined, private_mode = @privateMode,
               muted_kinds = @kinds, muted_channels = @channels, field_sources = @sources, member_no = @memberNo,
               erased_at = NULL, merged_into = NULL, gate_version = gate_version + 1, version = version + 1
        WHERE  id = @id
        """;

    private const string Retire = """
        UPDATE member
        SET    name_index = NULL, phone_index = NULL, tail_index = NULL, member_no = @memberNo, erased_at = @now, merged_into = @into,
               gate_version = gate_version + 1, version = version + 1
        WHERE  id = @id
        """;

    /// <summary>A record that is alive; <c>null</c> when it is erased or already part of another.</summary>
    public async Task<OpenRecord?> ReadAsync(Session session, long id)
    {
        var suffix = session is Tx ? session.Dialect.ForUpdate : "";
        return await session.SingleOrDefaultAsync<Row>($"{Select} {suffix}", new { id }).ConfigureAwait(false) is { } row ? Open(row) : null;
    }

    /// <summary>Writes all values of a record, which is alive from then on.</summary>
    public Task WriteAsync(Tx tx, OpenRecord record) => tx.ExecuteAsync(Update, new
    {
        id = record.Id, name = cipher.Encrypt(MemberColumns.Name, record.Id, record.Name),
        nameIndex = record.Name is null ? null : index.Of(MemberColumns.NameIndex, PersonName.Parse(record.Name).CompareForm),
        phone = cipher.Encrypt(MemberColumns.Phone, record.Id, record.Phone), phoneIndex = index.Of(MemberColumns.PhoneIndex, record.Phone),
        tailIndex = record.Phone is null ? null : index.Of(MemberColumns.TailIndex, record.Phone[^4..]), verified = record.PhoneVerifiedAt,
        sex = record.Sex, birthYear = record.BirthYear, birthMd = record.BirthMonthDay, store = record.StoreId, joined = record.JoinedDay,
        privateMode = record.PrivateMode ? 1 : 0, kinds = record.MutedKinds, channels = record.MutedChannels,
        sources = JsonSerializer.Serialize(new Dictionary<string, string>(record.Sources), RecordJson.Default.DictionaryStringString), memberNo = record.MemberNo,
    });

    /// <summary>Takes a record out: it counts as erased, nobody finds it, and its card is free for the alias.</summary>
    public static Task RetireAsync(Tx tx, long id, long into, long now) => tx.ExecuteAsync(Retire, new { id, into, now, memberNo = $"~{id}" });

    private OpenRecord Open(Row row) => new()
    {
        Id = row.Id, Source = row.Source, MemberNo = row.MemberNo, Name = cipher.Decrypt(MemberColumns.Name, row.Id, row.NameCipher),
        Phone = cipher.Decrypt(MemberColumns.Phone, row.Id, row.PhoneCipher), PhoneVerifiedAt = row.PhoneVerifiedAt, Sex = (int)row.Sex, BirthYear = (int?)row.BirthYear,
        BirthMonthDay = (int?)row.BirthMonthDay, StoreId = row.StoreId, JoinedDay = (int)row.JoinedDay, PrivateMode = row.PrivateMode != 0,
        MutedKinds = row.MutedKinds, MutedChannels = row.MutedChannels, ContentHash = row.ContentHash,
        Sources = JsonSerializer.Deserialize(row.FieldSources, RecordJson.Default.DictionaryStringString)!,
    };

    private sealed class Row
    {
        public long Id { get; init; }
        public string Source { get; init; } = "";
        public string MemberNo { get; init; } = "";
        public byte[]? NameCipher { get; init; }
        public byte[]? PhoneCipher { get; init; }
        public long? PhoneVerifiedAt { get; init; }
        public long Sex { get; init; }
        public long? BirthYear { get; init; }
        public long? BirthMonthDay { get; init; }
        public long? StoreId { get; init; }
        public long JoinedDay { get; init; }
        public long PrivateMode { get; init; }
        public long MutedKinds { get; init; }
        public long MutedChannels { get; init; }
        public string ContentHash { get; init; } = "";
        public string FieldSources { get; init; } = "{}";
    }

    [JsonSerializable(typeof(Dictionary<string, string>))]
    private sealed partial class RecordJson : JsonSerializerContext;
}
