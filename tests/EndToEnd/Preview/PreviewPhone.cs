using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Engagement.EndToEnd.Preview;

/// <summary>Chromium with one person's phone in it, 375 px wide.</summary>
internal sealed class PreviewPhone : IAsyncDisposable
{
    private const int Width = 375;
    private const int Height = 812;
    private const int Longest = 2600;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly string _url;

    private PreviewPhone(IPlaywright playwright, IBrowser browser, string url) => (_playwright, _browser, _url) = (playwright, browser, url);

    /// <summary>Whatever a page threw. No page may.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public static async Task<PreviewPhone> StartAsync(string url)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
        });
        return new PreviewPhone(playwright, browser, url);
    }

    /// <summary>Opens a page as somebody.</summary>
    /// <param name="who">The person's key.</param>
    /// <param name="page">The page with its query.</param>
    /// <param name="large">Whether large text is on.</param>
    /// <param name="fresh">Whether the privacy guide and the offer of large text are still to come.</param>
    public async Task<IPage> OpenAsync(string who, string page, bool large = false, bool fresh = false)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = Width, Height = Height } });
        var opened = await context.NewPageAsync();
        opened.PageError += (_, error) => Errors.Enqueue($"{page}: {error}");
        if (!fresh) await opened.AddInitScriptAsync($"localStorage.setItem('preview:{who}:privacy-guide', '\"1\"'); localStorage.setItem('preview:{who}:large-text-offered', 'true');");
        if (large) await opened.AddInitScriptAsync($"localStorage.setItem('preview:{who}:large-text', 'true')");
        await opened.GotoAsync($"{_url}/preview?as={who}#/{page}");
        await Expect(opened.Locator(".frame .content .page").Last).ToBeVisibleAsync();
        return opened;
    }

    /// <summary>Opens another address in the same browser, as wide as a desk has it.</summary>
    public async Task<IPage> BrowseAsync(string url)
    {
        var opened = await _browser.NewPageAsync();
        opened.PageError += (_, error) => Errors.Enqueue($"{url}: {error}");
        await opened.GotoAsync(url);
        return opened;
    }

    /// <summary>Waits until the page on top is past loading.</summary>
    public static Task LoadedAsync(IPage page) => Expect(page.Locator(".frame:not([hidden]) .bones")).ToHaveCountAsync(0);

    /// <summary>The whole page, however long, as a picture.</summary>
    public static async Task ShootAsync(IPage page, string name)
    {
        var folder = Environment.GetEnvironmentVariable("PREVIEW_IMAGES") is { Length: > 0 } asked ? asked : Path.Combine(DemoFolder.Root, "artifacts", "preview-images");
        Directory.CreateDirectory(folder);
        var height = await page.EvaluateAsync<int>("document.querySelector('.frame:not([hidden]) .content').scrollHeight + 44");
        await page.SetViewportSizeAsync(Width, Math.Clamp(height, Height, Longest));
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), Animations = ScreenshotAnimations.Disabled });
    }

    /// <summary>What sticks out of the phone on the right, by how much.</summary>
    public static Task<int> StickingOutAsync(IPage page) => page.EvaluateAsync<int>(
        """
        () => { const page = document.querySelector('.frame:not([hidden]) .content'); return page.scrollWidth - page.clientWidth; }
        """);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
