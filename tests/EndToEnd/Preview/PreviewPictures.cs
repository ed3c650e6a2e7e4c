using static Microsoft.Playwright.Assertions;

namespace Engagement.EndToEnd.Preview;

/// <summary>Every page in every state, at 375 px and in large text: nothing throws, nothing sticks out, and a picture of each is taken.</summary>
/// <remarks><c>PREVIEW_IMAGES=docs/images/miniprogram ./test.sh PreviewPictures</c> renews those of the documentation.</remarks>
public sealed class PreviewPictures : IAsyncLifetime
{
    private MemberApiFake _api = null!;
    private PreviewPhone _phone = null!;

    public static TheoryData<string, string> Pages => new()
    {
        { "wang", "pages/home/index" }, { "visitor", "pages/home/index" }, { "wang", "pages/plan/index" }, { "zhao", "pages/plan/index" }, { "visitor", "pages/plan/index" },
        { "wang", "pages/coupon/wallet" }, { "wang", "pages/inbox/list" }, { "wang", "pages/me/index" }, { "visitor", "pages/me/index" }, { "wang", "pages/privacy/guide" }, { "wang", "pages/privacy/index" },
        { "wang", "pages/privacy/data" }, { "visitor", "pages/signin/index" }, { "wang", "pages/profile/index" }, { "wang", "pages/settings/index" }, { "wang", "pages/code/index" },
        { "wang", "pages/points/index" }, { "wang", "pages/points/catalogue" }, { "wang", "pages/tier/index" }, { "wang", "pages/coupon/centre" }, { "wang", "pages/coupon/detail?id=c1" },
        { "wang", "pages/coupon/detail?id=c2" }, { "wang", "pages/coupon/rules" }, { "wang", "pages/campaign/detail?message=i3" }, { "li", "pages/benefit/birthday" }, { "wang", "pages/benefit/birthday" }, { "wang", "pages/referral/index" },
        { "wang", "pages/store/list" }, { "wang", "pages/plan/today" }, { "wang", "pages/plan/line?id=l1" }, { "wang", "pages/plan/line?id=l3" }, { "wang", "pages/plan/add" }, { "wang", "pages/plan/measure" },
        { "wang", "pages/plan/health" }, { "wang", "pages/plan/enrol" }, { "wang", "pages/plan/enrol?code=AB12" }, { "wang", "pages/inbox/detail?id=i1" }, { "wang", "pages/tip/list" },
        { "wang", "pages/tip/detail?id=t1" }, { "wang", "pages/survey/list" }, { "wang", "pages/survey/answer?id=s1" }, { "wang", "pages/case/list" }, { "wang", "pages/case/new" },
        { "wang", "pages/case/detail?id=k1" }, { "wang", "pages/case/detail?id=k2" }, { "wang", "pages/recall/detail" }, { "wang", "pages/recall/detail?code=B20260901" },
    };

    public static TheoryData<string> Lists =>
    [
        "pages/coupon/wallet", "pages/inbox/list", "pages/plan/index", "pages/plan/today", "pages/plan/line?id=l1", "pages/plan/measure", "pages/points/index", "pages/points/catalogue", "pages/coupon/centre", "pages/campaign/detail",
        "pages/store/list", "pages/tip/list", "pages/survey/list", "pages/survey/answer", "pages/case/list", "pages/privacy/data", "pages/settings/index",
    ];

    public async Task InitializeAsync()
    {
        if (PreviewBuild.Missing is not null) return;
        PreviewBuild.Ensure();
        _api = await MemberApiFake.StartAsync();
        _phone = await PreviewPhone.StartAsync(_api.Url);
    }

    public async Task DisposeAsync()
    {
        if (_api is null) return;
        await _phone.DisposeAsync();
        await _api.DisposeAsync();
        Assert.Empty(_phone.Errors);
    }

    [PreviewTheory]
    [MemberData(nameof(Pages))]
    public async Task A_page_fits_at_375_px_and_in_large_text(string who, string path)
    {
        foreach (var large in new[] { false, true })
        {
            var page = await _phone.OpenAsync(who, path, large);
            await PreviewPhone.LoadedAsync(page);
            Assert.Equal(0, await PreviewPhone.StickingOutAsync(page));
            await PreviewPhone.ShootAsync(page, Name(path, who == "wang" ? "" : who, large ? "large" : ""));
            await page.Context.CloseAsync();
        }
    }

    [PreviewTheory]
    [MemberData(nameof(Lists))]
    public async Task A_page_with_nothing_to_show_says_so(string path)
    {
        var page = await _phone.OpenAsync("nobody", path);
        await PreviewPhone.LoadedAsync(page);
        await Expect(page.Locator(".note.inside").First).ToBeVisibleAsync();
        await PreviewPhone.ShootAsync(page, Name(path, "empty", ""));
    }

    [PreviewFact]
    public async Task Every_page_that_loads_something_says_when_it_failed_and_loads_again_on_a_tap()
    {
        // These ask for nothing before a person does.
        var quiet = new[] { "pages/signin/index", "pages/plan/add", "pages/plan/enrol", "pages/case/new", "pages/recall/detail", "pages/privacy/guide", "pages/coupon/rules" };
        foreach (var path in Pages.Select(row => (string)row[1]).Where(path => !quiet.Contains(path)).Distinct())
        {
            var page = await _phone.OpenAsync(MemberApiFake.Broken, path);
            await Expect(page.Locator("#phone").GetByText("系统正忙，请稍后再试")).ToBeVisibleAsync();
            var before = _api.Requests.Count;
            await page.Locator("#phone").GetByText("再试一次").ClickAsync();
            await Expect(page.Locator("#phone").GetByText("系统正忙，请稍后再试")).ToBeVisibleAsync();
            Assert.True(_api.Requests.Count > before, path);
            if (path == "pages/home/index") await PreviewPhone.ShootAsync(page, Name(path, "error", ""));
            await page.Context.CloseAsync();
        }
    }

    [PreviewFact]
    public async Task A_page_that_waits_shows_where_things_will_be()
    {
        var gate = _api.Held["GET /home"] = new TaskCompletionSource();
        var page = await _phone.OpenAsync("wang", "pages/home/index");
        await Expect(page.GetByLabel("正在载入")).ToBeVisibleAsync();
        await PreviewPhone.ShootAsync(page, Name("pages/home/index", "loading", ""));
        gate.SetResult();
        await Expect(page.Locator("#phone").GetByText("王秀兰")).ToBeVisibleAsync();
    }

    [PreviewFact]
    public void Every_page_of_the_mini_program_is_pictured()
    {
        var pages = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(DemoFolder.Root, "miniprogram-stub", "miniprogram", "app.json")))!["pages"]!.AsArray().Select(page => (string)page!);

        Assert.Equal(pages.Order(StringComparer.Ordinal), Pages.Select(row => ((string)row[1]).Split('?')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    private static string Name(string path, string state, string size)
    {
        var (page, query) = (path.Split('?')[0]["pages/".Length..].Replace('/', '-').Replace("-index", "", StringComparison.Ordinal), path.Split('=').Skip(1).FirstOrDefault() ?? "");
        return string.Join('-', new[] { page, query.ToLowerInvariant(), state, size }.Where(part => part.Length > 0));
    }
}
