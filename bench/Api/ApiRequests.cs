using System.Globalization;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Member;
using Engagement.Api.Pos.Keys;
using Engagement.Members;
using Engagement.Members.Products;
using Engagement.Members.SignIn;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Api;

/// <summary>The requests of each row, one a line, as <see cref="Wrk"/> reads them.</summary>
internal static class ApiRequests
{
    /// <summary>The pages that members open, by the name of their row.</summary>
    public static readonly IReadOnlyDictionary<string, string> Pages = new Dictionary<string, string>
    {
        [Home] = "/api/member/home", ["points"] = "/api/member/points/ledger", ["wallet"] = "/api/member/coupons", ["tips"] = "/api/member/tips", ["care-plan"] = "/api/member/care-plan",
    };

    public const string Home = "home";

    /// <summary>What a till asks when a customer names a phone number.</summary>
    public const string LookUp = "pos-lookup";

    /// <summary>What a till brings: twenty tickets of two lines.</summary>
    public const string Tickets = "pos-tickets-by-20";

    private const int TicketsAtOnce = 20;

    public static IEnumerable<string> Names => [.. Pages.Keys, LookUp, Tickets];

    /// <summary>Signs members in, evenly over all of them, and writes a file for each row.</summary>
    public static async Task WriteAsync(string folder, IServiceProvider services, CancellationToken ct)
    {
        var database = services.GetRequiredService<Database>();
        var (sessions, tokens) = (services.GetRequiredService<MemberSessions>(), services.GetRequiredService<MemberTokens>());
        var all = await database.ReadAsync(session => session.QueryAsync<long>("SELECT id FROM member ORDER BY id"), ct);
        var bearers = await database.WriteAsync(async tx =>
        {
            var list = new List<string>(ApiServer.People);
            for (var i = 0; i < ApiServer.People; i++)
            {
                var session = await sessions.BeginAsync(tx, new WeChatPerson("wxbench0000000000", $"o{i:0000000}BenchOpenIdOfAMember", null), new MemberId(all[(int)((long)i * all.Count / ApiServer.People)]));
                list.Add("Bearer " + tokens.Issue(session).AccessToken);
            }

            return list;
        }, ct);
        await PosAsync(folder, services, all.Count, ct);
        foreach (var (name, path) in Pages) await File.WriteAllLinesAsync(FileOf(folder, name), bearers.Select(bearer => $"GET\t{path}\t{bearer}\t"), ct);
    }

    private static async Task PosAsync(string folder, IServiceProvider services, int members, CancellationToken ct)
    {
        var made = await ActivatorUtilities.CreateInstance<PosKeys>(services).AddAsync(
            new AuditActor(0, "bench", "bench"), new PosKeyFile("bench", "till", [PosRight.Tickets, PosRight.Members], Stores: null), ct);
        var bearer = $"Bearer {made.Text ?? throw new InvalidOperationException("The key of the tills was refused.")}";
        var today = ChinaTime.DateOf(services.GetRequiredService<Clocks>().Business.GetUtcNow()).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var sku = ProductList.Embedded.All.First(product => product.Class == ProductClass.Other).Sku;
        var people = Enumerable.Range(0, ApiServer.People).Select(i => (int)((long)i * members / ApiServer.People)).ToArray();
        await File.WriteAllLinesAsync(FileOf(folder, LookUp), people.Select(i => $$"""POST	/api/pos/members	{{bearer}}	{"store":"S{{i % ApiWorld.Stores:00}}","phone":"{{ApiWorld.Phone(i)}}"}"""), ct);
        await File.WriteAllLinesAsync(FileOf(folder, Tickets), people.Chunk(TicketsAtOnce).Select(part => $$"""POST	/api/pos/tickets	{{bearer}}	{"tickets":[{{string.Join(',', part.Select(Ticket))}}]}"""), ct);

        string Ticket(int member, int place) => $$"""
            {"store":"S{{member % ApiWorld.Stores:00}}","till":"1","ticket":"{{Wrk.Number}}-{{place}}","event":"sale","businessDate":"{{today}}","member":{"phone":"{{ApiWorld.Phone(member)}}"},"lines":[{{Line(1)}},{{Line(2)}}]}
            """;
        string Line(int line) => $$"""{"line":{{line}},"sku":"{{sku}}","quantity":1,"unitPriceFen":2900,"netFen":2900}""";
    }

    /// <summary>The file of a row.</summary>
    public static string FileOf(string folder, string name) => Path.Combine(folder, name + ".requests");
}
