using Engagement.Api.Hosting;
using Engagement.Members.Staff;
using Engagement.Members.Surveys;
using Engagement.Members.Tips;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>The demo's health tips, reviewed as everywhere by pharmacists who did not write them, and a survey.</summary>
internal sealed class DemoCare(Installation installation, IServiceProvider services)
{
    private const int ValidDays = 300;

    private static readonly StaffId s_author = new(1), s_first = new(2), s_second = new(3);

    /// <summary>Publishes what is under <c>samples/tips</c>, and the survey.</summary>
    public async Task OpenAsync(CancellationToken ct)
    {
        var today = installation.Business.Today();
        await installation.Database.WriteAsync(async tx =>
        {
            await TipDesk.KeepLicenceAsync(tx, new PharmacistLicence(s_first, "林静", "330100000000001", "康宁大药房", today + ValidDays));
            await TipDesk.KeepLicenceAsync(tx, new PharmacistLicence(s_second, "周建国", "330100000000002", "康宁大药房", today + ValidDays));
        }, ct);
        var desk = services.GetRequiredService<TipDesk>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "samples", "tips"), "*.json").Order(StringComparer.Ordinal))
        {
            var tip = TipFile.Parse(await File.ReadAllTextAsync(file, ct));
            var (outcome, id, version, findings) = await desk.WriteAsync(null, 0, tip, ChinaTime.Date(today), ChinaTime.Date(today + ValidDays), s_author, ct);
            if (outcome != TipOutcome.Done) throw new InvalidOperationException($"The sample {tip.Code} cannot be published: {outcome} {string.Join("; ", findings)}");
            await desk.ReviewAsync(id, version, accept: true, s_first, ct);
            if (tip.Content.MedicineSafety) await desk.ReviewAsync(id, version, accept: true, s_second, ct);
        }

        var survey = new SurveyContent("最近一次到店服务评价", true,
        [
            new("overall", "总体来说，您满意吗？", QuestionKind.Score5) { Indicator = "overall" },
            new("consultation", "药师的解答清楚吗？", QuestionKind.Score5) { Indicator = "consultation" },
            new("price", "价格合适吗？", QuestionKind.Score5) { Indicator = "price", Optional = true },
            new("recommend", "您愿意向亲友推荐我们吗？（0 到 10 分）", QuestionKind.Score10) { Optional = true },
            new("words", "还想对我们说什么？", QuestionKind.Text),
        ]);
        await services.GetRequiredService<SurveyDesk>().PublishAsync("store_visit", survey, ChinaTime.Date(today + ValidDays), s_author, ct);
    }
}
