using System.Text;

namespace Engagement.Storage.Audit;

/// <summary>The audit log: append, search, verify. Nothing changes or deletes a row; both databases refuse it.</summary>
public sealed class AuditLog(Clocks clocks)
{
    private const int VerifyPage = 500;

    private const string Columns = "seq, at, actor_id AS ActorId, actor, role, store_id AS StoreId, action, member_id AS MemberId, subject, purpose, outcome, detail, hash";
    private const string SelectHead = "SELECT seq, hash FROM audit_head WHERE id = 1";
    private const string UpdateHead = "UPDATE audit_head SET seq = @Seq, hash = @Hash WHERE id = 1";

    private const string Insert = """
        INSERT INTO audit_entry (seq, at, actor_id, actor, role, store_id, action, member_id, subject, purpose, outcome, detail, hash)
        """;

    private const string SelectAfter = $"SELECT {Columns} FROM audit_entry WHERE seq > @after ORDER BY seq LIMIT @limit";

    private static readonly string s_genesis = new('0', 64);

    /// <summary>Appends one entry in the transaction of what it tells of.</summary>
    /// <remarks>Call it last: on MySQL it locks the end of the chain until the commit, and whoever else writes waits for that.</remarks>
    public Task AppendAsync(Tx tx, AuditEntry entry) => AppendAsync(tx, [entry]);

    /// <summary>Appends entries in the transaction of what they tell of, with one look at the end of the chain.</summary>
    /// <remarks>Call it last; see the other overload.</remarks>
    public async Task AppendAsync(Tx tx, IReadOnlyList<AuditEntry> entries)
    {
        if (entries.Count == 0) return;
        var head = (await tx.SingleOrDefaultAsync<HeadRow>($"{SelectHead} {tx.Dialect.ForUpdate}").ConfigureAwait(false))!;
        var (seq, hash, at) = (head.Seq, head.Hash, clocks.System.NowMs());
        var rows = new List<AuditRecord>(entries.Count);
        foreach (var entry in entries)
        {
            hash = AuditChain.Hash(hash, ++seq, at, entry);
            rows.Add(new AuditRecord(seq, at, entry, hash));
        }

        await tx.InsertManyAsync(Insert, rows, Fill).ConfigureAwait(false);
        await tx.ExecuteAsync(UpdateHead, new { Seq = seq, Hash = hash }).ConfigureAwait(false);
    }

    /// <summary>The newest entries that match, newest first.</summary>
    public static async Task<IReadOnlyList<AuditRecord>> SearchAsync(Session session, AuditQuery query)
    {
        var where = new StringBuilder();
        if (query.ActorId is not null) where.Append(" AND actor_id = @ActorId");
        if (query.MemberId is not null) where.Append(" AND member_id = @MemberId");
        var prefix = query.Action?.EndsWith('.') == true;
        // From "staff." up to, and without, "staff/": a range of the index, and no pattern that a user could write.
        if (query.Action is not null) where.Append(prefix ? " AND action >= @Action AND action < @ActionEnd" : " AND action = @Action");
        if (query.Since is not null) where.Append(" AND at >= @Since");
        if (query.Until is not null) where.Append(" AND at < @Until");
        var rows = await session.QueryAsync<Row>($"SELECT {Columns} FROM audit_entry WHERE seq < @Before{where} ORDER BY seq DESC LIMIT @Limit", new
        {
            query.ActorId, query.MemberId, query.Action, ActionEnd = prefix ? query.Action![..^1] + "/" : "", query.Since, query.Until, Before = query.Before ?? long.MaxValue, query.Limit,
        }).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToRecord())];
    }

    /// <summary>The end of the chain.</summary>
    public static async Task<AuditHead> HeadAsync(Session session)
    {
        var head = (await session.SingleOrDefaultAsync<HeadRow>(SelectHead).ConfigureAwait(false))!;
        return new AuditHead(head.Seq, head.Hash);
    }

    /// <summary>Computes the whole chain again and names the first row that does not fit.</summary>
    /// <param name="database">The database; entries may be appended meanwhile.</param>
    /// <param name="noted">An end of the chain that was noted down earlier and must still be in it; or <c>null</c>.</param>
    /// <param name="ct">Stops between pages.</param>
    public static async Task<AuditVerdict> VerifyAsync(Database database, AuditHead? noted, CancellationToken ct)
    {
        var head = await database.ReadAsync(HeadAsync, ct).ConfigureAwait(false);
        var (seq, hash) = (0L, s_genesis);
        while (seq < head.Seq)
        {
            var page = await database.ReadAsync(session => session.QueryAsync<Row>(SelectAfter, new { after = seq, limit = VerifyPage }), ct).ConfigureAwait(false);
            foreach (var row in page.TakeWhile(row => row.Seq <= head.Seq))
            {
                if (row.Seq != seq + 1) return Broken(seq + 1, new($"缺少第 {seq + 1} 条记录", $"row {seq + 1} is missing"));
                hash = AuditChain.Hash(hash, row.Seq, row.At, row.ToRecord().Entry);
                if (row.Hash != hash) return Broken(row.Seq, new($"第 {row.Seq} 条记录被改动过，或其前面的记录被换过", $"row {row.Seq} was changed, or what stands before it was"));
                seq = row.Seq;
                if (noted?.Seq == seq && noted.Hash != hash) return Broken(seq, new($"第 {seq} 条记录与此前记下的不同：整条链被重写过", $"row {seq} is not what was noted down: the chain was written anew"));
            }

            if (page.Count == 0) return Broken(seq + 1, new($"缺少第 {seq + 1} 条及以后的记录", $"row {seq + 1} and those after it are missing"));
        }

        if (head.Hash != hash) return Broken(seq, new("链尾与最后一条记录不符", "the end of the chain does not fit its last row"));
        return noted?.Seq > seq
            ? Broken(seq + 1, new($"此前记下的第 {noted.Seq} 条已不存在", $"row {noted.Seq}, which was noted down, is not there any more"))
            : new AuditVerdict(seq, head, null, null);

        AuditVerdict Broken(long at, Phrase problem) => new(seq, head, at, problem);
    }

    private static void Fill(AuditRecord row, object?[] v)
    {
        var entry = row.Entry;
        (v[0], v[1], v[2], v[3], v[4], v[5]) = (row.Seq, row.At, entry.Actor.Id, entry.Actor.Name, entry.Actor.Role, entry.Actor.StoreId);
        (v[6], v[7], v[8], v[9], v[10], v[11], v[12]) = (entry.Action, entry.MemberId, entry.Subject, entry.Purpose, entry.Outcome, entry.Detail, row.Hash);
    }

    private sealed class HeadRow
    {
        public long Seq { get; init; }
        public string Hash { get; init; } = "";
    }

    private sealed class Row
    {
        public long Seq { get; init; }
        public long At { get; init; }
        public long ActorId { get; init; }
        public string Actor { get; init; } = "";
        public string Role { get; init; } = "";
        public long? StoreId { get; init; }
        public string Action { get; init; } = "";
        public long? MemberId { get; init; }
        public string Subject { get; init; } = "";
        public string Purpose { get; init; } = "";
        public string Outcome { get; init; } = "";
        public string Detail { get; init; } = "";
        public string Hash { get; init; } = "";

        public AuditRecord ToRecord() => new(Seq, At, new AuditEntry(new AuditActor(ActorId, Actor, Role, StoreId), Action)
        {
            MemberId = MemberId, Subject = Subject, Purpose = Purpose, Outcome = Outcome, Detail = Detail,
        }, Hash);
    }
}
