using System.Net.Http.Json;
using Engagement.Api.Demo;

namespace Engagement.EndToEnd.Chaos;

/// <summary>Providers that take a message and do not say so, and receipts that come when and as often as they like.</summary>
public sealed class ChaosOfProviders
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_was_taken_and_never_answered_is_not_sent_again_unless_the_provider_knows_nothing_of_it()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync(("WeChat:SendTimeout", "00:00:00.5"), ("Sms:Aliyun:SendTimeout", "00:00:00.5"));
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        // A connection that is cut was used before, by the same client: nothing repeats the request behind our back.
        await machine.FaultsAsync(new { acceptThenTimeoutShare = 0.04, dropAfterAcceptShare = 0.1, seed = 1 });
        machine.Serve("all", "Api,Worker");

        await machine.UntilAsync("sends fall in doubt", s_patience, async () => await machine.ScalarAsync<long>("SELECT COUNT(*) FROM message WHERE state = 8") > 0);
        await machine.DrainedAsync();
        await machine.FaultsAsync(new { });
        await machine.SettleAsync();
        await machine.HoldsAsync();
    }

    [Fact]
    public async Task Receipts_before_answers_twice_late_and_contrary_change_no_end()
    {
        await using var machine = await ChaosMachine.EmbeddedAsync();
        await (await ChaosWorld.MakeAsync(machine, 600)).MixAsync();
        await machine.FaultsAsync(new { channel = "wechat_subscribe", receiptBeforeResponse = true, duplicateReceiptsShare = 0.3, seed = 2 });
        await machine.FaultsAsync(new { channel = "aliyun_sms", duplicateReceiptsShare = 0.3, lateReceiptsShare = 0.3, lateReceiptMs = 1500, seed = 3 });
        machine.Serve("all", "Api,Worker");

        await machine.DrainedAsync();
        var arrived = (await machine.LedgerAsync()).Where(line => line.Channel == "aliyun_sms" && line.Status == "delivered").Take(20).ToList();
        await PushAsync(machine, arrived, "UNDELIV");
        await machine.SettleAsync();

        Assert.Equal(20, arrived.Count);
        Assert.Equal(0, (await machine.HoldsAsync()).InDoubt);
    }

    // As the provider would push it, once it has changed its mind.
    private static async Task PushAsync(ChaosMachine machine, IEnumerable<LedgerLine> lines, string code)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var now = machine.Installation.Business.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
        using var answer = await http.PostAsJsonAsync($"{machine.Url}/webhooks/sms/aliyun/{DemoSettings.WebhookSecret}/report", lines.Select(line => new
        {
            phone_number = line.To, biz_id = line.ProviderRef, out_id = line.Reference, success = false, err_code = code, err_msg = code, sms_size = "1",
            send_time = $"{now:yyyy-MM-dd HH:mm:ss}", report_time = $"{now:yyyy-MM-dd HH:mm:ss}",
        }));
        answer.EnsureSuccessStatusCode();
    }
}
