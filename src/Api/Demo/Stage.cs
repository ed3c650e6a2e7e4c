using Engagement.Api.Hosting;
using Spectre.Console;

namespace Engagement.Api.Demo;

/// <summary>What the demo shows on the terminal; plain lines when it is no terminal.</summary>
internal static class Stage
{
    /// <summary>A line in the language of the environment.</summary>
    public static void Line(string zh, string en) => Console.WriteLine(Speech.Say(zh, en));

    /// <summary>A headline.</summary>
    public static void Head(string zh, string en)
    {
        Console.WriteLine();
        if (AnsiConsole.Profile.Capabilities.Interactive) AnsiConsole.MarkupLineInterpolated($"[bold teal]{Speech.Say(zh, en)}[/]");
        else Console.WriteLine(Speech.Say(zh, en));
    }

    /// <summary>A bar that runs while <paramref name="work"/> reports how far it is; the result of the work.</summary>
    public static async Task<T> BarAsync<T>(string zh, string en, long total, Func<IProgress<Step>, Task<T>> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive) return await work(new Mute());
        return await AnsiConsole.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(Speech.Say(zh, en)), maxValue: Math.Max(1, total));
                return await work(new Bar(bar));
            });
    }

    /// <summary>How far a bar is.</summary>
    /// <param name="Done">So many of its total.</param>
    /// <param name="Text">What stands beside it; <c>null</c> leaves it as it is.</param>
    public readonly record struct Step(long Done, string? Text = null);

    private sealed class Mute : IProgress<Step>
    {
        public void Report(Step value)
        {
            // No terminal, no bar.
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<Step>
    {
        public void Report(Step value)
        {
            task.Value = value.Done;
            if (value.Text is { } text) task.Description = Markup.Escape(text);
        }
    }
}
