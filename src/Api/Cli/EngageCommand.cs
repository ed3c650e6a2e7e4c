using System.CommandLine;
using System.CommandLine.Help;
using Engagement.Api.Hosting;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary>The verbs of the executable. Exit codes: 0 done, 1 refused with a reason, 2 wrong use.</summary>
internal static class EngageCommand
{
    private const int Refused = 1;
    private const int WrongUse = 2;

    /// <summary>The folder that holds the embedded database and the keys.</summary>
    internal static readonly Option<string> Data = new("--data")
    {
        Description = Speech.Say("数据文件夹", "the data folder"),
        HelpName = "DIR",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("ENGAGEMENT_DATA") is { Length: > 0 } named ? named : "data",
    };

    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        // No RootCommand: that one is called after the assembly, and people type "engage".
        var root = new Command("engage", Speech.Say("连锁药店的会员互动系统", "The customer engagement system of a pharmacy chain"))
        {
            new HelpOption(), Data, ServeVerb.Create(), MigrateVerb.Create(), DemoVerb.Create(), ImportVerb.Create(), TemplatesVerb.Create(), WhyVerb.Create(), OutboxVerb.Create(), WeChatVerb.Create(), StaffVerb.Create(), KeysVerb.Create(), PosKeysVerb.Create(),
        };
        var parsed = root.Parse(args is [] or ["help"] ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors) await error.WriteLineAsync(problem.Message);
            await error.WriteLineAsync(Speech.Say("用法见 engage help", "see engage help"));
            return WrongUse;
        }

        try
        {
            return await parsed.InvokeAsync(WorkerCommand.Configure(parsed, output, error));
        }
        catch (StorageException refusal)
        {
            await error.WriteLineAsync(refusal.Sentence.Say());
            return Refused;
        }
        catch (OperationCanceledException)
        {
            return Refused;
        }
    }
}
