using Engagement.Messaging.Channels.WeChat;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.EndToEnd.Chaos;

/// <summary>The judge sees what it is there for.</summary>
public sealed class ChaosOfTheJudge
{
    [Fact]
    public async Task One_deleted_row_and_one_doubled_send_are_one_lost_and_one_duplicate()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await (await ChaosWorld.MakeAsync(machine, 200)).MixAsync();
        machine.Serve("all", "Api,Worker");
        await machine.DrainedAsync();
        await machine.SettleAsync();
        var before = await machine.HoldsAsync();

        var sent = (await machine.LedgerAsync()).Where(line => line.Channel == "wechat_subscribe" && line.TemplateId == "TMPL-PROMO-0001").Take(2).ToList();
        await machine.ExecuteAsync("DELETE FROM message WHERE reference = @reference", new { reference = sent[0].Reference });
        var again = await machine.Services.GetRequiredService<IWeChatApi>().SendSubscribeAsync(new SubscribeMessage(
            sent[1].To, sent[1].TemplateId, $"pages/campaign/detail?ref={sent[1].Reference}",
            [new("thing1", "冬季护手周"), new("thing2", "第二件半价"), new("date3", "2026年12月04日"), new("thing4", "广告｜可在消息设置中关闭")]), CancellationToken.None);
        Assert.Equal("0", again.Code);

        var judgement = await ChaosJudge.JudgeAsync(machine);
        Assert.Single(judgement.Lost);
        Assert.Equal(1, judgement.Duplicates);
        Assert.Equal(2, judgement.PromotionalCopies);
        Assert.Equal(before.Messages, judgement.Messages);
    }
}
