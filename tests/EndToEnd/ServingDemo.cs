using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Engagement.EndToEnd;

/// <summary>A demo that keeps running: a reply in the inbox page, the clock moved on, and a clean stop.</summary>
public sealed partial class ServingDemo : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly DemoFolder _folder = new();
    private readonly StringBuilder _output = new();
    private Process _run = null!;

    public async Task InitializeAsync()
    {
        _run = DemoFolder.Start("run.sh", ["--data", _folder.Path, "--port", "0", "--sandbox-port", "0", "--members", "500"]);
        _ = CollectAsync(_run.StandardOutput);
        _ = CollectAsync(_run.StandardError);
        await UntilAsync(() => Task.FromResult(SandboxUrl().IsMatch(Output)), "the addresses");
    }

    public async Task DisposeAsync()
    {
        if (!_run.HasExited) _run.Kill(entireProcessTree: true);
        await _run.WaitForExitAsync();
        _run.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_member_replies_R_on_the_page_and_the_consent_changes_then_the_clock_moves_on_and_it_stops_clean()
    {
        var sandbox = new Uri(SandboxUrl().Match(Output).Groups[1].Value);

        await ReplyOnThePageAsync(sandbox, await ChenMinsPhoneAsync(sandbox));
        await UntilAsync(async () => (await _folder.EngageAsync("why", "D0003")).Output.Contains("Withdrew: marketing by SMS", StringComparison.Ordinal), "the withdrawn consent");

        var before = Refills();
        Assert.Equal(0, (await _folder.EngageAsync("demo", "advance", "4")).ExitCode);
        await UntilAsync(() => Task.FromResult(Refills() > before), "the reminders of the new day");

        await StopAsync();
        await UntilAsync(async () => !await AnswersAsync(sandbox), "the end of the sandbox");
    }

    // We show her number masked; the sandbox has it in full, for it has to send.
    private async Task<string> ChenMinsPhoneAsync(Uri sandbox)
    {
        var tail = MaskedPhone().Match((await _folder.EngageAsync("why", "D0003")).Output).Groups[1].Value;
        using var http = new HttpClient();
        var page = await http.GetFromJsonAsync<JsonElement>(new Uri(sandbox, "/_sandbox/messages?channel=aliyun_sms&limit=5000"));
        return page.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("to").GetString()!).First(to => to.EndsWith(tail, StringComparison.Ordinal));
    }

    private static async Task ReplyOnThePageAsync(Uri sandbox, string phone)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
        });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(sandbox, "/?lang=zh").ToString());
        await page.GetByPlaceholder("搜索").FillAsync(phone);
        await page.GetByRole(AriaRole.Listitem).GetByTitle(phone).First.ClickAsync();
        await Assertions.Expect(page.GetByText("续购提醒已生成，请登录小程序查看").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "回复 R" }).First.ClickAsync();
    }

    // As Ctrl-C does: the signal goes to every process of the group; here the run's own process stands for it.
    private async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _run.Id.ToString()]);
        await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _run.WaitForExitAsync(patience.Token);
    }

    private static async Task<bool> AnswersAsync(Uri sandbox)
    {
        using var http = new HttpClient();
        try
        {
            await http.GetFromJsonAsync<object>(new Uri(sandbox, "/_sandbox/stats"));
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    private int Refills() => Output.Split("Refill: audience").Length - 1;

    private async Task CollectAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (_output) _output.AppendLine(line);
        }
    }

    private async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_patience && !_run.HasExited, $"Waited in vain for {what}:\n{Output}");
            await Task.Delay(100);
        }
    }

    [GeneratedRegex(@"Sandbox inbox [^\n]*: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex SandboxUrl();

    [GeneratedRegex(@"\d{3}\*{4}(\d{4})")]
    private static partial Regex MaskedPhone();
}
