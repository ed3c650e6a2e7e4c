using System.Text.Json;
using Engagement.Sandbox.Control;
using Microsoft.AspNetCore.WebUtilities;

namespace Engagement.Sandbox.WeChat;

/// <summary>What every business call passes before its own rules: method, token, rights, faults, quota, a body that is JSON.</summary>
internal sealed class WeChatGate(WeChatAccounts accounts, Faults faults, WeChatAnswer answer, TimeProvider system)
{
    /// <summary>Maps a call whose answer is ready at once.</summary>
    public void Map(IEndpointRouteBuilder app, string method, string path, AccountKind kinds, Func<WeChatCall, WeChatReply> act) =>
        MapAsync(app, method, path, kinds, call => answer.WriteAsync(call.Http, act(call)));

    /// <summary>Maps a call that writes its answer itself.</summary>
    public void MapAsync(IEndpointRouteBuilder app, string method, string path, AccountKind kinds, Func<WeChatCall, Task> act)
    {
        app.Map(path, async http =>
        {
            if (http.Request.Method != method && !(method == HttpMethods.Get && HttpMethods.IsPost(http.Request.Method)))
            {
                await answer.RefuseAsync(http, method == HttpMethods.Get ? WeChatError.GetRequired : WeChatError.PostRequired);
                return;
            }
            if (await PassAsync(http, path, kinds) is { } call) await act(call);
        });
    }

    /// <summary>The token of a request; without building a query collection, since most calls have this one parameter.</summary>
    public static ReadOnlySpan<char> TokenOf(HttpRequest request)
    {
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (pair.EncodedName.Span.SequenceEqual("access_token")) return pair.DecodeValue().Span;
        }
        return default;
    }

    // The call, or null after it has been answered.
    private async Task<WeChatCall?> PassAsync(HttpContext http, string path, AccountKind kinds)
    {
        var (account, refusal) = accounts.Check(TokenOf(http.Request));
        var (body, unreadable) = await ReadAsync(http);
        if (await SufferAsync(http, path)) return null;

        refusal ??= account!.Setup is not { } setup ? WeChatError.InvalidCredential
            : !kinds.HasFlag(account.Kind) ? WeChatError.Unauthorized
            : account.Quotas.Count(path, setup) ?? unreadable;
        if (refusal is null) return new WeChatCall(http, account!, body);
        await answer.RefuseAsync(http, refusal.Value);
        return null;
    }

    // A fault that is set for this very path; messages have faults of their own.
    private async Task<bool> SufferAsync(HttpContext http, string path)
    {
        var fault = faults.Draw(path);
        if (fault.LatencyMs > 0) await Task.Delay(TimeSpan.FromMilliseconds(fault.LatencyMs), system, CancellationToken.None);
        if (fault.ErrorCode is not { } code) return await AnswerLoss.SufferAsync(http, fault, system);
        await answer.RefuseForcedAsync(http, code);
        return true;
    }

    private static async Task<(JsonElement Body, WeChatError? Refusal)> ReadAsync(HttpContext http)
    {
        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        RidLog.KeepBody(http, bytes.ToArray());
        if (bytes.Length == 0) return (default, HttpMethods.IsPost(http.Request.Method) && http.Request.ContentType is not null ? WeChatError.EmptyBody : null);
        try
        {
            var body = JsonSerializer.Deserialize<JsonElement>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            return body.ValueKind == JsonValueKind.Object ? (body, null) : (default, WeChatError.NotJson);
        }
        catch (JsonException)
        {
            return (default, WeChatError.NotJson);
        }
    }
}
