using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Engagement.Api.Demo;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members.Imports;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Members;
using Engagement.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Docs;

/// <summary>The request files under http/ are sent as they stand; each says above it what comes back.</summary>
public sealed partial class SendingRequestFiles
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Repository.Path("http"), "*.http").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_request_gets_the_answer_that_the_file_promises(string file)
    {
        using var folder = new TempFolder();
        KeyRing.Create(folder["keys"], demo: true);
        var settings = Settings.Read(folder.Path, [.. DemoSettings.For(FakeProvider.NobodyThere()), DemoSettings.OneClick]);
        await using var installation = await Installation.OpenAsync(settings, migrate: true, CancellationToken.None);
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        if (file.StartsWith("staff-", StringComparison.Ordinal)) await StockAsync(installation);
        await app.StartAsync();
        if (file == "pos.http") await StockAsync(app.Services);
        using var http = new HttpClient();
        var answers = new Dictionary<string, (HttpResponseMessage Answer, string Text)>();

        var wrong = new List<string>();
        foreach (var written in Read(file, new Dictionary<string, string> { ["api"] = EngagementApp.Address(app) }))
        {
            var request = written.Filled(answers);
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Address);
            if (request.Body is { } body) message.Content = new StringContent(body, Encoding.UTF8, request.Headers["Content-Type"]);
            foreach (var (name, value) in request.Headers.Where(header => header.Key != "Content-Type")) message.Headers.Add(name, value);
            var answer = await http.SendAsync(message);
            var text = await answer.Content.ReadAsStringAsync();
            if (request.Key is { } key) answers[key] = (answer, text);
            // A refusal is a problem document: what it is called is its code, or its title where there is none. A status alone promises no more.
            var called = answer.IsSuccessStatusCode ? text : Code().Match(text) is { Success: true } code ? code.Groups[1].Value : Title().Match(text).Groups[1].Value;
            var got = $"{(int)answer.StatusCode} {called}";
            if (got != request.Expected && $"{(int)answer.StatusCode}" != request.Expected) wrong.Add($"{request.Name}: expected {request.Expected}, got {got}");
        }

        Assert.Empty(wrong);
        // Two requests of the file of pushes are the same one: stored once.
        var pushes = await installation.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM inbound"), CancellationToken.None);
        Assert.Equal(file == "webhooks.http" ? 8 : 0, pushes);
        await app.StopAsync();
    }

    // The first store and the goods of the demo.
    private static async Task StockAsync(IServiceProvider services)
    {
        await services.GetRequiredService<StoreImport>().RunAsync(Pharmacy.Rows([new StoreRow("S001", "人民路店", "杭州")]), new ImportOptions(), null, null, CancellationToken.None);
        await services.GetRequiredService<ProductImport>().RunAsync(Pharmacy.Rows(ProductList.Embedded.All), new ImportOptions(), null, null, CancellationToken.None);
    }

    /// <summary>The requests of a file, with its variables filled in.</summary>
    internal static IEnumerable<Request> Read(string file, Dictionary<string, string> given)
    {
        var text = File.ReadAllText(Repository.Path("http", file));
        var variables = Variable().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim());
        foreach (var (name, value) in given) variables[name] = value;
        foreach (var part in text.Split("\n### ").Skip(1))
        {
            var filled = variables.Aggregate(part, (filled, variable) => filled.Replace($"{{{{{variable.Key}}}}}", variable.Value, StringComparison.Ordinal));
            var match = RequestText().Match(filled);
            Assert.True(match.Success, part);
            var body = match.Groups["body"].Value.Trim();
            yield return new Request(
                filled.Split('\n')[0], match.Groups["key"] is { Success: true } key ? key.Value : null, match.Groups["method"].Value, match.Groups["address"].Value, match.Groups["expected"].Value,
                Header().Matches(match.Groups["headers"].Value).ToDictionary(header => header.Groups[1].Value, header => header.Groups[2].Value), body.Length == 0 ? null : body);
        }
    }

    [GeneratedRegex(@"^@(\w+) = (.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[^\n]+\n(# @name (?<key>\w+)\n)?# expect (?<expected>.+)\n(?<method>GET|POST|PUT|DELETE) (?<address>\S+)\n?(?<headers>([A-Za-z-]+: [^\n]+\n)*)(\n(?<body>.*))?$", RegexOptions.Singleline)]
    private static partial Regex RequestText();

    [GeneratedRegex(@"^([A-Za-z-]+): ([^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex Header();

    [GeneratedRegex(@"""code"":""([^""]+)""")]
    private static partial Regex Code();

    [GeneratedRegex(@"""title"":""([^""]+)""")]
    private static partial Regex Title();

    // One store, one product and 陈敏 of the demo: what these files look at.
    private static async Task StockAsync(Installation installation)
    {
        await using var services = installation.Services();
        var options = new ImportOptions();
        await services.GetRequiredService<StoreImport>().RunAsync(Rows(new StoreRow("S001", "人民路店", "杭州")), options, null, null, CancellationToken.None);
        await services.GetRequiredService<ProductImport>().RunAsync(Rows(new ProductRow { Sku = "100001", Name = "维生素C泡腾片", Class = ProductClass.HealthFood, PriceFen = 3900 }), options, null, null, CancellationToken.None);
        await services.GetRequiredService<MemberImport>().RunAsync(Rows(new MemberRow { Source = "till", MemberNo = "H0001", Name = "陈敏", Phone = "19900001110", StoreCode = "S001" }), options, null, null, CancellationToken.None);

        static async IAsyncEnumerable<T> Rows<T>(T row)
        {
            await Task.CompletedTask;
            yield return row;
        }
    }

    [GeneratedRegex(@"\{\{(?<name>\w+)\.response\.(?:headers\.(?<header>[\w-]+)|body\.\$(?<path>[\w.\[\]]+))\}\}")]
    private static partial Regex Earlier();

    internal sealed record Request(string Name, string? Key, string Method, string Address, string Expected, Dictionary<string, string> Headers, string? Body)
    {
        /// <summary>With what earlier answers said in the places that name them.</summary>
        public Request Filled(Dictionary<string, (HttpResponseMessage Answer, string Text)> answers)
        {
            return this with { Address = Fill(Address), Headers = Headers.ToDictionary(header => header.Key, header => Fill(header.Value)), Body = Body is null ? null : Fill(Body) };

            string Fill(string text) => Earlier().Replace(text, match =>
            {
                var (answer, said) = answers[match.Groups["name"].Value];
                if (match.Groups["header"] is { Success: true } header) return answer.Headers.GetValues(header.Value).Single();
                var steps = match.Groups["path"].Value.Split('.', '[', ']').Where(step => step.Length > 0);
                return (steps.Aggregate(JsonNode.Parse(said), (node, step) => int.TryParse(step, out var place) ? node?[place] : node?[step])
                    ?? throw new InvalidOperationException($"{match.Value} is not in the answer: {said}")).ToString();
            });
        }
    }
}
