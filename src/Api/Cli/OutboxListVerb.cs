using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage outbox list | show | sweeps</c>: looks, and changes nothing.</summary>
internal static class OutboxListVerb
{
    private const string InDoubt = "in-doubt";
    private const string Failed = "failed";

    private static readonly Option<string> s_state = new Option<string>("--state")
    {
        Description = Speech.Say("失败的，还是存疑的", "those that failed, or those in doubt"), DefaultValueFactory = _ => Failed,
    }.AcceptOnlyFromAmong(Failed, InDoubt);

    private static readonly Option<int> s_limit = new("--limit") { Description = Speech.Say("最多列出多少条", "at most so many"), HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Option<string?> s_reason = OutboxOptions.Reason();
    private static readonly Option<MessageKind?> s_kind = OutboxOptions.Kind();
    private static readonly Option<long?> s_run = OutboxOptions.Run();
    private static readonly Option<DateTimeOffset?> s_since = OutboxOptions.Since();
    private static readonly Argument<long> s_message = new("MESSAGE") { Description = Speech.Say("消息编号", "a message's id") };

    public static Command CreateList()
    {
        var command = new Command("list", Speech.Say("列出失败或存疑的消息", "list messages that failed or are in doubt")) { s_state, s_reason, s_kind, s_run, s_since, s_limit };
        command.Validators.Add(result =>
        {
            if (result.GetResult(s_limit) is { Implicit: false } limit && limit.GetValueOrDefault<int>() is < 1 or > 10_000) result.AddError(Speech.Say("--limit 应在 1 到 10000 之间", "--limit must be from 1 to 10000"));
            if (result.GetValue(s_state) == InDoubt && (result.GetValue(s_reason) is not null || result.GetValue(s_since) is not null))
                result.AddError(Speech.Say("--reason 和 --since 只用于失败的消息", "--reason and --since are for messages that failed"));
        });
        command.SetAction((parsed, ct) => parsed.GetRequiredValue(s_state) == InDoubt ? InDoubtAsync(parsed, ct) : FailedAsync(parsed, ct));
        return command;
    }

    public static Command CreateShow()
    {
        var command = new Command("show", Speech.Say("一条消息的来龙去脉", "all about one message")) { s_message };
        command.SetAction(ShowAsync);
        return command;
    }

    public static Command CreateSweeps()
    {
        var command = new Command("sweeps", Speech.Say("自动修复与裁定的次数", "how often something was mended or settled"));
        command.SetAction(SweepsAsync);
        return command;
    }

    private static async Task<int> FailedAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        var limit = parsed.GetValue(s_limit);
        var filter = new DeadLetterFilter(null, parsed.GetValue(s_reason), parsed.GetValue(s_kind), Run(parsed), parsed.GetValue(s_since)?.ToUnixTimeMilliseconds());
        var letters = await installation.Database.ReadAsync(session => DeadLetterStore.ListAsync(session, filter, null, limit + 1), ct);
        foreach (var letter in letters.Take(limit))
        {
            Console.WriteLine($"{letter.Message}  {At(letter.FailedAt)}  {Kind(letter.Kind),-12}  {letter.Reason}{(letter.Code is null ? "" : $" ({letter.Code})")}  {Reason.Sentence(letter.Reason).Say()}");
        }

        End(letters.Count, limit, Speech.Say("没有等待处理的失败消息。", "No failed message waits for anybody."));
        return 0;
    }

    private static async Task<int> InDoubtAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        var limit = parsed.GetValue(s_limit);
        var messages = await installation.Database.ReadAsync(session => OutboxView.InDoubtAsync(session, parsed.GetValue(s_kind), Run(parsed), null, limit + 1), ct);
        foreach (var message in messages.Take(limit))
        {
            Console.WriteLine($"{message.Id}  {At(message.IntentAt)}  {Kind(message.Kind),-12}  {message.Channel?.Code() ?? "-",-16}  {message.Code}  {Next(message)}");
        }

