using Engagement.Messaging.Content;
using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Receipts;

/// <summary>The loop of what follows from pushes and needs WeChat's own answer: replies in chats, who a follower is, which templates there are.</summary>
internal sealed class WeChatErrands(
    Database database, ChatReplies replies, FollowerLinks followers, ProviderTemplates templates, Clocks clocks, ILogger<WeChatErrands> logger) : BackgroundService
{
    private static readonly TimeSpan s_tidy = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);
    private DateTimeOffset _tidyAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.ErrandFailed(logger, failure);
            }

            await Task.Delay(s_idle, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round. Tests call this, the loop repeats it.</summary>
    internal async Task RunOnceAsync(CancellationToken ct)
    {
        await replies.RunAsync(ct).ConfigureAwait(false);
        await followers.RunAsync(ct).ConfigureAwait(false);
        await templates.RefreshAsync(ct).ConfigureAwait(false);
        var now = clocks.System.GetUtcNow();
        if (now < _tidyAt) return;
        // A window that has closed tells nothing any more.
        await database.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM wechat_window WHERE until_at < @closed", new { closed = (now - s_tidy).ToUnixTimeMilliseconds() }), ct).ConfigureAwait(false);
        _tidyAt = now + s_tidy;
    }
}
