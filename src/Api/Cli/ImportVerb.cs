using System.CommandLine;

namespace Engagement.Api.Cli;

internal static class ImportVerb
{
    public static Command Create() => new("import");
}
