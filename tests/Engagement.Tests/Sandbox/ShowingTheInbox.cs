using System.Text.RegularExpressions;

namespace Engagement.Tests.Sandbox;

public sealed class ShowingTheInbox
{
    [Fact]
    public async Task The_page_is_one_document_that_loads_nothing_and_never_inserts_text_as_markup()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        using var answer = await sandbox.Http.GetAsync("/");
        var html = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex(@"(src|href)=""(?!data:,"")|https?://|@import|url\("), html);
        Assert.DoesNotMatch(new Regex("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\("), html);
        Assert.DoesNotContain("/*STYLE*/", html, StringComparison.Ordinal);
        foreach (var word in new[] { "进入小程序查看", "回复 R", "允许再次提醒", "拒收", "Open in mini-program" }) Assert.Contains(word, html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_path_is_shared_with_the_SMS_provider()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        Assert.Equal("MissingParameter", AliyunCaller.CodeOf(await sandbox.GetAsync("/?Action=SendSms")));
        Assert.Equal("MissingParameter", AliyunCaller.CodeOf(await sandbox.PostAsync("/", new { })));
    }
}