        End(messages.Count, limit, Speech.Say("没有存疑的消息。", "No message is in doubt."));
        return 0;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        var id = new MessageId(parsed.GetValue(s_message));
        if (await installation.Database.ReadAsync(session => OutboxView.FindAsync(session, id), ct) is not { } message)
        {
            await Console.Error.WriteLineAsync(Speech.Say($"没有编号为 {id} 的消息。", $"There is no message {id}."));
            return 1;
        }

        Console.WriteLine($"{message.Id}  {Kind(message.Kind)}  {State(message.State)}");
        if (message.Reason is { } reason) Console.WriteLine($"  {Reason.Sentence(reason).Say()}");
        Console.WriteLine(Speech.Say($"  运行 {message.Run}，最迟 {At(message.NotAfter)} 发送", $"  run {message.Run}, to be sent by {At(message.NotAfter)}"));
        foreach (var attempt in await installation.Database.ReadAsync(session => OutboxView.AttemptsAsync(session, id), ct))
        {
            if (attempt.No != message.AttemptNo) Console.WriteLine(Attempt(attempt.No, attempt.Channel, attempt.IntentAt, attempt.Code));
        }

        if (message.Channel is { } channel) Console.WriteLine(Attempt(message.AttemptNo, channel, message.IntentAt, message.Code));
        if (message.PossiblyTwice) Console.WriteLine(Speech.Say("  可能收到两次：前一次发送的结果无人可查", "  may have arrived twice: nobody could be asked about the send before"));
        if (message.State == MessageState.InDoubt) Console.WriteLine($"  {Next(message)}");
        return 0;
    }

    private static async Task<int> SweepsAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        var counts = await installation.Database.ReadAsync(SweepStore.AllAsync, ct);
        foreach (var count in counts)
        {
            Console.WriteLine($"{count.Name,-24}  {count.MendedTotal,9}  {Speech.Say("最近", "last")} {At(count.RanAt)}  {count.MendedLast,7}");
        }

        if (counts.Count == 0) Console.WriteLine(Speech.Say("还没有运行过。", "Nothing has run yet."));
        return 0;
    }

    private static string Attempt(int no, Channel channel, long? at, string? code) =>
        Speech.Say($"  第 {no} 次  {At(at)}  {Name(channel)}  {code ?? "—"}", $"  attempt {no}  {At(at)}  {Name(channel)}  {code ?? "-"}");

    private static string Next(OutboxMessage message) => message.ReadyAt is { } at
        ? Speech.Say($"{At(at)} 再查", $"looked at again {At(at)}")
        : Speech.Say("不再查询，只等回执", "not looked at any more; only a receipt can tell");

    private static string State(MessageState state) => state switch
    {
        MessageState.Pending => Speech.Say("待发送", "waiting to be sent"),
        MessageState.Sending => Speech.Say("正在发送", "on the wire"),
        MessageState.Sent => Speech.Say("已发送，等待回执", "sent, no receipt yet"),
        MessageState.Delivered => Speech.Say("已送达", "delivered"),
        MessageState.Undelivered => Speech.Say("未送达", "not delivered"),
        MessageState.Suppressed => Speech.Say("未发送", "not sent"),
        MessageState.Failed => Speech.Say("失败", "failed"),
        MessageState.InDoubt => Speech.Say("存疑", "in doubt"),
        _ => Speech.Say($"未知状态 {(int)state}", $"unknown state {(int)state}"),
    };

    // A row that was edited by hand may name a channel or a kind that there is not.
    private static string Name(Channel channel) => Enum.IsDefined(channel) ? channel.Code() : $"{(int)channel}?";

    private static string Kind(MessageKind kind) => Enum.IsDefined(kind) ? kind.ToString().ToLowerInvariant() : $"{(int)kind}?";

    private static RunId? Run(ParseResult parsed) => parsed.GetValue(s_run) is { } run ? new RunId(run) : null;

    private static string At(long? at) => at is { } ms ? $"{ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(ms)):yyyy-MM-dd HH:mm}" : "-";

    private static void End(int found, int limit, string none)
    {
        if (found == 0) Console.WriteLine(none);
        else if (found > limit) Console.WriteLine(Speech.Say("……还有更多，用 --limit 多列一些", "… there are more; use --limit to see them"));
    }
}
