using System.CommandLine;
using System.CommandLine.Parsing;
using Engagement.Api.Hosting;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;

namespace Engagement.Api.Cli;

/// <summary><c>engage outbox release | close</c>: what staff decide about messages that failed.</summary>
internal static class OutboxDeadLetterVerb
{
    private static readonly Argument<long?> s_message = new("MESSAGE") { Description = Speech.Say("消息编号", "a message's id"), Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> s_all = new("--all") { Description = Speech.Say("所有等待处理的失败消息", "every message that failed") };
    private static readonly Option<DateTimeOffset?> s_notAfter = new("--not-after") { Description = Speech.Say("新的最迟发送时间", "a new last moment to send them"), HelpName = "TIME" };
    private static readonly Option<string> s_by = new("--by") { Description = Speech.Say("谁的决定", "who decided"), HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };
    private static readonly Option<string?> s_reason = OutboxOptions.Reason();
    private static readonly Option<MessageKind?> s_kind = OutboxOptions.Kind();
    private static readonly Option<long?> s_run = OutboxOptions.Run();
    private static readonly Option<DateTimeOffset?> s_since = OutboxOptions.Since();

    public static Command CreateRelease()
    {
        var command = new Command("release", Speech.Say("让失败的消息重新待发", "send failed messages on their way again")) { s_message, s_reason, s_kind, s_run, s_since, s_all, s_notAfter, s_by };
        command.Validators.Add(NamesSome);
        command.SetAction((parsed, ct) => DecideAsync(parsed, (letters, filter) => letters.ReleaseAsync(
            filter, parsed.GetValue(s_notAfter)?.ToUnixTimeMilliseconds(), parsed.GetRequiredValue(s_by), ct), "已重新待发", "released", ct));
        return command;
    }

    public static Command CreateClose()
    {
        var command = new Command("close", Speech.Say("了结失败的消息，不再发送", "close failed messages; they are not sent")) { s_message, s_reason, s_kind, s_run, s_since, s_all, s_by };
        command.Validators.Add(NamesSome);
        command.SetAction((parsed, ct) => DecideAsync(parsed, (letters, filter) => letters.CloseAsync(filter, parsed.GetRequiredValue(s_by), ct), "已了结", "closed", ct));
        return command;
    }

    // Everything at once is said, never left out by mistake.
    private static void NamesSome(CommandResult result)
    {
        var named = result.GetValue(s_message) is not null;
        var filtered = result.GetValue(s_reason) is not null || result.GetValue(s_kind) is not null || result.GetValue(s_run) is not null || result.GetValue(s_since) is not null;
        var all = result.GetValue(s_all);
        if (!named && !filtered && !all) result.AddError(Speech.Say("请给出消息编号、筛选条件或 --all", "give a message, a filter or --all"));
        if ((named || filtered) && all) result.AddError(Speech.Say("--all 不能与消息编号或筛选条件一起用", "--all stands alone"));
    }

    private static async Task<int> DecideAsync(
        ParseResult parsed, Func<DeadLetterStore, DeadLetterFilter, Task<DeadLetterDecision>> decide, string zh, string en, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        await using var services = installation.Services();
        var decision = await decide(services.GetRequiredService<DeadLetterStore>(), new DeadLetterFilter(
            parsed.GetValue(s_message) is { } message ? new MessageId(message) : null, parsed.GetValue(s_reason), parsed.GetValue(s_kind),
            parsed.GetValue(s_run) is { } run ? new RunId(run) : null, parsed.GetValue(s_since)?.ToUnixTimeMilliseconds()));
        if (decision.Done > 0) Console.WriteLine(Speech.Say($"{zh} {decision.Done} 条", $"{decision.Done} {en}"));
        else if (decision.Refused.Count == 0) await Console.Error.WriteLineAsync(Speech.Say("没有符合条件的失败消息。", "No failed message matches."));
        foreach (var (reason, count) in decision.Refused)
        {
            var sentence = Reason.Sentence(reason).Say();
            await Console.Error.WriteLineAsync(Speech.Say($"{count} 条不能放行（{reason}）：{sentence}", $"{count} refused ({reason}): {sentence}"));
        }

        return decision.Done == 0 ? 1 : 0;
    }
}
