using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Engagement.Api.Demo;

/// <summary>The sandbox's control surface, as the demo uses it.</summary>
internal sealed class SandboxClient(Uri url) : IDisposable
{
    private const int Page = 5000;

    private readonly HttpClient _http = new() { BaseAddress = url };

    /// <summary>Tells it which accounts, templates, signatures and webhooks there are.</summary>
    public Task SetUpAsync(SandboxSetup setup, CancellationToken ct) => PutAsync("/_sandbox/setup", setup, ct);

    /// <summary>Tells it which subscribe messages members allow.</summary>
    public async Task GrantAsync(IReadOnlyList<SandboxGrant> grants, CancellationToken ct)
    {
        foreach (var part in grants.Chunk(Page)) await PostAsync("/_sandbox/grants", part, DemoJson.Default.SandboxGrantArray, ct);
    }

    /// <summary>Tells it which openids there are.</summary>
    public async Task KnowAsync(IReadOnlyList<string> openIds, CancellationToken ct)
    {
        foreach (var part in openIds.Chunk(Page)) await PostAsync("/_sandbox/openids", part, DemoJson.Default.StringArray, ct);
    }

    /// <summary>Tells it of a person and has it make a code, as the phone gets one by <c>wx.login</c> or by the phone button.</summary>
    public async Task<string> CodeAsync(SandboxPerson person, string kind, CancellationToken ct)
    {
        await PostAsync("/_sandbox/people", [person], DemoJson.Default.SandboxPersonArray, ct);
        using var answer = await _http.PostAsJsonAsync("/_sandbox/codes", new SandboxCodeWish(person.OpenId, kind), DemoJson.Default.SandboxCodeWish, ct);
        await RequireAsync(answer, ct);
        return (await answer.Content.ReadFromJsonAsync(DemoJson.Default.SandboxCode, ct))!.Code;
    }

    /// <summary>Its counters.</summary>
    public async Task<SandboxStats> StatsAsync(CancellationToken ct) =>
        (await _http.GetFromJsonAsync("/_sandbox/stats", DemoJson.Default.SandboxStats, ct))!;

    /// <summary>Every message that it accepted.</summary>
    public async Task<IReadOnlyList<SandboxMessage>> MessagesAsync(CancellationToken ct)
    {
        var all = new List<SandboxMessage>();
        long since = 0;
        while (true)
        {
            var page = (await _http.GetFromJsonAsync($"/_sandbox/messages?since={since}&limit={Page}", DemoJson.Default.SandboxMessages, ct))!;
            if (page.Messages.Count == 0) return all;
            all.AddRange(page.Messages);
            since = page.Next;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task PutAsync(string path, SandboxSetup body, CancellationToken ct)
    {
        using var answer = await _http.PutAsJsonAsync(path, body, DemoJson.Default.SandboxSetup, ct);
        await RequireAsync(answer, ct);
    }

    private async Task PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, type, ct);
        await RequireAsync(answer, ct);
    }

    private static async Task RequireAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"The sandbox refused {answer.RequestMessage?.RequestUri?.AbsolutePath}: {await answer.Content.ReadAsStringAsync(ct)}");
    }
}

internal sealed record SandboxSetup(
    [property: JsonPropertyName("wechat")] SandboxWeChat WeChat, SandboxAliyun Aliyun, SandboxReceipts Receipts);

internal sealed record SandboxWeChat(
    string AppId, string AppSecret, IReadOnlyList<SandboxWeChatTemplate> Templates, IReadOnlyList<string> Pages, SandboxWeChatPush? Push);

internal sealed record SandboxWeChatTemplate(string Id, string Title, int Type, IReadOnlyDictionary<string, string> Keywords);

internal sealed record SandboxWeChatPush(string Url, string Token, string Format);

internal sealed record SandboxAliyun(
    string AccessKeyId, string AccessKeySecret, IReadOnlyList<string> Signatures, IReadOnlyList<SandboxSmsTemplate> Templates, SandboxAliyunPush? Push);

internal sealed record SandboxSmsTemplate(string Code, string Text, string Type);

internal sealed record SandboxAliyunPush(string ReportUrl, string UpUrl);

internal sealed record SandboxReceipts(bool Enabled, int MinDelayMs, int MaxDelayMs);

internal sealed record SandboxGrant(string OpenId, string TemplateId, int Count)
{
    [JsonPropertyName("openid")]
    public string OpenId { get; init; } = OpenId;
}

internal sealed record SandboxPerson([property: JsonPropertyName("openid")] string OpenId, string Phone);

internal sealed record SandboxCodeWish([property: JsonPropertyName("openid")] string OpenId, string Kind);

internal sealed record SandboxCode(string Code);

internal sealed record SandboxStats(long Accepted, long Refused, IReadOnlyDictionary<string, long> ByChannel);

internal sealed record SandboxMessages(IReadOnlyList<SandboxMessage> Messages, long Next);

/// <summary>One accepted message in the sandbox's ledger.</summary>
internal sealed record SandboxMessage(long Seq, string Channel, string To, string? Reference, string? ProviderRef);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SandboxSetup))]
[JsonSerializable(typeof(SandboxGrant[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(SandboxPerson[]))]
[JsonSerializable(typeof(SandboxCodeWish))]
[JsonSerializable(typeof(SandboxCode))]
[JsonSerializable(typeof(SandboxStats))]
[JsonSerializable(typeof(SandboxMessages))]
[JsonSerializable(typeof(Summary))]
[JsonSerializable(typeof(DemoHistory.Loaded))]
internal sealed partial class DemoJson : JsonSerializerContext;
