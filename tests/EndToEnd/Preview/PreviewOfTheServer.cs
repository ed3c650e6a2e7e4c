using System.Net;
using Engagement.Api.Preview;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Engagement.EndToEnd.Preview;

/// <summary>What <c>/preview</c> answers with and without the built pages.</summary>
public sealed class PreviewOfTheServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("engagement-preview-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("zh-CN", "预览还没有构建。需要 Node.js 20")]
    [InlineData("en", "The preview is not built. It needs Node.js 20")]
    public async Task Without_the_pages_it_says_what_is_missing(string language, string said)
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        http.DefaultRequestHeaders.Add("Accept-Language", language);

        var answer = await http.GetAsync(new Uri("/preview", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_them_it_serves_the_folder_and_nothing_beside_it()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.html"), "<p>phone</p>");
        await File.WriteAllTextAsync(Path.Combine(_folder, "program.js"), "1");
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        Assert.Equal("<p>phone</p>", await http.GetStringAsync(new Uri("/preview", UriKind.Relative)));
        var script = await http.GetAsync(new Uri("/preview/program.js", UriKind.Relative));
        Assert.Equal("no-cache", script.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/preview/..%2f..%2fetc/passwd", UriKind.Relative))).StatusCode);
        Assert.Contains("王秀兰", await http.GetStringAsync(new Uri("/preview/people", UriKind.Relative)), StringComparison.Ordinal);
    }

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration[PreviewEndpoints.FolderSetting] = _folder;
        builder.Services.AddSingleton<PreviewPeople>();
        var app = builder.Build();
        app.MapPreview();
        await app.StartAsync();
        return app;
    }
}
