using Engagement.Api.Demo.Chain;
using Engagement.Members;
using Engagement.Messaging.Campaigns;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>The sample promotion. Its salt is chosen so that 周芳 of the story is among the held-out tenth; nothing else is arranged.</summary>
internal static class DemoCampaign
{
    /// <summary>A promotion for goods that are neither drug nor device.</summary>
    public const string Lawful = "winter_skin_care";

    /// <summary>A promotion that names a prescription medicine.</summary>
    public const string Unlawful = "lipid_week";

    private const string FindZhouFang = "SELECT id FROM member WHERE source = @source AND member_no = @number";

    public static async Task<Campaign> SubmitAsync(Database database, CampaignDesk desk, CancellationToken ct)
    {
        var file = DemoTemplates.Campaign(Lawful);
        var zhouFang = await database.ReadAsync(session => session.SingleOrDefaultAsync<long?>(
            FindZhouFang, new { source = Story.Source, number = Story.ZhouFang }), ct);
        var salt = file.Code;
        for (var i = 1; zhouFang is { } member && !Holdout.Contains(salt, new MemberId(member), (int)(file.HoldoutPercent * 100)); i++) salt = $"{file.Code}-{i}";
        return await desk.SubmitAsync(file, salt, ct);
    }
}
