using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Members.Imports;
using Engagement.Members.Tills;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Engagement.Api.Pos;

/// <summary>Sales and refunds as they happen. Store, till and ticket number are the idempotency key, for ever, so none is asked for in a header.</summary>
internal static class TicketEndpoints
{
    private const int BodyLimit = 4 * 1024 * 1024;

    private static readonly Problem s_conflict = new("ticket_conflict", 409, new(
        "这些小票以前上传过，内容却不同；没有改动任何数据。", "Tickets of these numbers were brought before with other content; nothing was changed."));
    private static readonly Problem s_refused = new("tickets_refused", 422, new("没有一张小票可以入账，items 列出了原因。", "No ticket could be taken; \"items\" says why."));

    public static RouteGroupBuilder MapTickets(this RouteGroupBuilder pos)
    {
        var group = pos.MapGroup("/tickets").WithTags("Tills: tickets");

        group.MapPost("/", TakeAsync).RequireKey(PosRight.Tickets).WithMetadata(new RequestSizeLimitAttribute(BodyLimit))
            .WithSummary("Bring up to 500 sales and refunds. Each is taken as a whole or not at all; 200 when all were, 207 when some were, 409 or 422 when none was")
            .WithExample("""
                {"tickets":[{"store":"S001","till":"1","ticket":"20260301-0001","event":"sale","businessDate":"2026-03-01","member":{"phone":"13800138000"},
                "lines":[{"line":1,"sku":"300001","quantity":1,"unitPriceFen":16900,"netFen":15900,"discountFen":1000,"batch":"B2601","expiryDate":"2028-01-31","traceCodes":["81000000000000000001"]}]}]}
                """);
        return group;
    }

    private static async Task<Results<JsonHttpResult<TicketBatchView>, ProblemAnswer>> TakeAsync(
        TicketBatchBody body, PosCaller caller, TicketIntake intake, CounterRef refs, Database database, IOptions<JsonOptions> json, HttpRequest request, CancellationToken ct)
    {
        if (body.Fault() is { } fault) return fault.Answer();
        var covered = await database.ReadAsync(session => caller.StoresAsync(session, [.. body.Tickets.Select(ticket => ticket.Store).Distinct()]), ct);
        var rows = new List<IReadOnlyList<PurchaseLineRow>>();
        var next = 1;
        foreach (var ticket in body.Tickets)
        {
            rows.Add(ticket.ToRows(caller.Key.Source, ticket.Member?.Ref is { } shown ? refs.ReadLate(shown)?.Value : null, next));
            next += ticket.Lines.Count;
        }

        // A store that the key is not for is answered as one that does not exist.
        var own = Enumerable.Range(0, rows.Count).Where(i => covered.ContainsKey(body.Tickets[i].Store)).ToList();
        var results = (await intake.TakeAsync([.. own.Select(i => rows[i])], ct)).Zip(own).ToDictionary(pair => pair.Second, pair => pair.First);
        var language = Languages.Of(request);
        return Answer(new TicketBatchView([.. body.Tickets.Select((ticket, i) => TicketView.Of(ticket, rows[i], results.GetValueOrDefault(i) ?? TicketIntake.StoreUnknown(rows[i]), language))]), json.Value.SerializerOptions);
    }

    private static Results<JsonHttpResult<TicketBatchView>, ProblemAnswer> Answer(TicketBatchView view, JsonSerializerOptions json)
    {
        var refused = view.Items.Where(item => item.Outcome is TicketOutcome.Conflict or TicketOutcome.Refused).ToList();
        if (refused.Count < view.Items.Count) return TypedResults.Json(view, statusCode: refused.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status207MultiStatus);
        var problem = refused.TrueForAll(item => item.Outcome == TicketOutcome.Conflict) ? s_conflict : s_refused;
        return (problem with { More = new JsonObject { ["items"] = JsonSerializer.SerializeToNode(view.Items, json) } }).Answer();
    }
}
