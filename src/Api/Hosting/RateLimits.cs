using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Hosting;

/// <summary>How often somebody may call. Bound from <c>Limits</c>; refused at start when invalid.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Requests a minute from one address without a sign-in.</summary>
    /// <value>Default 300: a shop's members share its address.</value>
    [Range(1, 1_000_000)]
    public int PerAddress { get; set; } = 300;

    /// <summary>Requests a minute of one member or member of staff.</summary>
    /// <value>Default 240.</value>
    [Range(1, 1_000_000)]
    public int PerPerson { get; set; } = 240;

    /// <summary>Requests a minute of one API key.</summary>
    /// <value>Default 6,000: one key may serve the tills of a whole chain's till system.</value>
    [Range(1, 10_000_000)]
    public int PerKey { get; set; } = 6_000;

    /// <summary>Attempts a minute to sign in from one address.</summary>
    /// <value>Default 10.</value>
    [Range(1, 100_000)]
    public int SignIns { get; set; } = 10;
}

/// <summary>The limits of <see cref="LimitOptions"/>, by who calls. A principal of API keys names its scheme in <see cref="ApiKeys"/>.</summary>
internal static class RateLimits
{
    /// <summary>The authentication type of API keys.</summary>
    public const string ApiKeys = "ApiKey";

    /// <summary>The policy of what tries secrets: <c>.RequireRateLimiting(RateLimits.SignIn)</c>.</summary>
    public const string SignIn = "sign-in";

    private const int Segments = 6;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(Caller);
            limiter.AddPolicy(SignIn, http => Window("sign-in:" + Address(http), Options(http).SignIns));
            limiter.OnRejected = (rejected, _) =>
            {
                var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : s_window / Segments;
                rejected.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return new ValueTask(Problems.RateLimited.Answer().ExecuteAsync(rejected.HttpContext));
            };
        });
        return services;
    }

    private static RateLimitPartition<string> Caller(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments(ApiSurface.Root, StringComparison.Ordinal)) return RateLimitPartition.GetNoLimiter("");
        var options = Options(http);
        if (http.User.Identity is not { IsAuthenticated: true } identity) return Window("address:" + Address(http), options.PerAddress);
        var who = $"{identity.AuthenticationType}:{http.User.FindFirstValue(ClaimTypes.NameIdentifier)}";
        return Window(who, identity.AuthenticationType == ApiKeys ? options.PerKey : options.PerPerson);
    }

    private static RateLimitPartition<string> Window(string who, int limit) => RateLimitPartition.GetSlidingWindowLimiter(who, _ => new SlidingWindowRateLimiterOptions
    {
        PermitLimit = limit, Window = s_window, SegmentsPerWindow = Segments, QueueLimit = 0,
    });

    private static LimitOptions Options(HttpContext http) => http.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;

    private static string Address(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "?";
}
