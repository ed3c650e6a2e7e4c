using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Engagement.EndToEnd.Preview;

/// <summary>The five people of the demo, and somebody new, on their phones: the real program behind the mini-program's own pages.</summary>
public sealed partial class PreviewOfTheDemo : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly DemoFolder _folder = new();
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _run;
    private PreviewPhone _phone = null!;

    public async Task InitializeAsync()
    {
        if (PreviewBuild.Missing is not null) return;
        PreviewBuild.Ensure();
        _run = DemoFolder.Start("run.sh", ["--data", _folder.Path, "--port", "0", "--sandbox-port", "0", "--members", "300"]);
        _ = CollectAsync(_run.StandardOutput);
        _ = CollectAsync(_run.StandardError);
        await Task.WhenAny(_listening.Task, _run.WaitForExitAsync()).WaitAsync(s_patience);
        Assert.True(_listening.Task.IsCompleted, Output);
        _phone = await PreviewPhone.StartAsync(Address().Match(Output).Groups[1].Value);
    }

    public async Task DisposeAsync()
    {
        if (_run is not null)
        {
            await _phone.DisposeAsync();
            if (!_run.HasExited) _run.Kill(entireProcessTree: true);
            await _run.WaitForExitAsync();
            _run.Dispose();
        }

        _folder.Dispose();
        if (_run is not null) Assert.Empty(_phone.Errors);
    }

    [PreviewFact]
    public async Task The_five_and_a_visitor_find_what_is_theirs()
    {
        await WangAsync();
        await LiAsync();
        await OthersAsync();
        await VisitorAsync();
        await FromTheSandboxAsync();
    }

    // Two medicines run out: she reads why, says that she has some, claims a coupon and shows her code.
    private async Task WangAsync()
    {
        var page = await _phone.OpenAsync("D0001", "pages/home/index", fresh: true);
        await Button(page, "同意，开始使用").ClickAsync();
        // The home page lies open where others look on, so the server gives the family name only.
        await Expect(Screen(page).GetByText("王**")).ToBeVisibleAsync();
        await Expect(Screen(page).GetByText("要不要换成大字？")).ToBeVisibleAsync();
        await Expect(Button(page, "已购买").First).ToBeVisibleAsync();
        await PreviewPhone.ShootAsync(page, "demo-home");

        await Tab(page, "用药").ClickAsync();
        await Expect(Screen(page).GetByText("我的药")).ToBeVisibleAsync();
        await Screen(page).GetByText("氨氯地平").First.ClickAsync();
        await Expect(Screen(page).GetByText("这样算出来的：")).ToBeVisibleAsync();
        await Button(page, "3 天后提醒").ClickAsync();
        await Expect(Screen(page).GetByText("记下了")).ToBeVisibleAsync();
        await PreviewPhone.ShootAsync(page, "demo-plan-line");

        await OpenAsync(page, "pages/coupon/centre");
        await Button(page, "领取").First.ClickAsync();
        await Expect(Screen(page).GetByText("已放进“优惠券”")).ToBeVisibleAsync();
        await Button(page, "看优惠券").ClickAsync();
        await Screen(page).Locator(".coupon").First.ClickAsync();
        await Expect(Screen(page).GetByText("使用说明")).ToBeVisibleAsync();

        await OpenAsync(page, "pages/code/index");
        await Expect(Screen(page).GetByAltText("会员二维码")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<int>("document.querySelector('img.qr').naturalWidth") > 0);

        await OpenAsync(page, "pages/inbox/list");
        await Screen(page).GetByText("续购提醒").First.ClickAsync();
        await Expect(Screen(page).GetByText("为什么收到这条消息")).ToBeVisibleAsync();
        foreach (var path in new[] { "pages/points/index", "pages/tier/index", "pages/store/list", "pages/privacy/index", "pages/privacy/data", "pages/settings/index", "pages/profile/index", "pages/referral/index" })
        {
            await OpenAsync(page, path);
            await Expect(Screen(page).GetByText("再试一次")).ToHaveCountAsync(0);
        }
    }

    private async Task LiAsync()
    {
        var page = await _phone.OpenAsync("D0002", "pages/benefit/birthday");
        await Button(page, "领取生日礼").ClickAsync();
        await Expect(Screen(page).GetByText("今年的已经领了")).ToBeVisibleAsync();
    }

    private async Task OthersAsync()
    {
        foreach (var (number, name) in new[] { ("D0003", "陈*"), ("D0005", "周*") })
        {
            var page = await _phone.OpenAsync(number, "pages/home/index");
            await Expect(Screen(page).GetByText(name)).ToBeVisibleAsync();
        }

        var zhao = await _phone.OpenAsync("D0004", "pages/plan/index");
        await Expect(Screen(zhao).GetByText("需要您先同意健康信息")).ToBeVisibleAsync();
    }

    private async Task VisitorAsync()
    {
        var page = await _phone.OpenAsync("visitor", "pages/points/index");
        await Button(page, "手机号登录").ClickAsync();
        await Button(page, "微信手机号一键登录").ClickAsync();
        await Button(page, "允许").ClickAsync();
        await Expect(Screen(page).GetByText("欢迎加入会员")).ToBeVisibleAsync();
        await Button(page, "好的").ClickAsync();
        await Expect(Screen(page).GetByText("出示会员码")).ToBeVisibleAsync();
    }

    // What WeChat shows her leads into the mini-program, and what she writes there is a case that she finds in it.
    private async Task FromTheSandboxAsync()
    {
        var weChat = await _phone.BrowseAsync($"{Sandbox().Match(Output).Groups[1].Value}/?lang=zh&to={OpenIdOf("D0001")}");
        await weChat.GetByRole(AriaRole.Button, new() { Name = "进入小程序查看" }).First.ClickAsync();
        await Expect(weChat.GetByRole(AriaRole.Dialog)).ToContainTextAsync("pages/plan/index");
        await weChat.GetByLabel("关闭").ClickAsync();
        await weChat.GetByPlaceholder("发消息给客服").FillAsync("会员卡丢了怎么办");
        await weChat.Keyboard.PressAsync("Enter");
        await Expect(weChat.Locator(".bubble.mine").Last).ToHaveTextAsync("会员卡丢了怎么办");

        var page = await _phone.OpenAsync("D0001", "pages/case/list");
        var started = Stopwatch.GetTimestamp();
        while (await Screen(page).GetByText("会员卡丢了怎么办").CountAsync() == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_patience, "What she wrote in WeChat became no case.");
            await page.ReloadAsync();
            await PreviewPhone.LoadedAsync(page);
        }
    }

    // WeChat knows a person by this and nothing else.
    private string OpenIdOf(string number)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "engagement.db")};Mode=ReadOnly;Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT i.openid FROM member_identity i JOIN member m ON m.id = i.member_id WHERE m.member_no = @number";
        command.Parameters.AddWithValue("@number", number);
        return (string)command.ExecuteScalar()!;
    }

    // As a message does: the page stands first, with a way home.
    private static async Task OpenAsync(IPage page, string path)
    {
        await page.EvaluateAsync($"location.hash = '/{path}'");
        await page.ReloadAsync();
        await Expect(Screen(page).Locator(".content .page").Last).ToBeVisibleAsync();
        await PreviewPhone.LoadedAsync(page);
    }

    private static ILocator Screen(IPage page) => page.Locator("#phone");

    private static ILocator Tab(IPage page, string name) => Screen(page).GetByRole(AriaRole.Tab, new() { Name = name });

    private static ILocator Button(IPage page, string name) => Screen(page).GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    private async Task CollectAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (_output) _output.AppendLine(line);
            if (Address().IsMatch(line)) _listening.TrySetResult();
        }
    }

    [GeneratedRegex(@"Sandbox inbox [^\n]*: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Sandbox();

    [GeneratedRegex(@"Member mini-program[^\n]*: (http://127\.0\.0\.1:\d+)/preview")]
    private static partial Regex Address();
}
