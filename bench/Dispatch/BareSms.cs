using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Api.Demo;
using Engagement.Messaging.Channels.Sms.Aliyun;

namespace Engagement.Bench.Dispatch;

/// <summary>SendBatchSms with a hundred messages a post, signed beforehand.</summary>
internal sealed class BareSms : IPosts
{
    public const int Size = 100;

    private const string Action = "SendBatchSms";
    private const string Form = "application/x-www-form-urlencoded";
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _http;
    private readonly Post[] _posts;

    public BareSms(HttpClient http, DispatchPlan plan)
    {
        _http = http;
        var sample = DemoTemplates.All.First(t => t.Code == DemoTemplates.Campaign(DemoCampaign.Lawful).Template).Contents.Sms!;
        _posts = [.. Enumerable.Range(0, plan.Total / Size).Select(i => Ready(plan.Sandbox, sample.TemplateCode, sample.SignName, i))];
    }

    public async ValueTask PostAsync(int index, CancellationToken ct)
    {
        var post = _posts[index];
        using var request = new HttpRequestMessage(HttpMethod.Post, post.Address)
        {
            Content = new ByteArrayContent(post.Body) { Headers = { ContentType = new MediaTypeHeaderValue(Form) } },
        };
        foreach (var (name, value) in post.Headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _http.SendAsync(request, ct);
        var text = await answer.Content.ReadAsByteArrayAsync(ct);
        if (text.AsSpan().IndexOf("\"Code\":\"OK\""u8) < 0) throw new InvalidOperationException("The sandbox refused a bare batch.");
    }

    private static Post Ready(Uri sandbox, string template, string sign, int index)
    {
        var offer = DemoTemplates.Campaign(DemoCampaign.Lawful).Content;
        var query = Acs3Signature.Query(("TemplateCode", template), ("OutId", $"{index:0000000000000000000000}"));
        var numbers = Enumerable.Range(index * Size, Size);
        var body = Encoding.ASCII.GetBytes(Acs3Signature.Query(
            ("PhoneNumberJson", Json(numbers.Select(i => $"19900{i:000000}"))),
            ("SignNameJson", Json(numbers.Select(_ => sign))),
            ("TemplateParamJson", Json(numbers.Select(_ => new { name = offer.Name, offer = offer.Offer })))));
        var call = new Acs3Call(Action, sandbox.Authority, "/", query, TimeProvider.System.GetUtcNow(), RandomNumberGenerator.GetHexString(32, lowercase: true), Acs3Signature.HashOf(body), Form);
        return new Post(
            new Uri($"{sandbox.AbsoluteUri.TrimEnd('/')}/?{query}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }), body,
            [
                ("x-acs-action", Action), ("x-acs-version", Acs3Signature.Version), ("x-acs-date", call.DateText), ("x-acs-signature-nonce", call.Nonce),
                ("x-acs-content-sha256", call.BodyHash), ("Authorization", Acs3Signature.Authorize(call, DemoSettings.AccessKeyId, DemoSettings.AccessKeySecret)),
            ]);
    }

    private static string Json<T>(IEnumerable<T> values) => JsonSerializer.Serialize(values, s_plain);

    private sealed record Post(Uri Address, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers);
}
