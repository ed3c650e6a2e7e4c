using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Messaging.Content;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage templates sync</c> and <c>engage templates providers</c>: the templates that WeChat has of ours.</summary>
internal static class TemplatesSyncVerb
{
    private const int Refused = 1;

    public static Command CreateSync()
    {
        var command = new Command("sync", Speech.Say("向微信查询模板的现状", "ask WeChat which templates there are"));
        command.SetAction(SyncAsync);
        return command;
    }

    public static Command CreateProviders()
    {
        var command = new Command("providers", Speech.Say("服务商处的模板及其状态", "the providers' templates and where they stand"));
        command.SetAction(ListAsync);
        return command;
    }

    private static async Task<int> SyncAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        await using var services = installation.Services();
        var output = parsed.InvocationConfiguration.Output;
        var done = await services.GetRequiredService<ProviderTemplates>().SyncAsync(ct);
        foreach (var sync in done)
        {
            await output.WriteLineAsync((sync.Problem is null
                ? new Phrase($"{sync.Provider}：{sync.Usable} 个可用，{sync.Gone} 个已不存在", $"{sync.Provider}: {sync.Usable} usable, {sync.Gone} gone")
                : new Phrase($"{sync.Provider}：查询失败（{sync.Problem}），没有改动", $"{sync.Provider}: could not be asked ({sync.Problem}); nothing was changed")).Say());
        }

        if (done.Count == 0) await output.WriteLineAsync(Speech.Say("没有配置微信账号", "no WeChat account is set up"));
        return done.Count > 0 && done.All(sync => sync.Problem is null) ? 0 : Refused;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        await using var services = installation.Services();
        foreach (var template in await services.GetRequiredService<ProviderTemplates>().AllAsync(ct))
        {
            var state = template.State switch
            {
                ProviderTemplateState.Usable => Speech.Say("可用", "usable"),
                ProviderTemplateState.Gone => Speech.Say("已不存在", "gone"),
                ProviderTemplateState.Refused => Speech.Say("被拒绝", "refused"),
            };
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{template.Provider}\t{template.TemplateId}\t{state}\t{ChinaTime.In(template.SeenAt):yyyy-MM-dd HH:mm}\t{template.Title}");
        }

        return 0;
    }
}
