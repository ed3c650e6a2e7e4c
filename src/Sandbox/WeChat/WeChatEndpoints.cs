using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Microsoft.AspNetCore.WebUtilities;

namespace Engagement.Sandbox.WeChat;

/// <summary>WeChat's own paths. Handlers are bare request delegates: a benchmark sends tens of thousands of requests a second through them.</summary>
internal sealed class WeChatEndpoints(
    SandboxOptions options, CurrentSetup setup, AccessTokens tokens, SubscribeSend sending, MessageLedger ledger,
    Counters counters, Faults faults, Receipts receipts, WeChatAnswer answer, SandboxClock clock, TimeProvider system)
{
    // Openids with a request under way: a second one at the same time is refused.
    private readonly ConcurrentDictionary<string, bool> _inFlight = new(StringComparer.Ordinal);

    // 64 bits, beyond what a double holds, and rising.
    private long _lastMsgId = 3_000_000_000_000_000_000 + clock.GetUtcNow().ToUnixTimeSeconds() * 100_000_000;

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/cgi-bin/token", PlainToken);
        app.MapPost("/cgi-bin/stable_token", StableToken);
        app.MapGet("/cgi-bin/stable_token", http => answer.RefuseAsync(http, WeChatError.PostRequired));
        app.MapPost("/cgi-bin/message/subscribe/send", SubscribeSendAsync);
        app.MapGet("/cgi-bin/message/subscribe/send", http => answer.RefuseAsync(http, WeChatError.PostRequired));
    }

    private Task PlainToken(HttpContext http)
    {
        var query = http.Request.Query;
        var refusal = CredentialFault(query["grant_type"], query["appid"], query["secret"], stable: false);
        return refusal is { } error ? answer.RefuseAsync(http, error) : TokenAsync(http, tokens.NewPlain());
    }

    private async Task StableToken(HttpContext http)
    {
        var request = await ReadTokenRequestAsync(http);
        if (request is null)
        {
            await answer.RefuseAsync(http, WeChatError.NotJson);
        }
        else if (CredentialFault(request.GrantType, request.AppId, request.Secret, stable: true) is { } error)
        {
            await answer.RefuseAsync(http, error);
        }
        else if ((request.ForceRefresh ? tokens.ForceStable() : tokens.CurrentStable()) is { } token)
        {
            await TokenAsync(http, token);
        }
        else
        {
            await answer.RefuseAsync(http, WeChatError.DailyLimit);
        }
    }

    private WeChatError? CredentialFault(string? grantType, string? appId, string? secret, bool stable)
    {
        if (grantType != "client_credential") return WeChatError.InvalidGrantType;
        if (string.IsNullOrEmpty(appId)) return WeChatError.MissingAppId;
        if (string.IsNullOrEmpty(secret)) return WeChatError.MissingSecret;
        if (setup.WeChat is not { } app || app.AppId != appId) return WeChatError.InvalidAppId;
        if (app.AppSecret == secret) return null;
        // The old endpoint calls a well-formed wrong secret 40001, the stable one knows only 40125.
        return stable || secret.Length != app.AppSecret.Length ? WeChatError.InvalidSecret : WeChatError.WrongSecret;
    }

    private static Task TokenAsync(HttpContext http, TokenGrant token) =>
        WeChatAnswer.JsonAsync(http, $$"""{"access_token":"{{token.Text}}","expires_in":{{token.ExpiresIn}}}""");

    private static async Task<TokenRequest?> ReadTokenRequestAsync(HttpContext http)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<TokenRequest>(http.Request.Body, TokenJson, http.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task SubscribeSendAsync(HttpContext http)
    {
        if (tokens.Check(TokenOf(http.Request)) is { } tokenError)
        {
            await answer.RefuseAsync(http, tokenError);
            return;
        }
        if (await ReadAsync(http.Request.BodyReader, http.RequestAborted) is not { } request)
        {
            await answer.RefuseAsync(http, WeChatError.NotJson);
            return;
        }
        if (options.Fast || request.ToUser.Length == 0)
        {
            await SendAsync(http, request);
        }
        else if (_inFlight.TryAdd(request.ToUser, true))
        {
            try
            {
                await SendAsync(http, request);
            }
            finally
            {
                _inFlight.TryRemove(request.ToUser, out _);
            }
        }
        else
        {
            await answer.RefuseAsync(http, WeChatError.Overlap);
        }
    }

    private async Task SendAsync(HttpContext http, SubscribeRequest request)
    {
        var fault = faults.Draw(Channel.WeChatSubscribe);
        // A client that has gone away meanwhile does not undo what it sent.
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), system, CancellationToken.None);

        var refusal = fault.ErrorCode is { } code ? WeChatError.Forced(code) : options.Fast ? null : sending.Refusal(request);
        if (refusal is { } error)
        {
            await answer.RefuseAsync(http, error);
            return;
        }

        var msgId = Interlocked.Increment(ref _lastMsgId);
        var seq = ledger.Append(Entry(request, msgId.ToString(CultureInfo.InvariantCulture)));
        counters.CountAccepted(Channel.WeChatSubscribe, 1);
        await receipts.PlanAsync(Channel.WeChatSubscribe, seq, fault.ReceiptBeforeResponse, CancellationToken.None);
        if (await AnswerLoss.SufferAsync(http, fault.Answer, system)) return;
        await WeChatAnswer.AcceptedAsync(http, msgId);
    }

    private LedgerEntry Entry(SubscribeRequest request, string msgId) => options.Fast
        ? new LedgerEntry(Channel.WeChatSubscribe, DeliveryStatus.Accepted, clock.GetUtcNow().ToUnixTimeMilliseconds(),
            request.ToUser, request.TemplateId, request.Reference, msgId)
        : sending.Describe(request, msgId);

    private async ValueTask<SubscribeRequest?> ReadAsync(PipeReader body, CancellationToken ct)
    {
        var read = await body.ReadAsync(ct);
        while (!read.IsCompleted)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(ct);
        }
        var request = SubscribeRequest.Parse(read.Buffer, withData: !options.Fast);
        body.AdvanceTo(read.Buffer.End);
        return request;
    }

    // Without building a query collection: most calls have this one parameter.
    private static ReadOnlySpan<char> TokenOf(HttpRequest request)
    {
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (pair.EncodedName.Span.SequenceEqual("access_token")) return pair.DecodeValue().Span;
        }
        return default;
    }

    private static readonly JsonSerializerOptions TokenJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record TokenRequest(
        string? GrantType,
        [property: System.Text.Json.Serialization.JsonPropertyName("appid")] string? AppId,
        string? Secret,
        bool ForceRefresh = false);
}
