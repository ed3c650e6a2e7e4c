using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Engagement.Tests.Sandbox;
using Engagement.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Engagement.Witnesses;

/// <summary>The inbox page as Chromium shows it.</summary>
public sealed class TheInboxInABrowser : IAsyncLifetime
{
    private const string Phone = "13800000000";

    private readonly ConcurrentQueue<string> _errors = new();
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private TwoApps _apps = null!;
    private PushListener _listener = null!;

    public async Task InitializeAsync()
    {
        _listener = await PushListener.StartAsync("""{"code":0,"msg":"ok"}""");
        _apps = await TwoApps.StartAsync(setup =>
        {
            setup["aliyun"]!["push"] = new JsonObject { ["upUrl"] = _listener.Url };
            setup["wechat"]!["name"] = "康宁大药房";
        });
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
        });
        await FillAsync();
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _apps.DisposeAsync();
        await _listener.DisposeAsync();
        Assert.Empty(_errors);
    }

    [Fact]
    public async Task A_reply_by_button_and_by_hand_reaches_the_webhook_and_stays_on_the_phone()
    {
        var page = await OpenAsync("?lang=zh&to=" + Phone);
        await Expect(page.GetByText("条 · ¥0.05")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "回复 R" }).ClickAsync();
        await page.GetByPlaceholder("回复短信").FillAsync("谢谢 <i>药师</i>");
        await page.Keyboard.PressAsync("Enter");

        await Eventually.True(() => _listener.Pushes.Sum(push => JsonNode.Parse(push.Body)!.AsArray().Count) == 2);
        await page.ReloadAsync();
        await Expect(page.Locator(".bubble.mine")).ToHaveTextAsync(["R", "谢谢 <i>药师</i>"]);
    }

    [Fact]
    public async Task The_list_is_filtered_by_channel_recipient_time_and_text_and_the_address_remembers_it()
    {
        var page = await OpenAsync("?lang=zh");
        var people = page.Locator("#people li");
        await Expect(people).ToHaveCountAsync(4);

        await page.GetByRole(AriaRole.Button, new() { Name = "客服", Exact = true }).ClickAsync();
        await Expect(people.Locator(".name")).ToHaveTextAsync(["oaWang"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "全部" }).ClickAsync();
        await page.GetByPlaceholder("收件人").FillAsync("0001");
        await Expect(people.Locator(".name")).ToHaveTextAsync(["138 0000 0001"]);
        await page.GetByPlaceholder("收件人").FillAsync("");
        await page.GetByPlaceholder("搜索").FillAsync("阿莫西林");
        await Expect(people.Locator(".name")).ToHaveTextAsync(["oWang"]);
        await page.GetByLabel("时间").SelectOptionAsync("m10");
        await Expect(people).ToHaveCountAsync(1);

        await page.ReloadAsync();
        await Expect(people.Locator(".name")).ToHaveTextAsync(["oWang"]);
        Assert.Contains("period=m10", page.Url, StringComparison.Ordinal);
        await page.GetByPlaceholder("搜索").FillAsync("nobody at all");
        await Expect(page.Locator("#more")).ToHaveTextAsync("没有符合条件的消息");
    }

    [Fact]
    public async Task A_card_opens_its_page_and_a_tap_allows_or_refuses_the_next_one()
    {
        var page = await OpenAsync("?lang=zh&to=oWang");
        await page.GetByRole(AriaRole.Button, new() { Name = "进入小程序查看" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("pages/inbox/detail");
        await page.GetByLabel("关闭").ClickAsync();
        Assert.Equal(43101, await _apps.Sandbox.SendAsync("oWang"));

        await page.GetByRole(AriaRole.Button, new() { Name = "允许再次提醒" }).ClickAsync();
        await Expect(page.GetByText("已允许再接收一次该提醒")).ToBeVisibleAsync();
        Assert.Equal(0, await _apps.Sandbox.SendAsync("oWang"));
        await page.GetByRole(AriaRole.Button, new() { Name = "允许再次提醒" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "拒收" }).First.ClickAsync();
        await Expect(page.GetByText("已拒收该模板的消息")).ToBeVisibleAsync();
        Assert.Equal(43101, await _apps.Sandbox.SendAsync("oWang"));
    }

    [Fact]
    public async Task A_chat_is_answered_from_its_menu_and_opens_the_window_again()
    {
        var page = await OpenAsync("?lang=en&to=oaWang");
        await page.GetByRole(AriaRole.Button, new() { Name = "满意", Exact = true }).ClickAsync();
        await Expect(page.Locator(".bubble.mine").Last).ToHaveTextAsync("满意");

        await page.GetByPlaceholder("Write to customer service").FillAsync("再见");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator(".bubble.mine").Last).ToHaveTextAsync("再见");
        Assert.Equal(0, SandboxServer.Code(await ChatAsync(new { touser = "oaWang", msgtype = "text", text = new { content = "再见" } })));
    }

    [Fact]
    public async Task On_a_phone_the_list_comes_first_and_a_person_fills_the_screen()
    {
        var page = await OpenAsync("?lang=zh", width: 390);
        await page.GetByTitle(Phone).ClickAsync();
        await Expect(page.Locator("aside")).ToBeHiddenAsync();
        await Expect(page.Locator(".bubble").First).ToBeInViewportAsync();
        Assert.Equal(390, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        await page.GetByLabel("返回").ClickAsync();
        await Expect(page.Locator("aside")).ToBeVisibleAsync();
        await Expect(page.Locator("#phone")).ToBeHiddenAsync();
    }

    private async Task<IPage> OpenAsync(string query, int width = 1280)
    {
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = 844 } });
        page.PageError += (_, error) => _errors.Enqueue(error);
        await page.GotoAsync(new Uri(_apps.Sandbox.Http.BaseAddress!, "/" + query).ToString());
        await Expect(page.Locator("#people li").Or(page.Locator(".bubble")).Or(page.Locator(".card")).First).ToBeAttachedAsync();
        return page;
    }

    private async Task FillAsync()
    {
        var sms = new AliyunCaller(_apps.Sandbox);
        foreach (var phone in new[] { Phone, "13800000001" }) Assert.Equal("OK", await sms.SendAsync(phone));
        await _apps.Sandbox.GrantAsync("oWang", SandboxServer.OneTime);
        Assert.Equal(0, await _apps.Sandbox.SendAsync("oWang", data: new { thing1 = new { value = "阿莫西林" }, time2 = new { value = "08:00" } }));
        await _apps.DoAsync(new { @do = "text", openid = "oaWang", content = "在吗" });
        var menu = new { head_content = "您满意吗？", list = new[] { new { id = "101", content = "满意" } }, tail_content = "谢谢" };
        Assert.Equal(0, SandboxServer.Code(await ChatAsync(new { touser = "oaWang", msgtype = "msgmenu", msgmenu = menu })));
    }

    private Task<JsonElement> ChatAsync(object message) => _apps.OfficialAsync("/cgi-bin/message/custom/send", message);
}
