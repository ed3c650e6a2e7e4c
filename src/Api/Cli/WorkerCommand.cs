using System.CommandLine;
using Engagement.Api.Hosting;

namespace Engagement.Api.Cli;

/// <summary>A verb that sends: after a signal it may take its time to end in order, where every other verb just stops.</summary>
internal sealed class WorkerCommand(string name, string description) : Command(name, description)
{
    // The host gives up first.
    private static readonly TimeSpan s_patience = EngagementApp.LongestStop + TimeSpan.FromMinutes(1);

    /// <summary>How a parsed command line is run.</summary>
    public static InvocationConfiguration Configure(ParseResult parsed, TextWriter output, TextWriter error)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        if (parsed.CommandResult.Command is WorkerCommand) configuration.ProcessTerminationTimeout = s_patience;
        return configuration;
    }
}
