using Engagement.Api.Member;
using Engagement.Members;
using Engagement.Members.SignIn;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Bench.Api;

/// <summary>The requests of each row, one a line, as <see cref="Wrk"/> reads them.</summary>
internal static class ApiRequests
{
    /// <summary>The pages that members open, by the name of their row.</summary>
    public static readonly IReadOnlyDictionary<string, string> Pages = new Dictionary<string, string>
    {
        [Home] = "/api/member/home", ["points"] = "/api/member/points/ledger", ["wallet"] = "/api/member/coupons",
    };

    public const string Home = "home";

    public static IEnumerable<string> Names => Pages.Keys;

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
        foreach (var (name, path) in Pages) await File.WriteAllLinesAsync(FileOf(folder, name), bearers.Select(bearer => $"GET\t{path}\t{bearer}\t"), ct);
    }

    /// <summary>The file of a row.</summary>
    public static string FileOf(string folder, string name) => Path.Combine(folder, name + ".requests");
}
