using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members.Imports;
using Engagement.Members.Imports.Jobs;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Staff;

/// <summary>Files of stores, products, members and purchases: uploaded as they are, read in the background, with a dry run and a list of refused rows.</summary>
internal static class ImportEndpoints
{
    private const long LargestFile = 512L * 1024 * 1024;
    private const int LongestName = 200;

    private static readonly Problem s_full = new("imports_waiting", 409, new("等待导入的文件过多，请稍后再传。", "Too many files are waiting: upload this one in a while."));
    private static readonly Problem s_over = new("import_over", 409, new("该导入已经结束。", "That import is over."));
    private static readonly Problem s_queryInvalid = new("import_query_invalid", 400, new("source 为 1 到 32 个字母、数字、- 或 _，fileName 最多 200 个字。", "source has 1 to 32 letters, digits, - or _; fileName at most 200 characters."));

    public static RouteGroupBuilder MapImports(this RouteGroupBuilder staff)
    {
        var group = staff.MapGroup("/imports").WithTags("Imports");

        group.MapGet("/", ListAsync).Require(Right.ImportRun).WithSummary("Uploaded files and what became of them, the newest first");
        group.MapGet("/{importId}", GetAsync).Require(Right.ImportRun).WithSummary("How far one is, and its report once it is done");
        group.MapGet("/{importId}/rejects", RejectsAsync).Require(Right.ImportRun).WithSummary("Its refused rows as CSV: line, column, code and reason, and no value of a row");
        group.MapPost("/", UploadAsync).Require(Right.ImportRun).Idempotent().Accepts<IFormFile>("text/csv", "application/octet-stream").WithMetadata(new RequestSizeLimitAttribute(LargestFile))
            .WithSummary("Upload a CSV file (UTF-8 or GB18030) as the body; with dryRun everything is checked and nothing written")
            .WithExample("code,name,city\nS001,人民路店,杭州\n", "text/csv").WithExampleQuery(("kind", "stores"), ("dryRun", "true"), ("fileName", "stores.csv"), ("source", "till"));
        group.MapDelete("/{importId}", StopAsync).Require(Right.ImportRun).WithSummary("Stop one that waits or runs; what was written before stays");
        return group;
    }

    private static async Task<Results<Ok<Page<ImportView>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, Database database, Clocks clocks, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => ImportJobStore.ListAsync(session, before, Cursor.Rows(limit), clocks.System.NowMs()), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, ImportView.Of));
    }

    private static async Task<Results<Ok<ImportView>, ProblemAnswer>> GetAsync(long importId, Database database, Clocks clocks, CancellationToken ct) =>
        await database.ReadAsync(session => ImportJobStore.FindAsync(session, importId, clocks.System.NowMs()), ct) is { } job ? TypedResults.Ok(ImportView.Of(job)) : Problems.NotFound.Answer();

    private static async Task<Results<FileContentHttpResult, ProblemAnswer>> RejectsAsync(long importId, Database database, CancellationToken ct)
    {
        var list = await database.ReadAsync(session => ImportJobStore.RejectsAsync(session, importId), ct);
        return list.Length == 0 ? Problems.NotFound.Answer() : TypedResults.File(list, "text/csv; charset=utf-8", $"rejects-{importId}.csv");
    }

    private static async Task<Results<Accepted<ImportView>, ProblemAnswer>> UploadAsync(
        string kind, bool? dryRun, string? source, string? fileName, StaffCaller caller, ImportDesk queue, IdGenerator ids, IOptions<WeChatOptions> weChat, StaffWrite write, IdempotentRequest once,
        HttpRequest request, CancellationToken ct)
    {
        var from = source ?? "till";
        if (!char.IsAsciiLetter(kind.FirstOrDefault()) || !Enum.TryParse<ImportKind>(kind, ignoreCase: true, out var which)) return Problems.Fields(("kind", new("应为 stores、products、members 或 purchases", "is stores, products, members or purchases"))).Answer();
        if (from.Length is < 1 or > 32 || !from.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || fileName?.Length > LongestName) return s_queryInvalid.Answer();
        if (queue.IsFull) return s_full.Answer();
        var job = new ImportJob { Id = ids.Next(), Kind = which, Source = from, FileName = fileName ?? "", DryRun = dryRun ?? false, By = caller.Id };
        await KeepAsync(request.Body, queue.PathOf(job.Id), ct);
        try
        {
            var entry = new AuditEntry(caller.Actor, "import.uploaded") { Subject = $"import:{job.Id}", Detail = $$"""{"kind":"{{which}}","dry_run":{{(job.DryRun ? "true" : "false")}}}""" };
            await write.RunAsync(once, async tx =>
            {
                await queue.AddAsync(tx, job);
                return Changed<bool>.To(true, entry);
            }, ct);
        }
        catch
        {
            File.Delete(queue.PathOf(job.Id));
            throw;
        }

        queue.Enqueue(job, new ImportOptions(job.DryRun, WeChatAccount: weChat.Value.AppId, Source: from));
        return TypedResults.Accepted($"/api/staff/imports/{job.Id}", ImportView.Of(job));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> StopAsync(long importId, StaffCaller caller, StaffWrite write, Clocks clocks, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, "import.stopped") { Subject = $"import:{importId}" };
        var (_, refused) = await write.RunAsync(null, async tx => await ImportJobStore.AskToStopAsync(tx, importId) ? Changed<bool>.To(true, entry)
            : Changed<bool>.Not(await ImportJobStore.FindAsync(tx, importId, clocks.System.NowMs()) is null ? Problems.NotFound : s_over, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }

    // Readable by nobody else on this machine: it holds personal data until it has been read.
    private static async Task KeepAsync(Stream body, string path, CancellationToken ct)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            await using var file = new FileStream(path, how);
            await body.CopyToAsync(file, ct);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}

internal sealed record ImportErrorView(string Code, string Zh, string En);

/// <summary>An uploaded file.</summary>
internal sealed record ImportView(
    string Id, ImportKind Kind, string FileName, string Source, bool DryRun, ImportState State, string ById, DateTimeOffset? UploadedAt, DateTimeOffset? FinishedAt, long RowsRead, long RowsRejected,
    long? RowsExpected, string Sha256, ImportFigures? Report, ImportErrorView? Error)
{
    public static ImportView Of(ImportJob job) => new(
        job.Id.ToString(), job.Kind, job.FileName, job.Source, job.DryRun, job.State, job.By.ToString(), job.CreatedAt == 0 ? null : Instants.Of(job.CreatedAt), Instants.Of(job.FinishedAt), job.Progress.Rows,
        job.Progress.Rejected, job.Progress.Expected, job.Sha256, ImportDesk.FiguresOf(job), job.Error is { } error ? new ImportErrorView(error.Code, error.Sentence.Zh, error.Sentence.En) : null);
}
