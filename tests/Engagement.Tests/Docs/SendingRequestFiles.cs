using System.Text;
using System.Text.RegularExpressions;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Support;

namespace Engagement.Tests.Docs;

/// <summary>The request files under http/ are sent as they stand; each says above it what comes back.</summary>
public sealed partial class SendingRequestFiles
{
    [Fact]
    public async Task Every_request_gets_the_answer_that_the_file_promises()
    {
        using var folder = new TempFolder();
        KeyRing.Create(folder["keys"], demo: true);
        var settings = Settings.Read(folder.Path, DemoSettings.For(FakeProvider.NobodyThere()));
        await using var installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await app.StartAsync();
        using var http = new HttpClient();

        var wrong = new List<string>();
        foreach (var request in Requests("webhooks.http", EngagementApp.Address(app)))
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Address);
            if (request.Body is { } body) message.Content = new StringContent(body, Encoding.UTF8, request.ContentType!);
            using var answer = await http.SendAsync(message);
            var text = await answer.Content.ReadAsStringAsync();
            // A refusal is a problem document; what it is called is its title.
            var got = $"{(int)answer.StatusCode} {(answer.IsSuccessStatusCode ? text : Title().Match(text).Groups[1].Value)}";
            if (got != request.Expected) wrong.Add($"{request.Name}: expected {request.Expected}, got {got}");
        }

        Assert.Empty(wrong);
        // Two requests are the same push: stored once.
        Assert.Equal(8, await installation.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM inbound"), CancellationToken.None));
        await app.StopAsync();
    }

    private static IEnumerable<Request> Requests(string file, string api)
    {
        var text = File.ReadAllText(Repository.Path("http", file));
        var variables = Variable().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim());
        variables["api"] = api;
        foreach (var part in text.Split("\n### ").Skip(1))
        {
            var filled = variables.Aggregate(part, (filled, variable) => filled.Replace($"{{{{{variable.Key}}}}}", variable.Value, StringComparison.Ordinal));
            var match = RequestText().Match(filled);
            Assert.True(match.Success, part);
            var body = match.Groups["body"].Value.Trim();
            yield return new Request(
                filled.Split('\n')[0], match.Groups["method"].Value, match.Groups["address"].Value, match.Groups["expected"].Value,
                match.Groups["type"].Success ? match.Groups["type"].Value : null, body.Length == 0 ? null : body);
        }
    }

    [GeneratedRegex(@"^@(\w+) = (.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^.+\n# expect (?<expected>.+)\n(?<method>GET|POST) (?<address>\S+)\n?(Content-Type: (?<type>\S+)\n)?(\n(?<body>.*))?$", RegexOptions.Singleline)]
    private static partial Regex RequestText();

    [GeneratedRegex(@"""title"":""([^""]+)""")]
    private static partial Regex Title();

    private sealed record Request(string Name, string Method, string Address, string Expected, string? ContentType, string? Body);
}
