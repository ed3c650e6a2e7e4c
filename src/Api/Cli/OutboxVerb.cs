using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Messaging;

namespace Engagement.Api.Cli;

/// <summary><c>engage outbox …</c>: what was to be said, what became of it, and what staff decide about it.</summary>
internal static class OutboxVerb
{
    public static Command Create()
    {
        var outbox = new Command("outbox", Speech.Say("发件箱：批次、失败与存疑的消息", "the outbox: runs, and messages that failed or are in doubt"))
        {
            OutboxListVerb.CreateList(), OutboxListVerb.CreateShow(), OutboxDeadLetterVerb.CreateRelease(), OutboxDeadLetterVerb.CreateClose(), OutboxListVerb.CreateSweeps(),
        };
        foreach (var command in OutboxRunsVerb.Create()) outbox.Add(command);
        return outbox;
    }
}

/// <summary>The options by which messages are picked.</summary>
internal static class OutboxOptions
{
    public static Option<string?> Reason() => new("--reason") { Description = Speech.Say("失败原因的代码，见 docs/reasons.md", "failed for this reason, a code of docs/reasons.md"), HelpName = "CODE" };

    public static Option<MessageKind?> Kind() => new("--kind")
    {
        Description = Speech.Say("消息种类", "of this kind"), HelpName = string.Join('|', Enum.GetNames<MessageKind>().Select(name => name.ToLowerInvariant())),
    };

    public static Option<long?> Run() => new("--run") { Description = Speech.Say("一次运行的编号", "of this run"), HelpName = "ID" };

    public static Option<DateTimeOffset?> Since() => new("--since") { Description = Speech.Say("从此时起失败的", "failed at this time or later"), HelpName = "TIME" };
}
