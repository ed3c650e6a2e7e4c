using Engagement.Api.Member;
using Engagement.Api.Pos;
using Engagement.Api.Preview;
using Engagement.Api.Staff;
using Engagement.Api.Staff.SignIn;
using Engagement.Api.Webhooks;
using Engagement.Members;
using Engagement.Members.CarePlans;
using Engagement.Members.Cases;
using Engagement.Members.Coupons;
using Engagement.Members.Tills;
using Engagement.Messaging;
using Engagement.Storage;
using Engagement.Storage.Cluster;

namespace Engagement.Api.Hosting;

/// <summary>The composition on one screen; tests build the same.</summary>
internal static class EngagementApp
{
    /// <summary>How long a stop may take: lanes that are full, sixteen turns at the wire, and each send at its time-out of 5 s, with time to write it down.</summary>
    public static readonly TimeSpan LongestStop = TimeSpan.FromMinutes(2);

    /// <summary>Builds the host of an opened installation.</summary>
    /// <param name="installation">The installation; the caller disposes it after the host.</param>
    /// <param name="url">Where to listen, for example <c>http://127.0.0.1:5080</c>.</param>
    /// <param name="role">What this process does.</param>
    /// <param name="schedule">Whether it runs the daily automations by itself.</param>
    /// <param name="quiet">Whether only warnings and worse are logged.</param>
    public static WebApplication Build(Installation installation, string url, Role role, bool schedule, bool quiet = false)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddConfiguration(installation.Settings);
        builder.WebHost.UseUrls(url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(quiet ? LogLevel.Warning : LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Diagnostics", LogLevel.Error);

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestStop);
        installation.Register(builder.Services);
        builder.Services.AddHeartbeat(role).AddHostedService<NumberKeeper>();
        if (role.HasFlag(Role.Api)) builder.Services.AddImportDesk();
        if (role.HasFlag(Role.Worker)) builder.Services.AddWorker().AddPointsWorker().AddCaseEscalation().AddRedoseSweep().AddCouponSweep().AddTillWatch().AddPrivacyWorker();
        if (role.HasFlag(Role.Worker) && schedule) builder.Services.AddScheduler();
        var demo = DemoSignIn.Allowed(installation.Settings, installation.Keys, Settings.Database(installation.Settings).Provider);
        builder.Services.AddApiSurface().AddStaff().AddMemberSurface().AddPos(demo).AddReadiness();
        if (demo) builder.Services.AddSingleton<PreviewPeople>();

        var app = builder.Build();
        app.UseApiSurface();
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        app.MapReadiness("/health/ready");
        app.MapOpenApi();
        if (!role.HasFlag(Role.Api)) return app;
        app.MapGroup("/webhooks").MapWeChat().MapSms();
        MapStaff(app.MapSurface("/api/staff"), demo);
        MapMember(app.MapSurface("/api/member").RefusesAsIn(typeof(MemberProblems)));
        MapPos(app.MapSurface("/api/pos").RefusesAsIn(typeof(PosProblems)));
        if (demo) app.MapPreview();
        EndpointGuard.Check(app);
        return app;
    }

    /// <summary>Starts a host. One whose start fails or is cut short is stopped in order: its worker may be sending already.</summary>
    public static async Task StartAsync(WebApplication app, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    private static void MapStaff(RouteGroupBuilder staff, bool demo)
    {
        staff.MapSession(demo);
        staff.MapAccounts();
        staff.MapAudit();
        staff.MapBreakGlass();
        staff.MapMerges();
        staff.MapEnrolments();
        staff.MapRules();
        staff.MapAdjustments();
        staff.MapCoupons();
        staff.MapProducts();
        staff.MapStores();
        staff.MapImports();
        staff.MapMembers();
        staff.MapSmsDesk();
        staff.MapTipDesk();
        staff.MapCaseDesk();
        staff.MapSurveyDesk();
        staff.MapRecallDesk();
        staff.MapPrivacyRequests();
    }

    private static void MapMember(RouteGroupBuilder member)
    {
        member.MapMemberSession();
        member.MapMemberPhone();
        member.MapMemberProfile();
        member.MapMemberConsents();
        member.MapMemberPreferences();
        member.MapMemberGrants();
        member.MapMemberPrivacy();
        member.MapHome();
        member.MapMemberCode();
        member.MapMemberPoints();
        member.MapMemberTier();
        member.MapMemberCoupons();
        member.MapReferral();
        member.MapBirthday();
        member.MapMemberStores();
        member.MapInbox();
        member.MapCarePlan();
        member.MapTips();
        member.MapCases();
        member.MapSurveys();
        member.MapRecalls();
    }

    private static void MapPos(RouteGroupBuilder pos)
    {
        pos.MapTickets();
        pos.MapTotals();
        pos.MapCounter();
        pos.MapCheckout();
        pos.MapHealthStrip();
    }

    /// <summary>The address that a started host listens on.</summary>
    public static string Address(WebApplication app) => app.Urls.First();
}

/// <summary>Keeps this process's id number leased for as long as it lives.</summary>
internal sealed class NumberKeeper(IdGenerator ids, Clocks clocks, ILogger<NumberKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ids.RenewAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not NodeTakenException)
            {
                // Half of the lease is left when the first attempt fails: there is time for others.
                Log.NumberNotRenewed(logger, failure);
            }

            await Task.Delay(s_tick, clocks.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
