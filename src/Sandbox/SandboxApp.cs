using System.Net;
using Engagement.Sandbox.Aliyun;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Inbox;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Pushes;
using Engagement.Sandbox.Sms;
using Engagement.Sandbox.Tencent;
using Engagement.Sandbox.WeChat;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Engagement.Sandbox;

/// <summary>The composition: an imitation of the WeChat and SMS providers that listens on one loopback address.</summary>
public static class SandboxApp
{
    // A benchmark hands over a million grants in one body.
    private const long LargestBody = 512L * 1024 * 1024;

    /// <summary>Builds the sandbox without starting it. After the start, <c>app.Urls</c> holds its base URL.</summary>
    /// <param name="args">The command line: <c>--urls --ready-file --exit-with --fast</c>.</param>
    /// <exception cref="ArgumentException">The command line is not understood.</exception>
    public static WebApplication Build(string[] args)
    {
        var (options, error) = SandboxOptions.Parse(args);
        return options is not null ? Build(options) : throw new ArgumentException(error, nameof(args));
    }

    /// <summary>Runs until it is stopped, or until the process of <c>--exit-with</c> is gone.</summary>
    /// <returns>The exit code: 0, or 2 for a command line that is not understood.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var (options, error) = SandboxOptions.Parse(args);
        if (options is null)
        {
            await Console.Error.WriteLineAsync($"{error}\n{SandboxOptions.Usage}");
            return 2;
        }

        await using var app = Build(options, builder => builder.Host.UseConsoleLifetime());
        await app.StartAsync();
        Lifetime.Announce(app.Urls.First(), options.ReadyFile);

        if (options.ExitWith is { } pid)
            await Lifetime.WaitForExitOfAsync(pid, app.Lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await app.WaitForShutdownAsync();
        await app.StopAsync();
        return 0;
    }

    private static WebApplication Build(SandboxOptions options, Action<WebApplicationBuilder>? more = null)
    {
        // Empty on purpose: no configuration file or variable of the product may reach its counterpart.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options.Url));
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddRoutingCore();
        AddParts(builder.Services, options);
        more?.Invoke(builder);

        var app = builder.Build();
        app.Services.GetRequiredService<WeChatEndpoints>().Map(app);
        app.Services.GetRequiredService<ControlEndpoints>().Map(app);
        app.Services.GetRequiredService<RootEndpoint>().Map(app);
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        kestrel.Listen(IPAddress.Parse(url.Host.Trim('[', ']')), url.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static void AddParts(IServiceCollection services, SandboxOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SandboxClock>();
        services.AddSingleton<CurrentSetup>();
        services.AddSingleton<Faults>();
        services.AddSingleton<ControlEndpoints>();
        services.AddSingleton<ActEndpoints>();
        services.AddSingleton<RootEndpoint>();

        services.AddSingleton<MessageLedger>();
        services.AddSingleton<Counters>();
        services.AddSingleton<Receipts>();

        services.AddSingleton<WeChatAccounts>();
        services.AddSingleton<RidLog>();
        services.AddSingleton<WeChatGate>();
        services.AddSingleton<SendDesk>();
        services.AddSingleton<People>();
        services.AddSingleton<TokenCalls>();
        services.AddSingleton<SignInCalls>();
        services.AddSingleton<TemplateCalls>();
        services.AddSingleton<OfficialTemplateCalls>();
        services.AddSingleton<CustomerServiceCalls>();
        services.AddSingleton<FollowerCalls>();
        services.AddSingleton<LinkCalls>();
        services.AddSingleton<ContentCheckCalls>();
        services.AddSingleton<QuotaCalls>();
        services.AddSingleton<GrantLedger>();
        services.AddSingleton<SubscribeSend>();
        services.AddSingleton<WeChatAnswer>();
        services.AddSingleton<WeChatEndpoints>();

        services.AddSingleton<Gateway>();
        services.AddSingleton<FlowControl>();
        services.AddSingleton<OptOuts>();
        services.AddSingleton<SmsOutcomes>();
        services.AddSingleton<SmsSend>();
        services.AddSingleton<SendDetails>();
        services.AddSingleton<AliyunEndpoint>();

        services.AddSingleton<TencentGateway>();
        services.AddSingleton<TencentFlow>();
        services.AddSingleton<TencentSend>();
        services.AddSingleton<TencentOutcomes>();
        services.AddSingleton<TencentEndpoint>();

        AddLine<MiniProgramPushes>(services);
        AddLine<OfficialAccountPushes>(services);
        AddLine<SmsReportPushes>(services);
        AddLine<SmsUpPushes>(services);
        AddLine<TencentReportPushes>(services);
        AddLine<TencentReplyPushes>(services);
    }

    private static void AddLine<TLine>(IServiceCollection services)
        where TLine : PushLine
    {
        services.AddSingleton<TLine>();
        services.AddHostedService(provider => provider.GetRequiredService<TLine>());
    }
}
