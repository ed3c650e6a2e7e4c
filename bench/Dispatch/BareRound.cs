using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Dispatch;

namespace Engagement.Bench.Dispatch;

/// <summary>The ceiling: the same posts, with ready bodies, from a plain loop with as many in flight. Nothing else is done.</summary>
internal static class BareRound
{
    private static readonly int s_inFlight = new DispatchOptions().InFlight;
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<RoundFigures> RunAsync(DispatchPlan plan, CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = s_inFlight }) { BaseAddress = plan.Sandbox };
        var address = await AddressAsync(http, ct);
        var offer = DemoTemplates.Campaign(DemoCampaign.Lawful).Content;
        var bodies = Enumerable.Range(0, plan.WarmUp + plan.Messages).Select(i => Body(offer, i)).ToArray();
        await PostAllAsync(http, address, bodies.AsMemory(0, plan.WarmUp), ct);
        await RoundFigures.WarmAsync(ct);

        var cpu = RoundFigures.Cpu();
        var started = Stopwatch.GetTimestamp();
        await PostAllAsync(http, address, bodies.AsMemory(plan.WarmUp), ct);
        return RoundFigures.Of(plan.Messages, Stopwatch.GetElapsedTime(started).TotalSeconds, cpu);
    }

    private static async Task PostAllAsync(HttpClient http, Uri address, ReadOnlyMemory<byte[]> bodies, CancellationToken ct)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, s_inFlight).Select(_ => LoopAsync()));

        async Task LoopAsync()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < bodies.Length;) await PostAsync(http, address, bodies.Span[i], ct);
        }
    }

    private static async Task PostAsync(HttpClient http, Uri address, byte[] body, CancellationToken ct)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } };
        using var answer = await http.PostAsync(address, content, ct);
        var text = await answer.Content.ReadAsByteArrayAsync(ct);
        if (!text.AsSpan().StartsWith("{\"errcode\":0"u8)) throw new InvalidOperationException("The sandbox refused a bare post.");
    }

    private static async Task<Uri> AddressAsync(HttpClient http, CancellationToken ct)
    {
        using var answer = await http.PostAsync("/cgi-bin/stable_token", new StringContent(JsonSerializer.Serialize(
            new { grant_type = "client_credential", appid = DemoSettings.AppId, secret = DemoSettings.AppSecret })), ct);
        using var token = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct));
        return new Uri(http.BaseAddress!, $"/cgi-bin/message/subscribe/send?access_token={Uri.EscapeDataString(token.RootElement.GetProperty("access_token").GetString()!)}");
    }

    // What the worker's client writes for the same campaign.
    private static byte[] Body(CampaignOffer offer, int i) =>
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            touser = $"o{i:000000}BenchOpenIdOfTheSandbox",
            template_id = "TMPL-PROMO-0001",
            page = $"pages/campaign/detail?ref={i:0000000000000000000000}",
            miniprogram_state = "formal",
            lang = "zh_CN",
            data = new
            {
                thing1 = new { value = offer.Name }, thing2 = new { value = offer.Offer }, date3 = new { value = "2026年12月04日" },
                thing4 = new { value = "广告｜可在消息设置中关闭" },
            },
        }, s_plain);
}
