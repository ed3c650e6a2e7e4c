using Engagement.Api.Hosting;
using Engagement.Bench.Dispatch;
using Engagement.Storage.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Engagement.Bench.Api;

/// <summary>The two servers that are compared, each in a process of its own: the program, and a bare endpoint that has its bytes ready.</summary>
internal static class ApiServer
{
    public const int People = 2_000;

    /// <summary>The program over the world in <paramref name="folder"/>; says where it listens, and leaves the requests of <see cref="People"/> members beside the world.</summary>
    public static async Task<int> RunAsync(string folder, CancellationToken ct)
    {
        // One member of the chain stands for thousands here; the limits have tests of their own.
        await using var installation = await Installation.OpenAsync(Settings.Read(folder, [new("Limits:PerAddress", "1000000"), new("Limits:PerPerson", "1000000"), new("Limits:PerKey", "10000000")]), migrate: false, ct);
        await using var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await app.StartAsync(ct);
        await ApiRequests.WriteAsync(folder, app.Services, ct);
        RoundProcess.Say(new Ready(EngagementApp.Address(app)));
        await RoundProcess.ToldAsync(ct);
        await app.StopAsync(ct);
        return 0;
    }

    /// <summary>Any request under a name is answered with the bytes of the file of that name: what Kestrel can do at all.</summary>
    public static async Task<int> RunBareAsync(string folder, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        foreach (var file in Directory.EnumerateFiles(folder, "*.answer"))
        {
            var bytes = await File.ReadAllBytesAsync(file, ct);
            app.Map("/" + Path.GetFileNameWithoutExtension(file), async (HttpContext http) =>
            {
                // A body that comes is read, as the program must.
                if (http.Request.ContentLength > 0) await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                http.Response.ContentType = "application/json; charset=utf-8";
                http.Response.ContentLength = bytes.Length;
                await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
            });
        }

        await app.StartAsync(ct);
        RoundProcess.Say(new Ready(app.Urls.First()));
        await RoundProcess.ToldAsync(ct);
        await app.StopAsync(ct);
        return 0;
    }
}
