using Engagement.Api.Demo;
using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Imports;
using Engagement.Messaging;
using Engagement.Messaging.Content;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Runs;
using Engagement.Storage;

namespace Engagement.Tests.Messaging;

/// <summary>Many members and their messages at once.</summary>
internal static class Crowd
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>So many members who can be reached by WeChat, each with one subscription for a kind, in our book and at WeChat.</summary>
    public static async Task<IReadOnlyList<MemberId>> CrowdAsync(this MessagingHouse house, string name, int count, MessageKind kind)
    {
        var openIds = Enumerable.Range(1, count).Select(i => $"o{name}{i:D4}").ToList();
        await house.Get<MemberImport>().RunAsync(Rows(house, name, openIds), new ImportOptions(WeChatAccount: DemoSettings.AppId), null, rejection => Assert.Fail(rejection.Reason.En), None);
        await house.Provider.KnowAsync(openIds, None);
        var template = MessagingHouse.Template(kind).Contents.WeChatSubscribe!.TemplateId;
        await house.Provider.GrantAsync([.. openIds.Select(openId => new SandboxGrant(openId, template, 1))], None);
        var members = (await house.QueryAsync<long>("SELECT member_id FROM member_identity WHERE openid IN @openIds ORDER BY openid", new { openIds })).ConvertAll(id => new MemberId(id));
        await house.Database.WriteAsync(tx => house.Get<GrantBook>().AddAsync(tx, [.. members.Select(member => (member, template, 1))]), None);
        return members;
    }

    /// <summary>A run with one message to each of them, due now.</summary>
    public static async Task<RunId> SayAsync(this MessagingHouse house, IReadOnlyList<MemberId> members, MessageKind kind)
    {
        var version = await house.Get<TemplateStore>().ApproveAsync(MessagingHouse.Template(kind), None);
        var notAfter = ChinaTime.At(house.Today, new TimeOnly(20, 0)).ToUnixTimeMilliseconds() - 1;
        var run = await house.Get<RunExpander>().ExpandAsync(new RunPlan("test", kind, version, house.Today),
            [.. members.Select(member => new Candidate(member, null, [$"{kind}:{member.Value}"], "{}", house.Clock.NowMs(), notAfter))], None);
        Assert.Equal(members.Count, run.Enqueued);
        return run.Id;
    }

    private static async IAsyncEnumerable<MemberRow> Rows(MessagingHouse house, string name, IReadOnlyList<string> openIds)
    {
        await Task.CompletedTask;
        foreach (var openId in openIds)
        {
            yield return new MemberRow
            {
                Source = "till", MemberNo = name + openId, Name = "王秀兰", StoreCode = "S1", Joined = "2024-05-01", OpenId = openId, Sex = "女",
                Consents = [new ConsentRow(Purpose.MarketingWeChat, true, house.Today - 300, "v1", "form")],
            };
        }
    }
}
