using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Members.Profiles;
using Engagement.Messaging.Reports;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage why MEMBER [CAMPAIGN]</c>: why a member got something, or did not, in plain words.</summary>
internal static class WhyVerb
{
    private const int Most = 5;

    private static readonly Argument<string> s_member = new("MEMBER") { Description = Speech.Say("会员号、姓名、手机号或尾号四位", "a member number, a name, a phone or its last four digits") };
    private static readonly Argument<string?> s_campaign = new("CAMPAIGN") { Description = Speech.Say("只看一个活动或自动任务", "only this campaign or automation"), Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("why", Speech.Say("为什么收到、为什么没收到", "why a member got something, or did not")) { s_member, s_campaign };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(EngageCommand.Data), parsed.GetRequiredValue(s_member), parsed.GetValue(s_campaign), ct));
        return command;
    }

    private static async Task<int> RunAsync(string data, string text, string? campaign, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(data), migrate: false, ct);
        await using var services = installation.Services();
        var store = services.GetRequiredService<MemberStore>();
        var found = await store.FindAsync(text, Most, ct);
        if (found.Count == 0)
        {
            await Console.Error.WriteLineAsync(Speech.Say($"没有找到会员“{text}”：请用会员号、姓名、手机号或尾号四位。", $"No member \"{text}\": give a member number, a name, a phone or its last four digits."));
            return 1;
        }

        var profiles = await store.ProfilesAsync(found, ct);
        var timeline = services.GetRequiredService<MemberTimeline>();
        foreach (var member in found)
        {
            var entries = await installation.Database.ReadAsync(session => timeline.ReadAsync(session, member, campaign), ct);
            Print(profiles[member], entries);
        }

        return 0;
    }

    private static void Print(MemberProfile member, IReadOnlyList<TimelineEntry> entries)
    {
        Console.WriteLine($"{member.Name?.Value ?? Speech.Say("（无姓名）", "(no name)")}  {member.Source} {member.MemberNo}  {member.Phone?.ToString() ?? Speech.Say("无手机号", "no phone")}");
        if (entries.Count == 0) Console.WriteLine(Speech.Say("  还没有任何消息。", "  Nothing has been said yet."));
        foreach (var entry in entries)
        {
            Console.WriteLine($"  {ChinaTime.In(entry.At):yyyy-MM-dd HH:mm}  {entry.Producer,-10} {entry.Title.Say()}");
            foreach (var detail in entry.Details) Console.WriteLine($"                                {detail.Say()}");
            foreach (var line in (entry.Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)) Console.WriteLine($"                              │ {line}");
        }
    }
}
