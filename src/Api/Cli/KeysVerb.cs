using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage keys create</c>: the keys that protect personal data.</summary>
internal static class KeysVerb
{
    public static Command Create()
    {
        var create = new Command("create", Speech.Say("生成新密钥（已有则拒绝）", "make new keys (refused when there are some)"));
        create.SetAction(parsed =>
        {
            var folder = Settings.Read(parsed.GetRequiredValue(EngageCommand.Data))["Keys:Folder"]!;
            KeyRing.Create(folder, demo: false);
            Console.WriteLine(Speech.Say($"密钥已写入 {folder}，请另行备份", $"Keys written to {folder}: back them up apart from the data"));
            return 0;
        });
        return new Command("keys", Speech.Say("管理密钥", "manage keys")) { create };
    }
}
