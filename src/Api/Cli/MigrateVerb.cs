using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage migrate</c>: brings the database to this build's schema.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var command = new Command("migrate", Speech.Say("升级数据库结构", "bring the database to this build's schema"));
        command.SetAction(async (parsed, ct) =>
        {
            await using var database = Database.Open(Settings.Database(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data))));
            var applied = await new Migrator(database, Installation.Schema, TimeProvider.System).ApplyAsync(ct);
            Console.WriteLine(Speech.Say($"应用了 {applied} 个结构升级", $"{applied} migration(s) applied"));
            return 0;
        });
        return command;
    }
}
