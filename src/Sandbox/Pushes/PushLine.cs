using System.Threading.Channels;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.Pushes;

/// <summary>
/// One webhook's line: takes what is due, posts it with a few hands at once, and repeats what was not taken. What a push
/// looks like, and when it counts as taken, is the provider's affair.
/// </summary>
internal abstract class PushLine(PushQueue queue, Counters counters, TimeProvider clock, int hands, int batch) : BackgroundService
{
    // One pool for all lines; the time limit is per push, and a webhook that redirects is a webhook that is wrong.
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 1 << 20,
    };

    public int Pending => queue.Pending;

    public void Add(PushItem item, TimeSpan delay) => queue.Add(item, delay);

    public void Clear() => queue.Clear();

    /// <summary>Pushes one item at once, before the caller goes on.</summary>
    public Task PushNowAsync(PushItem item, CancellationToken ct) => PushAsync([item], ct);

    /// <summary>The request that carries the items; <c>null</c> when there is nobody to tell, or nothing left to tell.</summary>
    protected abstract HttpRequestMessage? Build(IReadOnlyList<PushItem> items);

    /// <summary>Whether the answer says that the items were taken.</summary>
    protected abstract Task<bool> IsTakenAsync(HttpResponseMessage response, CancellationToken ct);

    protected abstract TimeSpan TimeLimit { get; }

    /// <summary>How long after the failed attempt (1 = the first) the next one comes; <c>null</c> = none.</summary>
    protected abstract TimeSpan? WaitAfter(int attempt);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var work = System.Threading.Channels.Channel.CreateBounded<List<PushItem>>(new BoundedChannelOptions(hands) { SingleWriter = true });
        var posting = Enumerable.Range(0, hands).Select(_ => PostAllAsync(work.Reader, stoppingToken)).ToArray();
        try
        {
            while (true) await work.Writer.WriteAsync(await queue.TakeAsync(batch, stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            work.Writer.Complete();
        }
        await Task.WhenAll(posting);
    }

    private async Task PostAllAsync(ChannelReader<List<PushItem>> work, CancellationToken ct)
    {
        try
        {
            await foreach (var items in work.ReadAllAsync(ct))
            {
                await PushAsync(items, ct);
                queue.Settle(items.Count);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopping: what is still in the queue is forgotten with the process.
        }
    }

    private async Task PushAsync(List<PushItem> items, CancellationToken ct)
    {
        using var request = Build(items);
        if (request is null) return;
        if (await PostAsync(request, response => IsTakenAsync(response, ct), ct)) counters.CountPushed(items.Count);
        else Repeat(items);
    }

    /// <summary>Sends within the time limit; <c>false</c> also when there is no answer.</summary>
    protected async Task<bool> PostAsync(HttpRequestMessage request, Func<HttpResponseMessage, Task<bool>> isGood, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            return await isGood(response);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException
            || (failure is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    private void Repeat(List<PushItem> items)
    {
        foreach (var item in items)
        {
            var attempt = item.Attempt + 1;
            if (WaitAfter(attempt) is { } wait) queue.Add(item with { Attempt = attempt }, wait);
            else counters.CountPushFailed(1);
        }
    }
}
