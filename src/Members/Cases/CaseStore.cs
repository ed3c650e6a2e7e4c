using Engagement.Storage;

namespace Engagement.Members.Cases;

/// <summary>The SQL of cases and their threads.</summary>
internal sealed class CaseStore(IdGenerator ids, FieldCipher cipher)
{
    private static readonly CipherColumn s_text = new("case_entry", "text");

    public const string Columns = """
        SELECT c.id AS Id, c.member_id AS Member, c.category AS Category, c.cause AS Cause, c.store_id AS Store, c.owner_id AS Owner, c.source AS Source, c.state AS State, c.level AS Level,
               c.due_at AS DueAt, c.opened_at AS OpenedAt, c.done_at AS DoneAt, c.reopened AS Reopened, c.rating AS Rating, c.version AS Version,
               (SELECT e.id FROM case_entry e WHERE e.case_id = c.id ORDER BY e.id LIMIT 1) AS FirstId,
               (SELECT e.text_cipher FROM case_entry e WHERE e.case_id = c.id ORDER BY e.id LIMIT 1) AS FirstText
        FROM   service_case c
        """;

    private const string InsertCase = "INSERT INTO service_case (id, member_id, category, cause, store_id, owner_id, source, state, level, due_at, opened_at, reopened, version)";

    private const string InsertEntry = "INSERT INTO case_entry (id, case_id, at, voice, staff_id, speaker, channel, text_cipher, photos, is_internal)";

    private const string SelectEntries = """
        SELECT id AS Id, at AS At, voice AS Voice, speaker AS Speaker, channel AS Channel, text_cipher AS Text, photos AS Photos, is_internal AS Internal
        FROM   case_entry WHERE case_id = @id ORDER BY id
        """;

    public async Task<long> InsertAsync(Tx tx, MemberId? member, CaseCategory category, StoreId? store, CaseChannel source, long now)
    {
        var id = ids.Next();
        await tx.InsertManyAsync(InsertCase, [id], (one, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (one, member?.Value, (int)category, "", store?.Value, null);
            (v[6], v[7], v[8], v[9], v[10], v[11], v[12]) = ((int)source, (int)CaseState.Open, 0, now + (long)CaseTerms.For(category).TotalMilliseconds, now, 0, 1L);
        }).ConfigureAwait(false);
        return id;
    }

    public Task SayAsync(Tx tx, long serviceCase, long now, CaseVoice voice, CaseStaff? staff, string speaker, CaseChannel channel, string text, IReadOnlyList<long> photos, bool isInternal)
    {
        var id = ids.Next();
        return tx.InsertManyAsync(InsertEntry, [id], (one, v) =>
        {
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (one, serviceCase, now, (int)voice, staff?.Id, speaker);
            (v[6], v[7], v[8], v[9]) = ((int)channel, cipher.Encrypt(s_text, one, text), string.Join(',', photos), isInternal ? 1 : 0);
        });
    }

    /// <summary>Cases by a condition of our own; the parameters are the caller's.</summary>
    public async Task<IReadOnlyList<ServiceCase>> CasesAsync(Session session, string where, object parameters) =>
        [.. (await session.QueryAsync<Row>($"{Columns} WHERE {where}", parameters).ConfigureAwait(false)).Select(row => new ServiceCase(
            row.Id, row.Member is { } member ? new MemberId(member) : null, (CaseCategory)row.Category, (CaseState)row.State, At(row.OpenedAt), At(row.DueAt))
        {
            Cause = row.Cause, Store = row.Store is { } store ? new StoreId(store) : null, Owner = row.Owner, Source = (CaseChannel)row.Source, Level = (int)row.Level,
            DoneAt = row.DoneAt is { } done ? At(done) : null, Reopened = (int)row.Reopened, Rating = (int?)row.Rating, Version = row.Version,
            Opening = row.FirstId is { } first ? Shortened(cipher.Decrypt(s_text, first, row.FirstText)!) : "",
        })];

    public async Task<IReadOnlyList<CaseEntry>> ThreadAsync(Session session, long serviceCase, bool withInternal) =>
        [.. (await session.QueryAsync<EntryRow>(SelectEntries, new { id = serviceCase }).ConfigureAwait(false)).Where(row => withInternal || row.Internal == 0).Select(row => new CaseEntry(
            At(row.At), (CaseVoice)row.Voice, row.Speaker, (CaseChannel)row.Channel, cipher.Decrypt(s_text, row.Id, row.Text)!,
            [.. row.Photos.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)], row.Internal != 0))];

    private static string Shortened(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 40 ? line : line[..(char.IsHighSurrogate(line[38]) ? 38 : 39)] + "…";
    }

    private static DateTimeOffset At(long at) => ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(at));

    private sealed class Row
    {
        public long Id { get; init; }
        public long? Member { get; init; }
        public long Category { get; init; }
        public string Cause { get; init; } = "";
        public long? Store { get; init; }
        public long? Owner { get; init; }
        public long Source { get; init; }
        public long State { get; init; }
        public long Level { get; init; }
        public long DueAt { get; init; }
        public long OpenedAt { get; init; }
        public long? DoneAt { get; init; }
        public long Reopened { get; init; }
        public long? Rating { get; init; }
        public long Version { get; init; }
        public long? FirstId { get; init; }
        public byte[]? FirstText { get; init; }
    }

    private sealed class EntryRow
    {
        public long Id { get; init; }
        public long At { get; init; }
        public long Voice { get; init; }
        public string Speaker { get; init; } = "";
        public long Channel { get; init; }
        public byte[]? Text { get; init; }
        public string Photos { get; init; } = "";
        public long Internal { get; init; }
    }
}
