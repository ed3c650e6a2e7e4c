using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Engagement.Members;
using Engagement.Members.Points;
using Engagement.Storage.Audit;
using Engagement.Tests.Api.Staff;
using Xunit.Abstractions;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>Twenty thousand bad requests, made from the OpenAPI document over every endpoint that is in it. An endpoint that is added is driven without a line here.</summary>
public sealed class SendingBadRequests(StaffApp app, ITestOutputHelper output) : IClassFixture<StaffApp>
{
    private const int Requests = 20_000;

    // However slow, every endpoint gets so many; what is over goes to those that answer fast (a sign-in hashes a password each time, and that is meant to be slow).
    private const int Least = 60;
    private const double Fast = 30;

    // No secret: the mini-program shows every store.
    private const string Stores = "/api/staff/stores";

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ConcurrentBag<string> _wrong = [];
    private readonly ConcurrentDictionary<int, int> _statuses = new();

    [Fact]
    public async Task No_bad_request_makes_an_error_of_ours_or_moves_a_point()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 32 });
        using var reader = app.Client();
        var operations = await ApiDocument.ReadAsync(reader);
        Assert.Empty(operations.Where(operation => !Callers.Knows(operation)).Select(operation => $"{operation.Surface}: give the surface a caller in Callers").Distinct());
        await FillAsync();
        var before = await TotalsAsync();

        await DriveAsync(client, reader.BaseAddress!, operations);

        output.WriteLine(string.Join(", ", _statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}")));
        Assert.True(_wrong.IsEmpty, string.Join("\n", _wrong.Order(StringComparer.Ordinal).DistinctBy(wrong => wrong.Split('{')[0]).Take(60)));
        Assert.Equal(before, await TotalsAsync());
        Assert.True(_statuses.Values.Sum() >= Requests);
        // The guard of the guard: the requests came as far as the endpoints.
        Assert.True(_statuses.GetValueOrDefault(401) < Requests / 4, $"{_statuses.GetValueOrDefault(401)} were not signed in");
        Assert.True(_statuses.GetValueOrDefault(400) > Requests / 4, $"only {_statuses.GetValueOrDefault(400)} were refused for what they say");
        foreach (var member in (long[])[app.HomeMember, app.ForeignMember]) Assert.Empty(await app.Service<PointsAudit>().CheckAsync(new MemberId(member), None));
        Assert.Null((await AuditLog.VerifyAsync(app.Database, noted: null, None)).BrokenAt);
    }

    private async Task DriveAsync(HttpClient client, Uri address, IReadOnlyList<Operation> operations)
    {
        var (callers, spoiler) = (new Callers(app), new RequestSpoiler([app.ForeignMember, app.ForeignStore]));
        var clocks = operations.ToDictionary(operation => operation, _ => (Count: 0, Milliseconds: 0.0));
        var (next, gate) = (0, new Lock());
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                Operation operation;
                int number;
                lock (gate)
                {
                    number = next++;
                    var due = operations.Where(one => clocks[one].Count < Least || clocks[one].Milliseconds / clocks[one].Count < Fast).ToList();
                    if (number >= Requests && operations.All(one => clocks[one].Count >= Least)) return;
                    operation = due.Count == 0 ? operations[number % operations.Count] : due.MinBy(one => clocks[one].Count)!;
                    clocks[operation] = clocks[operation] with { Count = clocks[operation].Count + 1 };
                }

                var random = new Random(number);
                var request = spoiler.Make(operation, await callers.ForAsync(operation, random), random);
                request.Path = address.GetLeftPart(UriPartial.Authority) + request.Path;
                var started = Stopwatch.GetTimestamp();
                await SendAsync(client, request, number, callers);
                lock (gate) clocks[operation] = clocks[operation] with { Milliseconds = clocks[operation].Milliseconds + Stopwatch.GetElapsedTime(started).TotalMilliseconds };
            }
        })));
        foreach (var (operation, clock) in clocks.OrderByDescending(pair => pair.Value.Milliseconds).Take(10)) output.WriteLine($"{operation}: {clock.Count} × {clock.Milliseconds / clock.Count:0.0} ms");
    }

    private async Task SendAsync(HttpClient client, BadRequest request, int number, Callers callers)
    {
        try
        {
            using var message = request.ToMessage();
            using var answer = await client.SendAsync(message);
            var status = (int)answer.StatusCode;
            _statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            var body = await answer.Content.ReadAsStringAsync();
            if (Problem(request, status, answer.Content.Headers.ContentType?.MediaType, body) is { } problem) _wrong.Add($"{request.Operation}: {problem}: {status} {Short(body)} ← #{number} {request}");
            // A request may have ended the caller's session, as it should.
            if (status is 401 || (status == 204 && request.Operation is { Method: "DELETE", Path: var path } && path.EndsWith("/session", StringComparison.Ordinal))) callers.Forget(request.Caller);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // A server may hang up on a body that it does not want.
            if (!request.Faults.Exists(fault => fault.Contains("huge", StringComparison.Ordinal))) _wrong.Add($"#{number} no answer ({(failure.InnerException ?? failure).Message}) ← {request}");
        }
    }

    private static string? Problem(BadRequest request, int status, string? mediaType, string body)
    {
        // Providers are not there in this test, and an answer that says so is no error; a 500 always is.
        if (status >= 500 && status != 503) return "an error of ours";
        if (!request.Caller.SeesForeignStore && request.Operation.Right is not null && !request.Operation.Path.StartsWith(Stores, StringComparison.Ordinal) && body.Contains(StaffApp.ForeignMark, StringComparison.Ordinal)) return "data of the foreign store";
        if (body.Contains("   at Engagement.", StringComparison.Ordinal) || body.Contains("Exception", StringComparison.Ordinal)) return "our insides";
        if (status < 400 || !request.Operation.IsOfApi) return null;
        // Kestrel itself refuses a path that names the character 0, before anything of ours hears of it.
        if (status == 400 && body.Length == 0 && request.Path.Contains("%00", StringComparison.Ordinal)) return null;
        if (mediaType != "application/problem+json") return "no problem document";
        var code = JsonDocument.Parse(body).RootElement.GetProperty("code").GetString()!;
        // A path or a method that is spoilt may be none of ours any more.
        if (status is 404 or 405 && request.Faults.Exists(fault => fault.StartsWith("path", StringComparison.Ordinal) || fault == "header X-HTTP-Method-Override")) return null;
        return request.Operation.Refusals.GetValueOrDefault(status)?.Contains(code) == true ? null : $"a refusal that the document does not name ({code})";
    }

    private static string Short(string body) => body.Length <= 300 ? body : body[..300];

    // Points for two members, so that there is something to move.
    private Task FillAsync() => app.Database.WriteAsync(async tx =>
    {
        foreach (var member in (long[])[app.HomeMember, app.ForeignMember])
        {
            await app.Service<PointsDesk>().GiveAsync(tx, new MemberId(member), 1000, PointsPart.Referral, $"test:{member}", 365, "测试");
        }
    }, None);

    // Whatever is worth money.
    private Task<string> TotalsAsync() => app.Database.ReadAsync(async session =>
    {
        string[] sums =
        [
            "SELECT COALESCE(SUM(active), 0) FROM points_account", "SELECT COALESCE(SUM(pending), 0) FROM points_account", "SELECT COALESCE(SUM(owed), 0) FROM points_account",
            "SELECT COUNT(*) FROM points_entry", "SELECT COALESCE(SUM(amount), 0) FROM points_posting", "SELECT COALESCE(SUM(remaining), 0) FROM points_lot", "SELECT COUNT(*) FROM points_rules",
            "SELECT COUNT(*) FROM coupon", "SELECT COUNT(*) FROM coupon_redemption", "SELECT COALESCE(SUM(claimed), 0) FROM coupon_stock", "SELECT COUNT(*) FROM tier_period",
        ];
        var values = new List<long>();
        foreach (var sum in sums) values.Add(await session.ScalarAsync<long>(sum));
        return string.Join(' ', values);
    }, None);
}
