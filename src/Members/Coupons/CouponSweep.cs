using Engagement.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Members.Coupons;

/// <summary>Brings states after the clock: reservations that ran out are let go, coupons past their last day are shown as expired.</summary>
/// <remarks>Nothing waits for it: tills and wallets look at the instants. It gives budgets back what expired coupons will not cost.</remarks>
internal sealed class CouponSweep(Database database, Clocks clocks, IOptions<CouponOptions> options, ILogger<CouponSweep> logger) : BackgroundService
{
    private const int Batch = 500;

    private const string SelectLapsed = "SELECT id, coupon_id FROM coupon_redemption WHERE state = 1 AND reserved_until <= @now ORDER BY reserved_until LIMIT @limit";

    private const string SelectExpired = "SELECT id, definition_id, face_fen FROM coupon WHERE state = 1 AND valid_until <= @now ORDER BY valid_until LIMIT @limit";

    private const string Expire = "UPDATE coupon SET state = 4 WHERE id = @p0 AND state = 1 AND valid_until <= @p1";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.SweepInterval, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                while (!stoppingToken.IsCancellationRequested && await RunOnceAsync(stoppingToken).ConfigureAwait(false) >= Batch) continue;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.SweepFailed(logger, failure);
            }
        }
    }

    /// <summary>Sweeps one batch of each; how many rows that was. Tests call this, the loop repeats it.</summary>
    internal Task<int> RunOnceAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var now = clocks.Business.NowMs();
        var lapsed = await tx.QueryAsync<(long Redemption, long Coupon)>(SelectLapsed, new { now, limit = Batch }).ConfigureAwait(false);
        foreach (var (redemption, coupon) in lapsed) await tx.LetGoAsync(redemption, coupon, RedemptionState.Lapsed).ConfigureAwait(false);

        var expired = await tx.QueryAsync<(long Id, long Definition, long Fen)>(SelectExpired, new { now, limit = Batch }).ConfigureAwait(false);
        var spared = new Dictionary<long, long>();
        await tx.ExecuteManyAsync(Expire, 2, expired, (coupon, values) => (values[0], values[1]) = (coupon.Id, now), (coupon, changed) =>
        {
            if (changed > 0) spared[coupon.Definition] = spared.GetValueOrDefault(coupon.Definition) + coupon.Fen;
        }).ConfigureAwait(false);
        foreach (var (definition, fen) in spared.OrderBy(spare => spare.Key)) await tx.CommitFenAsync(definition, -fen).ConfigureAwait(false);
        return Math.Max(lapsed.Count, expired.Count);
    }, ct);
}
