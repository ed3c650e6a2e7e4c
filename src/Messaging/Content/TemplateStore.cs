using Engagement.Storage;

namespace Engagement.Messaging.Content;

/// <summary>Keeps templates and their approved versions.</summary>
public sealed class TemplateStore(Database database, IdGenerator ids, Clocks clocks, SmsApprovals smsApprovals)
{
    private const string SelectByCode = "SELECT id FROM template WHERE code = @code";

    private const string InsertTemplate = "INSERT INTO template (id, code, kind, name) VALUES (@Id, @Code, @Kind, @Name)";

    private const string SelectLatest = """
        SELECT v.id AS Id, v.version AS Version, v.checksum AS Checksum
        FROM   template_version v
        WHERE  v.template_id = @template
        ORDER BY v.version DESC
        LIMIT  1
        """;

    private const string InsertVersion = """
        INSERT INTO template_version (id, template_id, version, contents, checksum, approved_by, approved_at)
        VALUES (@Id, @Template, @Version, @Contents, @Checksum, @By, @Now)
        """;

    private const string SelectCurrent = """
        SELECT v.id
        FROM   template t JOIN template_version v ON v.template_id = t.id
        WHERE  t.code = @code
        ORDER BY v.version DESC
        LIMIT  1
        """;

    private const string SelectVersion = """
        SELECT t.code AS Code, t.kind AS Kind, v.version AS Version, v.contents AS Contents
        FROM   template_version v JOIN template t ON t.id = v.template_id
        WHERE  v.id = @id
        """;

    /// <summary>Stores a reviewed template as its newest version and returns the version's id; the same contents again change nothing.</summary>
    public Task<long> ApproveAsync(TemplateFile file, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await tx.SingleOrDefaultAsync<long?>(SelectByCode, new { code = file.Code }).ConfigureAwait(false) is not { } template)
        {
            template = ids.Next();
            await tx.ExecuteAsync(InsertTemplate, new { Id = template, file.Code, Kind = (int)file.Kind, file.Name }).ConfigureAwait(false);
        }

        var latest = await tx.SingleOrDefaultAsync<VersionRow>(SelectLatest, new { template }).ConfigureAwait(false);
        var checksum = file.Contents.Checksum();
        if (latest is not null && latest.Checksum == checksum) return latest.Id;
        var id = ids.Next();
        await tx.ExecuteAsync(InsertVersion, new
        {
            Id = id, Template = template, Version = (latest?.Version ?? 0) + 1, Contents = file.Contents.ToJson(), Checksum = checksum,
            By = file.ReviewedBy, Now = clocks.Business.NowMs(),
        }).ConfigureAwait(false);
        if (file.Contents.Sms is { } sms) await smsApprovals.DeclareAsync(tx, sms).ConfigureAwait(false);
        return id;
    }, ct);

    /// <summary>The newest approved version of a template, or <c>null</c>.</summary>
    public Task<long?> CurrentAsync(string code, CancellationToken ct) =>
        database.ReadAsync(session => session.SingleOrDefaultAsync<long?>(SelectCurrent, new { code }), ct);

    /// <summary>One version, or <c>null</c>.</summary>
    public Task<TemplateVersion?> VersionAsync(long id, CancellationToken ct) => database.ReadAsync(async session =>
        await session.SingleOrDefaultAsync<ContentsRow>(SelectVersion, new { id }).ConfigureAwait(false) is { } row
            ? new TemplateVersion(id, row.Code, (MessageKind)row.Kind, (int)row.Version, TemplateContents.FromJson(row.Contents))
            : null, ct);

    private sealed class VersionRow
    {
        public long Id { get; init; }
        public long Version { get; init; }
        public string Checksum { get; init; } = "";
    }

    private sealed class ContentsRow
    {
        public string Code { get; init; } = "";
        public long Kind { get; init; }
        public long Version { get; init; }
        public string Contents { get; init; } = "";
    }
}

/// <summary>One approved version of a template.</summary>
/// <param name="Id">Its id; messages carry it.</param>
/// <param name="Code">The template.</param>
/// <param name="Kind">The kind of message.</param>
/// <param name="Version">Its number, from 1.</param>
/// <param name="Contents">What it says.</param>
public sealed record TemplateVersion(long Id, string Code, MessageKind Kind, int Version, TemplateContents Contents);
