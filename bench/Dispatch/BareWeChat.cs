using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Messaging.Campaigns;

namespace Engagement.Bench.Dispatch;

/// <summary>Subscribe messages, one a post, with the bodies that the worker's client writes for the same campaign.</summary>
internal sealed class BareWeChat : IPosts
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly byte[][] _bodies;

    private BareWeChat(HttpClient http, Uri address, byte[][] bodies) => (_http, _address, _bodies) = (http, address, bodies);

    public static async Task<BareWeChat> MakeAsync(HttpClient http, DispatchPlan plan, CancellationToken ct)
    {
        using var answer = await http.PostAsync("/cgi-bin/stable_token", new StringContent(JsonSerializer.Serialize(
            new { grant_type = "client_credential", appid = DemoSettings.AppId, secret = DemoSettings.AppSecret })), ct);
        using var token = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct));
        var address = new Uri(plan.Sandbox, $"/cgi-bin/message/subscribe/send?access_token={Uri.EscapeDataString(token.RootElement.GetProperty("access_token").GetString()!)}");
        var offer = DemoTemplates.Campaign(DemoCampaign.Lawful).Content;
        return new BareWeChat(http, address, [.. Enumerable.Range(0, plan.Total).Select(i => Body(offer, i))]);
    }

    public async ValueTask PostAsync(int index, CancellationToken ct)
    {
        using var content = new ByteArrayContent(_bodies[index]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } };
        using var answer = await _http.PostAsync(_address, content, ct);
        var text = await answer.Content.ReadAsByteArrayAsync(ct);
        if (!text.AsSpan().StartsWith("{\"errcode\":0"u8)) throw new InvalidOperationException("The sandbox refused a bare post.");
    }

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
