using System.Buffers;
using System.Collections.Concurrent;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.WeChat;

/// <summary>WeChat's own paths. Sending is a bare request delegate: a benchmark sends tens of thousands of messages a second through it.</summary>
internal sealed class WeChatEndpoints(
    SandboxOptions options, WeChatAccounts accounts, SubscribeSend sending, SendDesk desk, WeChatAnswer answer, WeChatGate gate, TokenCalls tokens,
    SignInCalls signIn, TemplateCalls templates, OfficialTemplateCalls officialTemplates, CustomerServiceCalls customerService, FollowerCalls followers,
    LinkCalls links, ContentCheckCalls contentCheck, QuotaCalls quotas)
{
    private const string SubscribePath = "/cgi-bin/message/subscribe/send";

    // Openids with a request under way: a second one at the same time is refused.
    private readonly ConcurrentDictionary<string, bool> _inFlight = new(StringComparer.Ordinal);

    public void Map(IEndpointRouteBuilder app)
    {
        tokens.Map(app);
        app.MapPost(SubscribePath, SubscribeSendAsync);
        app.MapGet(SubscribePath, http => answer.RefuseAsync(http, WeChatError.PostRequired));
        signIn.Map(app, gate);
        templates.Map(app, gate);
        officialTemplates.Map(app, gate);
        customerService.Map(app, gate);
        followers.Map(app, gate);
        links.Map(app, gate);
        contentCheck.Map(app, gate);
        quotas.Map(app, gate);
    }

    private async Task SubscribeSendAsync(HttpContext http)
    {
        if (CallerRefusal(http) is { } callerError)
        {
            await answer.RefuseAsync(http, callerError);
            return;
        }
        if (await ReadAsync(http) is not { } request)
        {
            await answer.RefuseAsync(http, WeChatError.NotJson);
            return;
        }
        var message = new SubscribeMessage(options, sending, request);
        if (options.Fast || request.ToUser.Length == 0)
        {
            await desk.SendAsync(http, message);
        }
        else if (_inFlight.TryAdd(request.ToUser, true))
        {
            try
            {
                await desk.SendAsync(http, message);
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

    private WeChatError? CallerRefusal(HttpContext http)
    {
        var (account, refusal) = accounts.Check(WeChatGate.TokenOf(http.Request));
        return refusal
            ?? (account!.Kind != AccountKind.MiniProgram ? WeChatError.Unauthorized
                : options.Fast || account.Setup is not { } setup ? null
                : account.Quotas.Count(SubscribePath, setup));
    }

    private async ValueTask<SubscribeRequest?> ReadAsync(HttpContext http)
    {
        var body = http.Request.BodyReader;
        var read = await body.ReadAsync(http.RequestAborted);
        while (!read.IsCompleted)
        {
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await body.ReadAsync(http.RequestAborted);
        }
        if (!options.Fast) RidLog.KeepBody(http, read.Buffer.ToArray());
        var request = SubscribeRequest.Parse(read.Buffer, withData: !options.Fast);
        body.AdvanceTo(read.Buffer.End);
        return request;
    }

    private sealed class SubscribeMessage(SandboxOptions options, SubscribeSend sending, SubscribeRequest request) : IWeChatMessage
    {
        public Channel Channel => Channel.WeChatSubscribe;

        public WeChatError? Refusal() => sending.Refusal(request);

        public LedgerEntry Describe(string msgId) => options.Fast ? sending.Note(request, msgId) : sending.Describe(request, msgId);
    }
}
