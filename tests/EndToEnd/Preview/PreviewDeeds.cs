using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Engagement.EndToEnd.Preview;

/// <summary>What people do in the mini-program, and what reaches the server of it.</summary>
public sealed class PreviewDeeds : IAsyncLifetime
{
    private readonly string _photo = Path.Combine(Path.GetTempPath(), $"engagement-{Environment.ProcessId}.jpg");

    private MemberApiFake _api = null!;
    private PreviewPhone _phone = null!;

    public async Task InitializeAsync()
    {
        if (PreviewBuild.Missing is not null) return;
        PreviewBuild.Ensure();
        _api = await MemberApiFake.StartAsync();
        _phone = await PreviewPhone.StartAsync(_api.Url);
    }

    public async Task DisposeAsync()
    {
        File.Delete(_photo);
        if (_api is null) return;
        await _phone.DisposeAsync();
        await _api.DisposeAsync();
        Assert.Empty(_phone.Errors);
    }

    [PreviewFact]
    public async Task The_privacy_guide_stands_before_everything_and_nothing_is_asked_in_a_persons_name_before_it()
    {
        var page = await _phone.OpenAsync("wang", "pages/points/index", fresh: true);
        await Expect(Screen(page).GetByText("我们只为您办理会员服务")).ToBeVisibleAsync();
        await Button(page, "暂不同意").ClickAsync();
        await Button(page, "知道了").ClickAsync();
        Assert.Equal(["GET /privacy-guide"], _api.Requests.Select(asked => asked.Request).Distinct());

        await Button(page, "同意，开始使用").ClickAsync();
        await Expect(Screen(page).GetByText("王秀兰")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(Screen(page).GetByText("王秀兰")).ToBeVisibleAsync();
    }

    [PreviewFact]
    public async Task Home_is_one_request_and_its_card_opens_what_it_names()
    {
        var page = await _phone.OpenAsync("li", "pages/home/index");
        await Expect(Screen(page).GetByText("李强")).ToBeVisibleAsync();
        Assert.Equal(["POST /session", "GET /home"], _api.Requests.Select(asked => asked.Request));

        await Screen(page).GetByText("我的积分").ClickAsync();
        await Expect(Screen(page).GetByText("因退货待抵扣", new() { Exact = true })).ToBeVisibleAsync();
        await Screen(page).GetByLabel("返回").Last.ClickAsync();
        await Expect(Screen(page).GetByText("李强")).ToBeVisibleAsync();
    }

    [PreviewFact]
    public async Task Large_text_is_offered_once_and_makes_letters_and_buttons_grow()
    {
        var page = await _phone.OpenAsync("wang", "pages/home/index", fresh: true);
        await Button(page, "同意，开始使用").ClickAsync();
        var bought = Button(page, "已购买");
        var before = (await bought.BoundingBoxAsync())!.Height;
        await Button(page, "换成大字").ClickAsync();

        await Expect(Screen(page).GetByText("要不要换成大字？")).ToHaveCountAsync(0);
        Assert.True((await bought.BoundingBoxAsync())!.Height > before);
        await UntilAsync(() => _api.Of("PUT /preferences").Count == 1);
        Assert.True((bool)_api.Of("PUT /preferences")[0].Body["largeText"]!);
        await page.ReloadAsync();
        await Expect(Screen(page).GetByText("王秀兰")).ToBeVisibleAsync();
        await Expect(Screen(page).GetByText("要不要换成大字？")).ToHaveCountAsync(0);
        await Expect(page.Locator(".page.large")).ToBeVisibleAsync();
    }

    [PreviewTheory]
    [InlineData("已购买", "bought", null)]
    [InlineData("3 天后提醒", "later", null)]
    [InlineData("还有药", "still_have", 10)]
    [InlineData("不再服用", "stopped", null)]
    public async Task The_four_answers_to_a_refill_say_what_they_mean(string tapped, string answer, int? days)
    {
        var page = await _phone.OpenAsync("wang", "pages/home/index");
        await Button(page, tapped).ClickAsync();
        if (days is { } left)
        {
            await Screen(page).GetByPlaceholder("例如 10").FillAsync("0");
            await Button(page, "确定").ClickAsync();
            await Expect(Screen(page).GetByText("请填 1 到 365 天")).ToBeVisibleAsync();
            await Screen(page).GetByPlaceholder("例如 10").FillAsync($"{left}");
            await Button(page, "确定").ClickAsync();
        }

        if (answer == "stopped") await Screen(page).GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "不再服用" }).ClickAsync();
        await Expect(Screen(page).GetByText("记下了")).ToBeVisibleAsync();
        var asked = Assert.Single(_api.Of("POST /care-plan/lines/l1/answer"));
        Assert.Equal(answer, (string)asked.Body["answer"]!);
        Assert.Equal(days, (int?)asked.Body["days"]);
        Assert.NotEmpty(asked.Key);
    }

    [PreviewFact]
    public async Task After_taken_one_tap_asks_for_several_templates_and_the_answer_reaches_the_server()
    {
        var page = await _phone.OpenAsync("wang", "pages/plan/today");
        await Button(page, "吃过了").First.ClickAsync();
        var panel = Screen(page).GetByRole(AriaRole.Dialog);
        await Expect(panel.Locator("input")).ToHaveCountAsync(3);
        await panel.Locator("input").Nth(1).UncheckAsync();
        await panel.GetByRole(AriaRole.Button, new() { Name = "允许" }).ClickAsync();

        await UntilAsync(() => _api.Of("POST /grants").Count == 1);
        var told = _api.Of("POST /grants")[0].Body;
        Assert.Equal("taken", (string)told["moment"]!);
        Assert.Equal(["accept", "reject", "accept"], told["results"]!.AsArray().Select(one => (string)one!["result"]!));
        Assert.Equal("taken", (string)Assert.Single(_api.Of("POST /care-plan/doses")).Body["state"]!);
    }

    [PreviewFact]
    public async Task A_claim_whose_answer_was_lost_is_tried_again_under_the_same_key_and_the_next_one_has_its_own()
    {
        var page = await _phone.OpenAsync("wang", "pages/coupon/centre");
        var lost = 1;
        await page.RouteAsync("**/coupons/claims", async route =>
        {
            if (lost-- <= 0)
            {
                await route.ContinueAsync();
                return;
            }

            // It is carried out; only the phone never hears of it.
            await route.FetchAsync();
            await route.AbortAsync();
        });
        await Button(page, "领取").First.ClickAsync();
        await Expect(Screen(page).GetByText("网络连接不上，请检查网络后再试")).ToBeVisibleAsync();
        await Button(page, "知道了").ClickAsync();
        await page.ReloadAsync();
        await Button(page, "领取").First.ClickAsync();
        await Expect(Screen(page).GetByText("已放进“优惠券”")).ToBeVisibleAsync();
        await Button(page, "看优惠券").ClickAsync();
        await Expect(Screen(page).GetByText("12月20日前可用")).ToBeVisibleAsync();

        await page.GotoAsync(page.Url.Replace("pages/coupon/wallet", "pages/coupon/centre", StringComparison.Ordinal));
        await page.ReloadAsync();
        await Button(page, "领取").First.ClickAsync();
        await Expect(Screen(page).GetByText("已放进“优惠券”")).ToBeVisibleAsync();
        var keys = _api.Of("POST /coupons/claims").Select(asked => asked.Key).ToList();
        Assert.Equal(3, keys.Count);
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[1], keys[2]);
    }

    [PreviewFact]
    public async Task A_coupon_shows_its_code_or_why_it_cannot_be_used()
    {
        var page = await _phone.OpenAsync("wang", "pages/coupon/wallet");
        await Screen(page).GetByText("满 50 减 5 元券").ClickAsync();
        await Expect(page.GetByAltText("优惠券二维码")).ToBeVisibleAsync();
        await Screen(page).GetByLabel("返回").Last.ClickAsync();
        await Screen(page).GetByText("维生素类满 99 减 20 元券").ClickAsync();

        await Expect(Screen(page).GetByText("现在还不能用")).ToBeVisibleAsync();
        await Expect(Screen(page).GetByText("12月1日起可用").Last).ToBeVisibleAsync();
        await Expect(page.GetByAltText("优惠券二维码")).ToHaveCountAsync(0);
    }

    [PreviewFact]
    public async Task A_tip_has_no_door_but_the_way_back()
    {
        var page = await _phone.OpenAsync("wang", "pages/tip/detail?id=t1");
        await Expect(Screen(page).GetByText("审核药师：")).ToBeVisibleAsync();

        await Expect(page.Locator(".content [role=link], .content [role=button], .content button, .content a, .content input")).ToHaveCountAsync(0);
        Assert.DoesNotMatch(@"1[3-9]\d{9}|0\d{2,3}-\d{7,8}|¥|元|券|门店|购买", await page.Locator(".content").InnerTextAsync());
    }

    [PreviewFact]
    public async Task A_visitor_becomes_a_member_by_the_phone_button()
    {
        var page = await _phone.OpenAsync("visitor", "pages/plan/index");
        await Button(page, "手机号登录").ClickAsync();
        await Button(page, "微信手机号一键登录").ClickAsync();
        await Button(page, "允许").ClickAsync();
        await Expect(Screen(page).GetByText("已找到您在门店的会员记录")).ToBeVisibleAsync();
        await Button(page, "好的").ClickAsync();
        await Expect(Screen(page).GetByText("周芳")).ToBeVisibleAsync();
    }

    [PreviewFact]
    public async Task The_member_code_is_shown_bright_and_the_screen_is_as_before_afterwards()
    {
        var page = await _phone.OpenAsync("wang", "pages/home/index");
        await Screen(page).GetByText("出示会员码").ClickAsync();
        await Expect(Screen(page).GetByText("6284 0917 3356")).ToBeVisibleAsync();
        await Expect(page.Locator("#phone")).ToHaveAttributeAsync("data-brightness", "1");
        await Screen(page).GetByLabel("返回").Last.ClickAsync();
        await Expect(page.Locator("#phone")).ToHaveAttributeAsync("data-brightness", "0.5");
    }

    [PreviewFact]
    public async Task A_message_says_why_it_came_and_its_kind_can_be_switched_off()
    {
        var page = await _phone.OpenAsync("wang", "pages/inbox/list");
        await Screen(page).GetByText("有一份提醒等您查看").ClickAsync();
        await Expect(Screen(page).GetByText("为什么收到这条消息")).ToBeVisibleAsync();
        await Screen(page).GetByRole(AriaRole.Switch).ClickAsync();
        await UntilAsync(() => _api.Of("PUT /inbox/switches/refill").Count == 1);
        Assert.False((bool)_api.Of("PUT /inbox/switches/refill")[0].Body["on"]!);
        await Button(page, "去看用药计划").ClickAsync();
        await Expect(Screen(page).GetByText("今天的药")).ToBeVisibleAsync();
    }

    [PreviewFact]
    public async Task A_dose_of_zero_or_a_thousand_is_not_sent_and_a_right_one_is()
    {
        var page = await _phone.OpenAsync("wang", "pages/plan/line?id=l3");
        var amount = page.Locator("input");
        foreach (var wrong in new[] { "0", "1000", "abc", "<b>1" })
        {
            await amount.FillAsync(wrong);
            await Button(page, "保存用法").ClickAsync();
            await Expect(Screen(page).GetByText("每次用量请填 0 到 100 之间")).ToBeVisibleAsync();
        }

        await amount.FillAsync("0.5");
        // Three times a day are three, each at a time of its own.
        await Button(page, "加一次").ClickAsync();
        await Button(page, "加一次").ClickAsync();
        await Button(page, "保存用法").ClickAsync();
        await UntilAsync(() => _api.Of("PUT /care-plan/lines/l3/dose").Count == 1);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"amount":0.5,"unit":"片","timesPerDay":3,"times":["08:00","12:00","20:00"]}"""), Assert.Single(_api.Of("PUT /care-plan/lines/l3/dose")).Body));
    }

    [PreviewFact]
    public async Task Scripts_and_emoji_in_a_question_travel_as_text_and_a_photo_of_20_MB_stays_on_the_phone()
    {
        const string Text = "<script>alert(1)</script> 头晕 😵";
        var page = await _phone.OpenAsync("wang", "pages/case/new");
        await Screen(page).GetByPlaceholder("想问什么").FillAsync(Text);
        await Screen(page).GetByText("加照片").ClickAsync();
        using (var photo = new FileStream(_photo, FileMode.Create)) photo.SetLength(20 * 1024 * 1024);
        await page.Locator("input[type=file]").SetInputFilesAsync(_photo);
        await Expect(Screen(page).GetByText("照片不能超过 5 MB")).ToBeVisibleAsync();
        await Button(page, "提交").ClickAsync();

        await UntilAsync(() => _api.Of("POST /cases").Count == 1);
        Assert.Equal(Text, (string)_api.Of("POST /cases")[0].Body["text"]!);
        Assert.Empty(_api.Of("POST /photos"));
    }

    [PreviewFact]
    public async Task A_survey_is_sent_whole_with_its_version()
    {
        var page = await _phone.OpenAsync("wang", "pages/survey/answer");
        await Button(page, "提交").ClickAsync();
        await Expect(Screen(page).GetByText("还没有回答：")).ToBeVisibleAsync();
        await Screen(page).GetByRole(AriaRole.Button, new() { Name = "5 分" }).First.ClickAsync();
        await Screen(page).GetByRole(AriaRole.Button, new() { Name = "10 分" }).ClickAsync();
        await Screen(page).GetByText("离家近").ClickAsync();
        await Screen(page).GetByRole(AriaRole.Switch).ClickAsync();
        await Button(page, "提交").ClickAsync();
        await Expect(Screen(page).GetByText("谢谢您", new() { Exact = true })).ToBeVisibleAsync();
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"version":3,"anonymous":true,"answers":{"q1":5,"q2":10,"q3":"离家近"}}"""), Assert.Single(_api.Of("POST /surveys/s1/answers")).Body));
    }

    // The names of people stand beside the phone as well.
    private static ILocator Screen(IPage page) => page.Locator("#phone");

    private static ILocator Button(IPage page, string name) => Screen(page).GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition()) await Task.Delay(20, patience.Token);
    }
}
