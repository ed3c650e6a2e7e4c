using System.Net;
using System.Text;
using Engagement.Api.Member;
using Engagement.Api.Pos.Keys;
using Engagement.Api.Staff.SignIn;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;

namespace Engagement.Api.Hosting;

/// <summary>What every endpoint under <c>/api</c> shares: problem documents, strict JSON, limits, idempotency, and that none is without a guard.</summary>
/// <remarks>docs/security.md says how an endpoint is written.</remarks>
internal static class ApiSurface
{
    /// <summary>The prefix of all surfaces that people and tills call.</summary>
    public static readonly PathString Root = "/api";

    // Whose sign-in a surface takes. It must be known before the rate limits, which go by caller.
    private static readonly (PathString Prefix, string Scheme)[] s_schemes = [("/api/staff", StaffAuthentication.Scheme), ("/api/member", MemberAuthentication.Scheme), ("/api/pos", PosAuthentication.Name)];

    private const string ByPath = "ByPath";

    /// <summary>The largest body that an endpoint takes unless it says otherwise with its own <see cref="RequestSizeLimitAttribute"/>.</summary>
    public const long BodyLimit = 256 * 1024;

    public static IServiceCollection AddApiSurface(this IServiceCollection services)
    {
        services.AddProblemDetails().AddExceptionHandler<Faults>();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json => StrictJson.Apply(json.SerializerOptions));
        // A proxy on this machine may say whom it speaks for; nobody else is believed.
        services.Configure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto);
        services.AddAuthentication(ByPath).AddPolicyScheme(ByPath, null, policy => policy.ForwardDefaultSelector = http =>
            Array.Find(s_schemes, surface => http.Request.Path.StartsWithSegments(surface.Prefix, StringComparison.Ordinal)).Scheme ?? s_schemes[0].Scheme);
        services.AddSingleton<IdempotencyStore>().AddHostedService<IdempotencySweeper>();
        return services.AddProtection().AddRateLimits().AddDescription();
    }

    /// <summary>Puts the shared steps before the endpoints.</summary>
    public static void UseApiSurface(this WebApplication app)
    {
        app.UseForwardedHeaders();
        // wx.request knows no PATCH; it comes as a POST that says so.
        app.UseHttpMethodOverride();
        app.UseExceptionHandler();
        app.UseStatusCodePages(async bare =>
        {
            if (bare.HttpContext.Request.Path.StartsWithSegments(Root, StringComparison.Ordinal)) await Refusal(bare.HttpContext).Answer().ExecuteAsync(bare.HttpContext);
            else await bare.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new() { HttpContext = bare.HttpContext });
        });
        app.Use(GuardAsync);
        app.UseRouting();
        app.Use(SayGoodbyeAsync);
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseMiddleware<Idempotency>();
    }

    /// <summary>A repeated request with the same Idempotency-Key gets the first answer; without the header it is refused.</summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new IdempotentEndpoint());

    /// <summary>Opens an endpoint to callers without a sign-in, and says why; every endpoint under <c>/api</c> is either open or names its guard.</summary>
    public static TBuilder OpenTo<TBuilder>(this TBuilder endpoint, string why) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new OpenEndpoint(why));

    /// <summary>The group of one surface: its body limit holds for every endpoint in it.</summary>
    public static RouteGroupBuilder MapSurface(this WebApplication app, string prefix) => app.MapGroup(prefix).WithMetadata(new RequestSizeLimitAttribute(BodyLimit));

    // A guard that knows more than the bare status leaves its own words.
    private static Problem Refusal(HttpContext http) =>
        http.Features.Get<Problem>() is { } said && said.Status == http.Response.StatusCode ? said : Problems.Of(http.Response.StatusCode);

    private static Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments(Root, StringComparison.Ordinal)) return next(http);
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        if (!IsUtf8(http.Request.QueryString.Value)) return (Problems.TextInvalid with { More = new() { ["at"] = new System.Text.Json.Nodes.JsonObject { ["path"] = "query" } } }).Answer().ExecuteAsync(http);
        if (!IsUtf8(http.Request.GetTypedHeaders().ContentType)) return Problems.MediaType.Answer().ExecuteAsync(http);
        // A browser says where a request was made; our own pages are same-origin, everybody else's have no business here.
        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        var harmless = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        return !harmless && site is ("cross-site" or "same-site") ? Problems.CrossSite.Answer().ExecuteAsync(http) : next(http);
    }

    // The server hangs up after a body that is too large and that nobody read (the sender is a stranger, say). Without a word the next request over that
    // connection, which may be somebody else's behind a proxy, would be lost with it.
    private static Task SayGoodbyeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.ContentLength > http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
        {
            http.Response.OnStarting(static response =>
            {
                ((HttpResponse)response).Headers.Connection = "close";
                return Task.CompletedTask;
            }, http.Response);
        }

        return next(http);
    }

    // JSON is UTF-8 (RFC 8259); the framework would try whatever encoding is named, and throw at one that it does not know.
    private static bool IsUtf8(Microsoft.Net.Http.Headers.MediaTypeHeaderValue? type) =>
        type is null || !type.MediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase) || type.Charset.Length == 0 || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase);

    // The framework would put U+FFFD in place of broken bytes, and a search would then quietly find nothing.
    private static bool IsUtf8(string? query) =>
        string.IsNullOrEmpty(query) || !query.Contains('%', StringComparison.Ordinal)
        || System.Text.Unicode.Utf8.IsValid(WebUtility.UrlDecodeToBytes(Encoding.UTF8.GetBytes(query), 0, Encoding.UTF8.GetByteCount(query)));
}

/// <summary>Says of an endpoint under <c>/api</c> that nobody need be signed in for it.</summary>
/// <param name="Why">The reason, for reviewers.</param>
internal sealed record OpenEndpoint(string Why);
