using System.CommandLine;
using Engagement.Api.Hosting;

namespace Engagement.Api.Cli;

/// <summary><c>engage outbox …</c>: what was to be said, and what became of it.</summary>
internal static class OutboxVerb
{
    public static Command Create()
    {
        var outbox = new Command("outbox", Speech.Say("发件箱：批次的查看、暂停、继续与取消", "the outbox: see, pause, resume and cancel runs"));
        foreach (var command in OutboxRunsVerb.Create()) outbox.Add(command);
        return outbox;
    }
}
